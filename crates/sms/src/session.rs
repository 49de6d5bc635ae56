//! One peer and its SMSC, without sockets: octets in on either side, octets out on both.
//!
//! A PDU goes on as it came, sequence number included, so that whatever the two speak
//! (binds, windows, enquiries) stays between them. Only a message that is refused is
//! answered here. Order is kept: what one side sent first, the other receives first.

use std::time::Instant;

use belfry_likeness::Scratch;

use crate::message::{Parts, SoFar, text};
use crate::pdu::{
    DATA_SM, DELIVER_SM, HEADER, Header, Message, PDU_MAX, RESPONSE, ROK, RSUBMITFAIL, RSYSERR,
    RTHROTTLED, RX_R_APPN, SUBMIT_SM, header, message, respond,
};
use crate::{Decision, Filter};

/// Why a connection must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A PDU claims a length that none has.
    Length,
}

/// Which side octets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Peer,
    Smsc,
}

/// The session of one connection.
#[derive(Debug)]
pub(crate) struct Session {
    filter: Filter,
    scratch: Scratch,
    parts: Parts,
    window_max: usize,
    /// Messages of the peer that the SMSC has not answered yet.
    under_way: usize,
    peer_in: Vec<u8>,
    smsc_in: Vec<u8>,
    /// What is to be sent to the peer.
    pub(crate) to_peer: Vec<u8>,
    /// What is to be sent to the SMSC.
    pub(crate) to_smsc: Vec<u8>,
}

impl Session {
    /// A session in which the peer may have `window_max` messages under way.
    pub(crate) fn new(filter: Filter, window_max: usize) -> Self {
        Self {
            filter,
            scratch: Scratch::default(),
            parts: Parts::default(),
            window_max,
            under_way: 0,
            peer_in: Vec::new(),
            smsc_in: Vec::new(),
            to_peer: Vec::new(),
            to_smsc: Vec::new(),
        }
    }

    /// Takes octets of one side.
    pub(crate) fn receive(
        &mut self,
        side: Side,
        octets: &[u8],
        now: Instant,
    ) -> Result<(), Broken> {
        let mut waiting = std::mem::take(self.waiting(side));
        waiting.extend_from_slice(octets);
        let mut at = 0;
        while let Some(head) = header(&waiting[at..]) {
            if !(HEADER..=PDU_MAX).contains(&head.length) {
                return Err(Broken::Length);
            }
            let Some(pdu) = waiting.get(at..at + head.length) else { break };
            self.pdu(side, &head, pdu, now);
            at += head.length;
        }
        waiting.drain(..at);
        *self.waiting(side) = waiting;
        Ok(())
    }

    fn waiting(&mut self, side: Side) -> &mut Vec<u8> {
        match side {
            Side::Peer => &mut self.peer_in,
            Side::Smsc => &mut self.smsc_in,
        }
    }

    fn pdu(&mut self, side: Side, head: &Header, pdu: &[u8], now: Instant) {
        let is_message = matches!(head.command, SUBMIT_SM | DATA_SM | DELIVER_SM);
        if is_message && let Some(status) = self.refusal(side, head, pdu, now) {
            let back = match side {
                Side::Peer => &mut self.to_peer,
                Side::Smsc => &mut self.to_smsc,
            };
            return respond(head, status, back);
        }
        self.count(side, head);
        match side {
            Side::Peer => self.to_smsc.extend_from_slice(pdu),
            Side::Smsc => self.to_peer.extend_from_slice(pdu),
        }
    }

    /// Keeps count of the messages under way to the SMSC.
    fn count(&mut self, side: Side, head: &Header) {
        match (side, head.command) {
            (Side::Peer, SUBMIT_SM | DATA_SM) => self.under_way += 1,
            (Side::Smsc, command)
                if command == SUBMIT_SM | RESPONSE || command == DATA_SM | RESPONSE =>
            {
                self.under_way = self.under_way.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// The status by which a message is answered instead of passed on.
    fn refusal(&mut self, side: Side, head: &Header, pdu: &[u8], now: Instant) -> Option<u32> {
        if side == Side::Peer && self.under_way >= self.window_max {
            return Some(RTHROTTLED);
        }
        // What can't be read holds no text that a template is like; the SMSC will refuse it.
        let message = message(head.command, pdu)?;
        if message.is_receipt {
            return None;
        }
        let text = text(&message)?;
        match self.decide(&message, text, now) {
            Decision::Pass | Decision::Counted(_) => None,
            Decision::Drop(_) => Some(ROK),
            Decision::Unavailable => Some(RSYSERR),
            Decision::Reject(_) if side == Side::Peer => Some(RSUBMITFAIL),
            Decision::Reject(_) => Some(RX_R_APPN),
        }
    }

    fn decide(&mut self, message: &Message<'_>, text: String, now: Instant) -> Decision {
        let Some(part) = message.part else { return self.filter.decide(&text, &mut self.scratch) };
        let text = match self.parts.add(message, part, text, now) {
            SoFar::Text(text) => text,
            SoFar::Refused(decision) => return decision,
        };
        let decision = self.filter.decide(&text, &mut self.scratch);
        if matches!(decision, Decision::Reject(_) | Decision::Drop(_)) {
            self.parts.refuse(message, part, decision);
        }
        decision
    }
}

#[cfg(test)]
mod tests;
