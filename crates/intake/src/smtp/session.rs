//! One SMTP conversation without a socket: bytes in, [`Event`]s out.
//!
//! [`Session::step`] takes bytes until something has to be done and says what.
//! It holds one command line, one mail and two events at most. It never answers
//! a mail itself: that is for [`Session::delivered`], once the mail is durable.

use std::collections::VecDeque;
use std::sync::Arc;

use super::address::{Accepted, Recipients};
use super::command::{self, Command};
use super::content::{ContentReader, Taken};
use super::line::{Line, LineReader};
use super::reply::{self, Reply};
use super::settings::SmtpSettings;

/// What a session holds its client to.
#[derive(Clone, Debug)]
pub struct Rules {
    settings: SmtpSettings,
    recipients: Recipients,
    tls: bool,
}

impl Rules {
    /// The rules that `settings` ask for; `tls` offers STARTTLS.
    pub fn new(settings: &SmtpSettings, tls: bool) -> Self {
        let recipients = Recipients::new(&settings.recipients);
        Self { settings: settings.clone(), recipients, tls }
    }
}

/// What the caller has to do next, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Send this.
    Reply(Reply),
    /// Throw away what was read and not yet taken, begin TLS, then call [`Session::tls_started`].
    StartTls,
    /// Store this, then call [`Session::delivered`].
    Deliver(Mail),
    /// Close the connection.
    Close,
}

/// One mail with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// From whom to whom.
    pub envelope: Envelope,
    /// The content, byte for byte as the client had it.
    pub bytes: Vec<u8>,
}

/// From whom to whom, as the client said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The reverse path; `None` for `<>`.
    pub sender: Option<String>,
    /// The recipients, in order; never empty in a [`Mail`]. Not kept with the report.
    pub recipients: Vec<String>,
    /// What the client called itself.
    pub helo: String,
    /// The configured entry that the first recipient was accepted by; kept with the report.
    pub mailbox: Option<String>,
}

/// A mail could not be stored; the client is asked to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// Something of ours failed.
    Failed,
    /// There is no room for it just now.
    Busy,
    /// Its client has sent too many.
    TooOften,
}

impl Undelivered {
    fn reply(self) -> Reply {
        match self {
            Undelivered::Failed => reply::NOT_STORED,
            Undelivered::Busy => reply::BUSY,
            Undelivered::TooOften => reply::TOO_OFTEN,
        }
    }
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    rules: Arc<Rules>,
    state: State,
    line: LineReader,
    /// What the client calls itself, once it has said so.
    helo: Option<String>,
    encrypted: bool,
    transaction: Option<Transaction>,
    /// Why mails are put off, where they are.
    put_off: Option<Undelivered>,
    events: VecDeque<Event>,
    errors: u32,
    /// Since the last mail.
    commands: u32,
    mails: u32,
    /// Octets thrown away since the connection began.
    drained_bytes: u64,
}

/// What the next byte is part of.
#[derive(Debug)]
enum State {
    /// A command line.
    Command,
    /// The content after DATA.
    Content(ContentReader),
    /// A chunk after BDAT.
    Chunk(Chunk),
    /// Nothing is read before [`Session::delivered`].
    Delivering,
    /// What comes in clear after STARTTLS is thrown away.
    AwaitingTls,
    /// What comes is thrown away.
    Closed,
}

#[derive(Debug)]
struct Chunk {
    left: u64,
    last: bool,
    /// Set where the chunk is only read to get past it.
    refusal: Option<Reply>,
}

/// A mail on its way in, from MAIL until it is delivered or refused.
#[derive(Debug, Default)]
struct Transaction {
    envelope: Envelope,
    bytes: Vec<u8>,
    chunked: bool,
    /// Set where the content is only read to get past it.
    refusal: Option<Reply>,
}

