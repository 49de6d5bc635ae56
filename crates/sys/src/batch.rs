//! A batch: datagrams received together, answered in their own buffers, and
//! sent together. Never allocates after it is made.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::memory::{Memory, ReturnPath};

/// Datagrams of one batch.
pub const SLOTS: usize = 64;
/// The longest datagram; what is beyond is cut.
pub const DATAGRAM_OCTETS_MAX: usize = 4_096;

/// Room for [`SLOTS`] datagrams.
#[derive(Debug)]
pub struct Batch {
    memory: Memory,
    received: usize,
    prepared: usize,
}

impl Batch {
    /// An empty batch. `any_address` says that the socket is bound to all addresses
    /// of the machine, so that each answer must name the one it was asked at.
    pub fn new(any_address: bool) -> Self {
        Self { memory: Memory::new(any_address), received: 0, prepared: 0 }
    }

    /// Waits for datagrams and takes those that are there; what was received or
    /// prepared before is forgotten.
    ///
    /// # Errors
    /// What the system says, such as that the socket's time is over.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        for slot in 0..self.received {
            self.memory.arm(slot);
        }
        (self.received, self.prepared) = (0, 0);
        self.received = self.memory.receive(socket)?;
        Ok(self.received)
    }

    /// The buffer of a received datagram, and how many octets of it came.
    ///
    /// # Panics
    /// Where no datagram was received in this slot.
    pub fn datagram(&mut self, slot: usize) -> (&mut [u8], usize) {
        assert!(slot < self.received);
        let octets = self.memory.received_octets(slot);
        (self.memory.octets(slot), octets)
    }

    /// Who sent it.
    ///
    /// # Panics
    /// Where no datagram was received in this slot.
    pub fn client(&self, slot: usize) -> Option<SocketAddr> {
        assert!(slot < self.received);
        self.memory.client(slot)
    }

    /// How an answer gets back to who sent it, for later.
    ///
    /// # Panics
    /// Where no datagram was received in this slot.
    pub fn return_path(&self, slot: usize) -> ReturnPath {
        assert!(slot < self.received);
        self.memory.return_path(slot)
    }

    /// Prepares the first `octets` of the slot's buffer to be sent back.
    ///
    /// # Panics
    /// Where no datagram was received in this slot, or more than each was answered.
    pub fn answer(&mut self, slot: usize, octets: usize) {
        assert!(slot < self.received);
        self.memory.prepare(self.prepared, slot, octets);
        self.prepared += 1;
    }

    /// Sends what was prepared; how many could not be sent. A client that can't be
    /// reached does not keep others from their answers.
    pub fn send(&mut self, socket: &UdpSocket) -> usize {
        let (mut at, mut lost) = (0, 0);
        while at < self.prepared {
            match self.memory.send(socket, at, self.prepared) {
                Ok(0) => break,
                Ok(sent) => at += sent,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    at += 1;
                    lost += 1;
                }
            }
        }
        self.prepared = 0;
        lost
    }
}

#[cfg(test)]
mod tests;
