//! The memory that the kernel reads and writes: buffers, addresses, and the
//! headers that point to them.
//!
//! Invariants that every unsafe block here relies on:
//! 1. `Memory` is allocated once, never moved, and freed when its owner is dropped.
//! 2. No reference to a whole `Memory` exists while a header points into it: all
//!    access goes through the raw pointer that the headers were made from.
//! 3. Every header points to the buffer, address and control of its own number, and
//!    states no more octets than that buffer has.

#![allow(unsafe_code, reason = "the structures that system calls fill are raw pointers")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr::{NonNull, addr_of_mut};

use crate::batch::{DATAGRAM_OCTETS_MAX, SLOTS};

/// Not a power of two: buffers at the same offset must not share a set of the cache.
const STRIDE: usize = DATAGRAM_OCTETS_MAX + 64;
/// Room for the address that a datagram was sent to.
const CONTROL_OCTETS: usize = 64;

#[repr(C, align(64))]
struct Raw {
    buffers: [[u8; STRIDE]; SLOTS],
    addresses: [libc::sockaddr_storage; SLOTS],
    controls: [Control; SLOTS],
    received: [libc::iovec; SLOTS],
    sent: [libc::iovec; SLOTS],
    receiving: [libc::mmsghdr; SLOTS],
    sending: [libc::mmsghdr; SLOTS],
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
struct Control([u8; CONTROL_OCTETS]);

/// The owner of one [`Raw`].
#[derive(Debug)]
pub(crate) struct Memory {
    raw: NonNull<Raw>,
    controls: bool,
}

// SAFETY: the memory belongs to this owner alone (invariant 1); nothing in it is tied to a thread.
unsafe impl Send for Memory {}

/// How an answer gets back: to whom, and from which of our addresses.
#[derive(Clone, Copy)]
pub struct ReturnPath {
    address: libc::sockaddr_storage,
    address_octets: libc::socklen_t,
    control: Control,
    control_octets: usize,
}

impl Memory {
    /// Zeroed memory; `controls` where the kernel reports the address sent to.
    pub(crate) fn new(controls: bool) -> Self {
        let layout = Layout::new::<Raw>();
        // SAFETY: the layout is not empty.
        let allocated = unsafe { alloc_zeroed(layout) };
        let Some(raw) = NonNull::new(allocated.cast::<Raw>()) else { handle_alloc_error(layout) };
        let memory = Self { raw, controls };
        for slot in 0..SLOTS {
            memory.arm(slot);
        }
        memory
    }

    fn buffer(&self, slot: usize) -> *mut u8 {
        assert!(slot < SLOTS);
        // SAFETY: `raw` is live (invariant 1) and `slot` is within the array.
        unsafe { addr_of_mut!((*self.raw.as_ptr()).buffers[slot]).cast() }
    }

    fn address(&self, slot: usize) -> *mut libc::sockaddr_storage {
        assert!(slot < SLOTS);
        // SAFETY: as for `buffer`.
        unsafe { addr_of_mut!((*self.raw.as_ptr()).addresses[slot]) }
    }

    fn control(&self, slot: usize) -> *mut Control {
        assert!(slot < SLOTS);
        // SAFETY: as for `buffer`.
        unsafe { addr_of_mut!((*self.raw.as_ptr()).controls[slot]) }
    }

    fn receiving(&self, slot: usize) -> *mut libc::mmsghdr {
        assert!(slot < SLOTS);
        // SAFETY: as for `buffer`.
        unsafe { addr_of_mut!((*self.raw.as_ptr()).receiving[slot]) }
    }

    fn sending(&self, slot: usize) -> *mut libc::mmsghdr {
        assert!(slot < SLOTS);
        // SAFETY: as for `buffer`.
        unsafe { addr_of_mut!((*self.raw.as_ptr()).sending[slot]) }
    }

    /// Makes a slot ready to receive.
    pub(crate) fn arm(&self, slot: usize) {
        let (buffer, address, control) =
            (self.buffer(slot), self.address(slot), self.control(slot));
        // SAFETY: as for `buffer`.
        let vector = unsafe { addr_of_mut!((*self.raw.as_ptr()).received[slot]) };
        let iovec = libc::iovec { iov_base: buffer.cast(), iov_len: DATAGRAM_OCTETS_MAX };
        // SAFETY: `vector` points to a live element; no reference to it exists (invariant 2).
        unsafe { vector.write(iovec) };
        // SAFETY: all fields of the header may be zero.
        let mut header: libc::mmsghdr = unsafe { MaybeUninit::zeroed().assume_init() };
        header.msg_hdr.msg_name = address.cast();
        header.msg_hdr.msg_namelen = octets_of::<libc::sockaddr_storage>();
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_iovlen = 1;
        if self.controls {
            header.msg_hdr.msg_control = control.cast();
            header.msg_hdr.msg_controllen = CONTROL_OCTETS as _;
        }
        // SAFETY: as for `vector`.
        unsafe { self.receiving(slot).write(header) };
    }