impl Transaction {
    /// Keeps `bytes`; answers how many of them were thrown away instead.
    fn keep(&mut self, bytes: &[u8], size_bytes_max: usize) -> usize {
        if self.refusal.is_some() {
            return bytes.len();
        }
        let excess = (self.bytes.len() + bytes.len()).saturating_sub(size_bytes_max);
        if excess > 0 {
            self.refuse(reply::TOO_LARGE);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
        excess
    }

    fn refuse(&mut self, reply: Reply) {
        self.refusal = Some(reply);
        self.bytes = Vec::new();
    }
}

impl Session {
    /// A conversation that begins with our greeting.
    pub fn new(rules: Arc<Rules>) -> Self {
        let greeting = Reply::owned(220, format!("{} ESMTP Belfry", rules.settings.hostname));
        Self {
            rules,
            state: State::Command,
            line: LineReader::default(),
            helo: None,
            encrypted: false,
            transaction: None,
            put_off: None,
            events: VecDeque::from([Event::Reply(greeting)]),
            errors: 0,
            commands: 0,
            mails: 0,
            drained_bytes: 0,
        }
    }

    /// Takes bytes off `input` until there is something to do; `None` asks for more bytes,
    /// or, after [`Event::Deliver`], for [`Session::delivered`].
    pub fn step(&mut self, input: &mut &[u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if input.is_empty() {
                return None;
            }
            match self.state {
                State::Command => self.read_line(input),
                State::Content(_) => self.read_content(input),
                State::Chunk(_) => self.read_chunk(input),
                State::Delivering => return None,
                State::AwaitingTls | State::Closed => *input = &[],
            }
        }
    }

    /// Answers the mail of [`Event::Deliver`]: its receipt, or that it was not stored.
    pub fn delivered(&mut self, outcome: Result<&str, Undelivered>) -> Reply {
        self.state = State::Command;
        self.commands = 0;
        self.mails += 1;
        match outcome {
            Ok(receipt) => Reply::owned(250, format!("2.0.0 received as {receipt}")),
            Err(why) => why.reply(),
        }
    }

    /// Whether mails that begin from here on are put off, and why: better told before their
    /// content comes than after.
    pub fn put_off(&mut self, why: Option<Undelivered>) {
        self.put_off = why;
    }

    /// TLS has begun: all that the client said before is forgotten (RFC 3207, 4.2).
    pub fn tls_started(&mut self) {
        self.state = State::Command;
        self.encrypted = true;
        self.helo = None;
        self.transaction = None;
    }

    /// Octets held for a mail that is still coming in.
    pub fn held_bytes(&self) -> usize {
        self.transaction.as_ref().map_or(0, |transaction| transaction.bytes.capacity())
    }

    /// Lets go of the mail that is coming in; its client is asked to try again later.
    pub fn shed(&mut self) {
        if let Some(transaction) = &mut self.transaction {
            transaction.refuse(reply::NO_MEMORY);
        }
    }

    /// Whether no mail is under way, so that hanging up loses nothing.
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none()
            && self.line.is_empty()
            && matches!(self.state, State::Command | State::AwaitingTls | State::Closed)
    }

    /// Whether content is awaited, which has a time limit of its own.
    pub fn is_reading_content(&self) -> bool {
        matches!(self.state, State::Content(_) | State::Chunk(_))
    }

    /// Hangs up on a client that was too slow; answers the last words.
    pub fn time_out(&mut self) -> Reply {
        self.state = State::Closed;
        reply::TOO_SLOW
    }

    /// Hangs up to make room for others; answers the last words.
    pub fn make_room(&mut self) -> Reply {
        self.state = State::Closed;
        reply::MAKING_ROOM
    }

    /// Hangs up since we stop; answers the last words.
    pub fn stop(&mut self) -> Reply {
        self.state = State::Closed;
        reply::STOPPING
    }

    fn reply(&mut self, reply: Reply) {
        self.events.push_back(Event::Reply(reply));
    }

    fn close(&mut self, last: Reply) {
        self.reply(last);
        self.events.push_back(Event::Close);
        self.state = State::Closed;
        self.transaction = None;
    }

    /// Refuses a command; too many refusals end the connection.
    fn fail(&mut self, reply: Reply) {
        self.errors += 1;
        self.reply(reply);
        if self.errors >= self.rules.settings.errors_max {
            self.close(reply::MANY_ERRORS);
        }
    }

