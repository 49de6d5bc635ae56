//! Sockets that share one port: the kernel spreads clients over them, so that
//! each thread has a socket of its own.

#![allow(unsafe_code, reason = "options that the standard library does not set")]

use std::io;
use std::mem::size_of;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// What the kernel may hold for a thread that is busy: a few thousand queries.
const BUFFER_OCTETS: i32 = 4 << 20;

/// A UDP socket at `address`, beside others that were made so. Where the address
/// is unspecified, the kernel reports at which one each datagram came.
///
/// # Errors
/// What the system says.
pub fn listen(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: no pointer is passed.
    let fd = unsafe { libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and owned by nothing else.
    let socket = UdpSocket::from(unsafe { OwnedFd::from_raw_fd(fd) });
    set(&socket, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    for (plain, forced) in
        [(libc::SO_RCVBUF, libc::SO_RCVBUFFORCE), (libc::SO_SNDBUF, libc::SO_SNDBUFFORCE)]
    {
        // Only a privileged process may go past the system's limit; less is no failure.
        if set(&socket, libc::SOL_SOCKET, forced, BUFFER_OCTETS).is_err() {
            let _ = set(&socket, libc::SOL_SOCKET, plain, BUFFER_OCTETS);
        }
    }
    if address.ip().is_unspecified() {
        match address {
            SocketAddr::V4(_) => set(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?,
            SocketAddr::V6(_) => set(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?,
        }
    }
    bind(&socket, address)?;
    Ok(socket)
}

fn set(socket: &UdpSocket, level: i32, option: i32, value: i32) -> io::Result<()> {
    let octets = libc::socklen_t::try_from(size_of::<i32>()).unwrap_or_default();
    let at = (&raw const value).cast();
    // SAFETY: `at` points to a local of `octets` octets.
    let done = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, at, octets) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn bind(socket: &UdpSocket, address: SocketAddr) -> io::Result<()> {
    match address {
        SocketAddr::V4(v4) => {
            let raw = libc::sockaddr_in {
                sin_family: libc::sa_family_t::try_from(libc::AF_INET).unwrap_or_default(),
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from(*v4.ip()).to_be() },
                sin_zero: [0; 8],
            };
            bind_raw(socket, &raw)
        }
        SocketAddr::V6(v6) => {
            let raw = libc::sockaddr_in6 {
                sin6_family: libc::sa_family_t::try_from(libc::AF_INET6).unwrap_or_default(),
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
            bind_raw(socket, &raw)
        }
    }
}

fn bind_raw<T>(socket: &UdpSocket, address: &T) -> io::Result<()> {
    let octets = libc::socklen_t::try_from(size_of::<T>()).unwrap_or_default();
    let at = (&raw const *address).cast();
    // SAFETY: `at` points to an address of `octets` octets, whose kind its first field says.
    let done = unsafe { libc::bind(socket.as_raw_fd(), at, octets) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