    /// Waits for one datagram, and takes up to [`SLOTS`] that are there.
    pub(crate) fn receive(&self, socket: &UdpSocket) -> io::Result<usize> {
        let (fd, headers) = (socket.as_raw_fd(), self.receiving(0));
        let slots = u32::try_from(SLOTS).unwrap_or_default();
        let flags = libc::MSG_WAITFORONE;
        // SAFETY: `headers` are SLOTS headers, each armed with a buffer of its own (invariant 3).
        let count = unsafe { libc::recvmmsg(fd, headers, slots, flags as _, std::ptr::null_mut()) };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }

    /// How many octets a received slot holds.
    pub(crate) fn received_octets(&self, slot: usize) -> usize {
        // SAFETY: the header is initialised, and the kernel no longer writes to it.
        let octets = unsafe { (*self.receiving(slot)).msg_len };
        usize::try_from(octets).map_or(0, |octets| octets.min(DATAGRAM_OCTETS_MAX))
    }

    /// A slot's buffer.
    pub(crate) fn octets(&mut self, slot: usize) -> &mut [u8] {
        // SAFETY: the buffer is live and initialised; `&mut self` keeps every other access out.
        unsafe { std::slice::from_raw_parts_mut(self.buffer(slot), DATAGRAM_OCTETS_MAX) }
    }

    /// Who sent a received slot.
    pub(crate) fn client(&self, slot: usize) -> Option<SocketAddr> {
        // SAFETY: the storage is initialised: zeroed at first, then written by the kernel.
        let storage = unsafe { self.address(slot).read() };
        to_address(&storage)
    }

    /// Prepares header `place` to send the first `octets` of `slot` to its client.
    pub(crate) fn prepare(&mut self, place: usize, slot: usize, octets: usize) {
        assert!(octets <= DATAGRAM_OCTETS_MAX);
        // SAFETY: the header is initialised, and the kernel no longer writes to it.
        let received = unsafe { self.receiving(slot).read() };
        assert!(place < SLOTS);
        // SAFETY: as for `buffer`.
        let vector = unsafe { addr_of_mut!((*self.raw.as_ptr()).sent[place]) };
        let iovec = libc::iovec { iov_base: self.buffer(slot).cast(), iov_len: octets };
        // SAFETY: `vector` points to a live element; no reference to it exists (invariant 2).
        unsafe { vector.write(iovec) };
        let mut header = received;
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_flags = 0;
        // SAFETY: as for `vector`.
        unsafe { self.sending(place).write(header) };
    }

    /// Sends prepared headers from `first` to before `end`; how many went out.
    pub(crate) fn send(&self, socket: &UdpSocket, first: usize, end: usize) -> io::Result<usize> {
        assert!(first < end && end <= SLOTS);
        let (fd, headers) = (socket.as_raw_fd(), self.sending(first));
        let count = u32::try_from(end - first).unwrap_or_default();
        // SAFETY: these headers were prepared: each points to its slot's buffer and address.
        let sent = unsafe { libc::sendmmsg(fd, headers, count, 0) };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// The way back to the client of a received slot.
    pub(crate) fn return_path(&self, slot: usize) -> ReturnPath {
        // SAFETY: the header is initialised, and the kernel no longer writes to it.
        let header = unsafe { self.receiving(slot).read() }.msg_hdr;
        // SAFETY: the storage is initialised.
        let address = unsafe { self.address(slot).read() };
        // SAFETY: the control is initialised.
        let control = unsafe { self.control(slot).read() };
        #[expect(clippy::unnecessary_cast, reason = "its type differs between C libraries")]
        let control_octets = if self.controls { header.msg_controllen as usize } else { 0 };
        ReturnPath {
            address,
            address_octets: header.msg_namelen.min(octets_of::<libc::sockaddr_storage>()),
            control,
            control_octets: control_octets.min(CONTROL_OCTETS),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed nowhere else.
        unsafe { dealloc(self.raw.as_ptr().cast(), Layout::new::<Raw>()) };
    }
}

impl ReturnPath {
    /// Sends one datagram this way, or none where the socket has no room now.
    ///
    /// # Errors
    /// What the system says.
    pub fn send(&self, socket: &UdpSocket, octets: &[u8]) -> io::Result<()> {
        let mut this = *self;
        let mut vector =
            libc::iovec { iov_base: octets.as_ptr().cast_mut().cast(), iov_len: octets.len() };
        // SAFETY: all fields of the header may be zero.
        let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
        header.msg_name = addr_of_mut!(this.address).cast();
        header.msg_namelen = this.address_octets;
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        if this.control_octets > 0 {
            header.msg_control = addr_of_mut!(this.control).cast();
            header.msg_controllen = this.control_octets as _;
        }
        // SAFETY: the header points to locals that outlive the call; the kernel only reads them.
        let sent =
            unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, libc::MSG_DONTWAIT) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl std::fmt::Debug for ReturnPath {
    /// Without the client's address: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReturnPath")
    }
}

fn octets_of<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(size_of::<T>()).unwrap_or_default()
}

fn to_address(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let at: *const libc::sockaddr_storage = storage;
    match i32::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the storage is as large and aligned as any address, and says that it is this kind.
            let v4 = unsafe { at.cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
            Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { at.cast::<libc::sockaddr_in6>().read() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            let (port, scope) = (u16::from_be(v6.sin6_port), v6.sin6_scope_id);
            Some(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, scope).into())
        }
        _ => None,
    }
}
