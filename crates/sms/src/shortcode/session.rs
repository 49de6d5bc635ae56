//! The short code's side of SMPP 3.4, without sockets: octets in, events and octets out.

use std::io;
use std::time::Instant;

use super::{NotTaken, ShortCodeSettings};
use crate::message::{Assembled, Parts, text};
use crate::pdu::{
    BIND_TRANSCEIVER, DATA_SM, DELIVER_SM, ENQUIRE_LINK, HEADER, Header, PDU_MAX, RESPONSE, ROK,
    RX_R_APPN, RX_T_APPN, SUBMIT_SM, UNBIND, header, message, respond, source_address,
};

/// Octets of the longest account and password.
const ACCOUNT_MAX: usize = 15;
const PASSWORD_MAX: usize = 8;
/// Octets of the longest address.
const ADDRESS_MAX: usize = 20;

/// Whom a message came from, as the SMSC names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) ton: u8,
    pub(super) npi: u8,
    pub(super) number: Vec<u8>,
}

/// A whole message, not acknowledged yet.
#[derive(Debug)]
pub(super) struct Forwarded {
    head: Header,
    pub(super) text: String,
    pub(super) customer: Customer,
}

/// What the SMSC did.
#[derive(Debug)]
pub(super) enum Event {
    /// It took the bind.
    Bound,
    /// It refused the bind.
    Refused(u32),
    /// A customer forwarded this.
    Text(Forwarded),
    /// A customer sent what holds no text; it was refused.
    NoText,
}

/// The session of one connection.
#[derive(Debug)]
pub(super) struct Session {
    bound: bool,
    sequence: u32,
    waiting: Vec<u8>,
    parts: Parts,
    /// What is to be sent.
    pub(super) out: Vec<u8>,
}

impl Session {
    /// Begins with a bind as a transceiver.
    pub(super) fn bind(settings: &ShortCodeSettings) -> io::Result<Self> {
        let (account, password) = (settings.account.as_bytes(), settings.password.as_bytes());
        let fits = |text: &[u8], most| text.len() <= most && !text.contains(&0);
        if !fits(account, ACCOUNT_MAX) || !fits(password, PASSWORD_MAX) {
            let why = "an account has at most 15 octets at an SMSC, a password at most 8";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let mut body = Vec::new();
        for text in [account, password, b""] {
            body.extend_from_slice(text);
            body.push(0);
        }
        // Version 3.4; the SMSC knows which numbers are the account's.
        body.extend_from_slice(&[0x34, 0, 0, 0]);
        let mut session = Self {
            bound: false,
            sequence: 0,
            waiting: Vec::new(),
            parts: Parts::default(),
            out: Vec::new(),
        };
        session.request(BIND_TRANSCEIVER, &body);
        Ok(session)
    }

    /// Whether the SMSC took the bind.
    pub(super) fn is_bound(&self) -> bool {
        self.bound
    }

    /// Asks whether the SMSC is there.
    pub(super) fn enquire(&mut self) {
        self.request(ENQUIRE_LINK, b"");
    }

    /// Takes octets of the SMSC.
    pub(super) fn receive(&mut self, octets: &[u8], now: Instant) -> io::Result<Vec<Event>> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(octets);
        let (mut at, mut events) = (0, Vec::new());
        while let Some(head) = header(&waiting[at..]) {
            if !(HEADER..=PDU_MAX).contains(&head.length) {
                let why = "the SMSC sent a PDU of a length that none has";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            let Some(pdu) = waiting.get(at..at + head.length) else { break };
            events.extend(self.pdu(&head, pdu, now)?);
            at += head.length;
        }
        waiting.drain(..at);
        self.waiting = waiting;
        Ok(events)
    }

    fn pdu(&mut self, head: &Header, pdu: &[u8], now: Instant) -> io::Result<Option<Event>> {
        match head.command {
            DELIVER_SM | DATA_SM if self.bound => Ok(self.message(head, pdu, now)),
            ENQUIRE_LINK => {
                respond(head, ROK, &mut self.out);
                Ok(None)
            }
            UNBIND => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the SMSC unbinds")),
            command if command == BIND_TRANSCEIVER | RESPONSE => {
                self.bound = head.status == ROK;
                Ok(Some(if self.bound { Event::Bound } else { Event::Refused(head.status) }))
            }
            // Answers to thanks and enquiries need nothing further.
            command if command & RESPONSE != 0 => Ok(None),
            _ => {
                let why = "the SMSC asked for what it can't ask here";
                Err(io::Error::new(io::ErrorKind::InvalidData, why))
            }
        }
    }

    fn message(&mut self, head: &Header, pdu: &[u8], now: Instant) -> Option<Event> {
        let read = message(head.command, pdu);
        if read.as_ref().is_some_and(|message| message.is_receipt) {
            respond(head, ROK, &mut self.out);
            return None;
        }
        let parsed = read.as_ref().and_then(|message| Some((message, text(message)?)));
        let Some((message, text)) = parsed else {
            respond(head, RX_R_APPN, &mut self.out);
            return Some(Event::NoText);
        };
        let whole = match message.part {
            None => text,
            Some(part) => match self.parts.assemble(message, part, text, now) {
                Assembled::Whole(text) => text,
                Assembled::Awaited => {
                    respond(head, ROK, &mut self.out);
                    return None;
                }
            },
        };
        let (ton, npi) = source_address(pdu)?;
        let customer = Customer { ton, npi, number: message.source.to_vec() };
        Some(Event::Text(Forwarded { head: *head, text: whole, customer }))
    }

    /// Acknowledges a message that was taken, or says why not.
    pub(super) fn answer(&mut self, message: &Forwarded, not_taken: Option<NotTaken>) {
        let status = match not_taken {
            None => ROK,
            Some(NotTaken::Later) => RX_T_APPN,
            Some(NotTaken::Never) => RX_R_APPN,
        };
        respond(&message.head, status, &mut self.out);
    }

    /// Sends a text of the GSM alphabet from the short code to a customer.
    pub(super) fn submit(&mut self, code: &str, to: &Customer, text: &[u8]) {
        let Ok(length) = u8::try_from(text.len()) else { return };
        if code.len() > ADDRESS_MAX || to.number.len() > ADDRESS_MAX {
            return;
        }
        // No service type; a short code is a number of the network's own, of no plan.
        let mut body = vec![0, 3, 0];
        body.extend_from_slice(code.as_bytes());
        body.extend_from_slice(&[0, to.ton, to.npi]);
        body.extend_from_slice(&to.number);
        // Plain, no protocol, no priority, at once, no end, no receipt, GSM alphabet.
        body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, length]);
        body.extend_from_slice(text);
        self.request(SUBMIT_SM, &body);
    }

    fn request(&mut self, command: u32, body: &[u8]) {
        // Sequence numbers run from 1 to 0x7FFFFFFF.
        self.sequence = self.sequence % 0x7FFF_FFFF + 1;
        let length = u32::try_from(HEADER + body.len()).expect("a request of ours is short");
        for word in [length, command, ROK, self.sequence] {
            self.out.extend_from_slice(&word.to_be_bytes());
        }
        self.out.extend_from_slice(body);
    }
}

#[cfg(test)]
mod tests;