    fn read_line(&mut self, input: &mut &[u8]) {
        match self.line.take(input) {
            None => {}
            Some(Line::Hopeless) => self.close(reply::NOT_SMTP),
            Some(Line::Malformed(why)) => {
                let text = format!("5.5.2 {why}");
                let refusal = Some(crate::Refusal::Protocol);
                self.fail(Reply { refusal, ..Reply::owned(500, text) });
            }
            Some(Line::Complete(line)) => {
                self.commands += 1;
                if self.commands > self.rules.settings.commands_max {
                    return self.close(reply::MANY_COMMANDS);
                }
                match command::parse(&line) {
                    Ok(command) => self.obey(command),
                    Err(rejected) if rejected.close => self.close(rejected.reply),
                    Err(rejected) => self.fail(rejected.reply),
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Ehlo { host } => self.ehlo(host),
            Command::Helo { host } => {
                self.helo = Some(host);
                self.transaction = None;
                self.reply(Reply::owned(250, self.rules.settings.hostname.clone()));
            }
            Command::Mail { sender, size_bytes } => self.mail(sender, size_bytes),
            Command::Rcpt { recipient } => self.rcpt(recipient),
            Command::Data => self.data(),
            Command::Bdat { octets, last } => self.bdat(octets, last),
            Command::StartTls => self.start_tls(),
            Command::Rset => {
                self.transaction = None;
                self.reply(reply::OK);
            }
            Command::Noop => self.reply(reply::OK),
            Command::Vrfy => self.reply(reply::VRFY),
            Command::Help => self.reply(reply::HELP),
            Command::Quit => self.close(reply::BYE),
        }
    }

    fn ehlo(&mut self, host: String) {
        self.helo = Some(host);
        self.transaction = None;
        let settings = &self.rules.settings;
        let start_tls = if self.rules.tls && !self.encrypted { "STARTTLS\n" } else { "" };
        let text = format!(
            "{}\nPIPELINING\nSIZE {}\n{start_tls}8BITMIME\nSMTPUTF8\nCHUNKING\nENHANCEDSTATUSCODES",
            settings.hostname, settings.size_bytes_max
        );
        self.reply(Reply::owned(250, text));
    }

    fn mail(&mut self, sender: String, size_bytes: usize) {
        let Some(helo) = self.helo.clone() else {
            return self.fail(Reply::sequence("5.5.1 say EHLO first"));
        };
        if self.transaction.is_some() {
            return self.fail(Reply::sequence("5.5.1 a mail is under way already"));
        }
        if self.mails >= self.rules.settings.mails_max {
            return self.close(reply::MANY_MAILS);
        }
        if size_bytes > self.rules.settings.size_bytes_max {
            return self.fail(reply::TOO_LARGE);
        }
        if let Some(why) = self.put_off {
            return self.reply(why.reply());
        }
        let sender = (!sender.is_empty()).then_some(sender);
        let envelope = Envelope { sender, helo, ..Envelope::default() };
        self.transaction = Some(Transaction { envelope, ..Transaction::default() });
        self.reply(Reply::new(250, "2.1.0 ok"));
    }

    fn rcpt(&mut self, recipient: String) {
        let rules = Arc::clone(&self.rules);
        match &mut self.transaction {
            None => self.fail(Reply::sequence("5.5.1 say MAIL first")),
            Some(transaction) if transaction.chunked => {
                self.fail(Reply::sequence("5.5.1 the content has begun"));
            }
            Some(transaction)
                if transaction.envelope.recipients.len() >= rules.settings.recipients_max =>
            {
                self.fail(reply::MANY_RECIPIENTS);
            }
            Some(transaction) => match rules.recipients.accept(&recipient) {
                None => self.fail(reply::NOT_OURS),
                Some(accepted) => {
                    let envelope = &mut transaction.envelope;
                    envelope.recipients.push(recipient);
                    if let Accepted::By(entry) = accepted {
                        envelope.mailbox.get_or_insert_with(|| entry.to_owned());
                    }
                    self.reply(Reply::new(250, "2.1.5 ok"));
                }
            },
        }
    }

    /// Why content can't come now, if it can't.
    fn content_refusal(&self) -> Option<Reply> {
        match &self.transaction {
            None => Some(Reply::sequence("5.5.1 say MAIL and RCPT first")),
            Some(transaction) if transaction.envelope.recipients.is_empty() => {
                Some(Reply::sequence("5.5.1 no recipient was accepted"))
            }
            Some(_) => None,
        }
    }

    fn data(&mut self) {
        if let Some(refusal) = self.content_refusal() {
            return self.fail(refusal);
        }
        if self.transaction.as_ref().is_some_and(|transaction| transaction.chunked) {
            return self.fail(Reply::sequence("5.5.1 go on with BDAT, or say RSET"));
        }
        self.state = State::Content(ContentReader::new());
        self.reply(reply::GO_AHEAD);
    }

    fn bdat(&mut self, octets: u64, last: bool) {
        let mut refusal = self.content_refusal();
        if let (None, Some(transaction)) = (&refusal, &mut self.transaction) {
            transaction.chunked = true;
            let held = u64::try_from(transaction.bytes.len()).unwrap_or(u64::MAX);
            if held.saturating_add(octets) > self.size_bytes_max() {
                refusal = Some(reply::TOO_LARGE);
            }
        }
        if let Some(reply) = refusal.take_if(|_| octets > self.size_bytes_max()) {
            return self.close(reply);
        }
        self.state = State::Chunk(Chunk { left: octets, last, refusal });
        if octets == 0 {
            self.end_chunk();
        }
    }

    fn start_tls(&mut self) {
        if self.encrypted {
            self.fail(Reply::sequence("5.5.1 TLS has begun already"));
        } else if self.rules.tls {
            self.reply(reply::START_TLS);
            self.events.push_back(Event::StartTls);
            self.state = State::AwaitingTls;
            self.transaction = None;
        } else {
            self.fail(reply::NOT_OFFERED);
        }
    }

    fn size_bytes_max(&self) -> u64 {
        u64::try_from(self.rules.settings.size_bytes_max).unwrap_or(u64::MAX)
    }

    /// Counts what was thrown away; past a mail's worth of it the connection ends.
    /// Answers whether it did.
    fn drain(&mut self, bytes: usize, refusal: Option<Reply>) -> bool {
        self.drained_bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
        let Some(refusal) = refusal.filter(|_| self.drained_bytes > self.size_bytes_max()) else {
            return false;
        };
        self.close(refusal);
        true
    }

    fn read_content(&mut self, input: &mut &[u8]) {
        let (State::Content(reader), Some(transaction)) = (&mut self.state, &mut self.transaction)
        else {
            return;
        };
        let size_bytes_max = self.rules.settings.size_bytes_max;
        let mut drained = 0;
        let taken =
            reader.take(input, &mut |bytes| drained += transaction.keep(bytes, size_bytes_max));
        if taken == Taken::Smuggled && transaction.refusal.is_none() {
            transaction.refuse(reply::SMUGGLED);
        }
        let refusal = transaction.refusal.clone();
        if !self.drain(drained, refusal) && taken == Taken::Ended {
            self.end_mail();
        }
    }

    fn read_chunk(&mut self, input: &mut &[u8]) {
        let State::Chunk(chunk) = &mut self.state else { return };
        let taken = usize::try_from(chunk.left).unwrap_or(usize::MAX).min(input.len());
        let (bytes, rest) = input.split_at(taken);
        *input = rest;
        chunk.left -= u64::try_from(taken).unwrap_or(chunk.left);
        let (ended, mut refusal) = (chunk.left == 0, chunk.refusal.clone());
        let drained = match &mut self.transaction {
            Some(transaction) if refusal.is_none() => {
                let drained = transaction.keep(bytes, self.rules.settings.size_bytes_max);
                refusal = transaction.refusal.clone();
                drained
            }
            _ => taken,
        };
        if !self.drain(drained, refusal) && ended {
            self.end_chunk();
        }
    }

    fn end_chunk(&mut self) {
        let State::Chunk(chunk) = std::mem::replace(&mut self.state, State::Command) else {
            return;
        };
        let refusal = chunk.refusal.or_else(|| {
            self.transaction.as_mut().and_then(|transaction| transaction.refusal.take())
        });
        match refusal {
            Some(refusal) => {
                self.transaction = None;
                self.fail(refusal);
            }
            None if chunk.last => self.end_mail(),
            None => self.reply(Reply::new(250, "2.0.0 chunk taken")),
        }
    }

    fn end_mail(&mut self) {
        self.state = State::Command;
        let Some(transaction) = self.transaction.take() else { return };
        match transaction.refusal {
            Some(refusal) => self.fail(refusal),
            None => {
                let Transaction { envelope, bytes, .. } = transaction;
                self.events.push_back(Event::Deliver(Mail { envelope, bytes }));
                self.state = State::Delivering;
            }
        }
    }
}
