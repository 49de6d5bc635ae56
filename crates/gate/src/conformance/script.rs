//! The text form of Unbound's conversations: zones in the configuration, what upstreams
//! answer, and turns of query and answer. Reads what the RPZ conversations use of it.

use std::net::{IpAddr, Ipv4Addr};

use domain::base::Message;
use domain::base::iana::{Class, Rtype};
use domain::base::name::ToName;
use domain::base::rdata::{ComposeRecordData, RecordData};
use domain::rdata::AllRecordData;
use domain::zonefile::inplace::{Entry as Scanned, Zonefile};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Of every message.
pub(super) const ID: u16 = 0x1234;

/// A whole conversation.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) zones: Vec<ZoneText>,
    upstream: Vec<Entry>,
    pub(super) turns: Vec<Turn>,
}

/// A zone of the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct ZoneText {
    pub(super) name: String,
    /// What replaces its actions.
    pub(super) action: String,
    pub(super) text: String,
}

/// A query and the answer to it.
#[derive(Debug)]
pub(super) struct Turn {
    /// Who asks.
    pub(super) client: IpAddr,
    pub(super) question: Entry,
    pub(super) tcp: bool,
    /// After the time in which zones were transferred.
    pub(super) later: bool,
    /// The answer in words; `nothing` where none is checked.
    pub(super) expect: String,
}

/// A message in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    flags: Vec<String>,
    name: String,
    rtype: String,
    answers: Vec<String>,
}

impl Entry {
    /// The lines between `ENTRY_BEGIN` and `ENTRY_END`.
    pub(super) fn read(text: &str) -> Self {
        let (mut entry, mut section) = (Self::default(), "");
        for line in text.lines() {
            let line = line.split(';').next().unwrap_or_default().trim();
            let mut words = line.split_whitespace();
            match words.next() {
                Some("REPLY") => entry.flags.extend(words.map(str::to_owned)),
                Some("SECTION") => section = words.next().unwrap_or_default(),
                Some("MATCH" | "ADJUST") | None => {}
                Some(name) if section == "QUESTION" => {
                    entry.name = name.to_owned();
                    entry.rtype = words.next_back().unwrap_or("A").to_owned();
                }
                Some(_) if section == "ANSWER" => entry.answers.push(line.to_owned()),
                Some(_) => {}
            }
        }
        entry
    }

    pub(super) fn title(&self) -> String {
        format!("{} {}", self.name, self.rtype)
    }

    fn rtype(&self) -> Rtype {
        self.rtype.parse().unwrap()
    }

    /// The question as a client asks it.
    pub(super) fn query(&self) -> Vec<u8> {
        let mut query = ID.to_be_bytes().to_vec();
        query.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        query.extend(wire(&self.name));
        query.extend(self.rtype().to_int().to_be_bytes());
        query.extend(Class::IN.to_int().to_be_bytes());
        query
    }

    /// A whole zone as its file has it, as the answer to a transfer.
    pub(super) fn of_zone(zone: &ZoneText) -> Self {
        let mut answers: Vec<String> = zone.text.lines().map(str::to_owned).collect();
        answers.extend(answers.first().cloned());
        Self { flags: Vec::new(), name: zone.name.clone(), rtype: "AXFR".to_owned(), answers }
    }

    /// The answer as a server gives it.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut message = self.query();
        message[2] |= 0x80;
        message[3] = self.rcode();
        message[7] = u8::try_from(self.answers.len()).unwrap();
        let mut file = Zonefile::new();
        file.extend_from_slice(b"$TTL 3600\n$ORIGIN .\n");
        file.set_default_class(Class::IN);
        for answer in &self.answers {
            file.extend_from_slice(answer.as_bytes());
            file.extend_from_slice(b"\n");
        }
        while let Some(Scanned::Record(record)) = file.next_entry().unwrap() {
            message.extend(record.owner().to_vec().as_slice());
            message.extend(record.rtype().to_int().to_be_bytes());
            message.extend([0, 1]);
            message.extend(record.ttl().as_secs().to_be_bytes());
            let mut data = Vec::new();
            record.data().compose_rdata(&mut data).unwrap();
            assert_eq!(record.data().rtype(), record.rtype());
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(data);
        }
        message
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    fn rcode(&self) -> u8 {
        let codes = [("NXDOMAIN", 3), ("SERVFAIL", 2), ("REFUSED", 5), ("YXDOMAIN", 6)];
        codes.iter().find(|(name, _)| self.has(name)).map_or(0, |(_, code)| *code)
    }

    fn words(&self) -> String {
        let mut message = self.message();
        message[2] |= if self.has("TC") { 2 } else { 0 };
        words(&message)
    }
}

impl Script {
    pub(super) fn read(text: &str) -> Self {
        let mut script = Self::default();
        let mut lines = text.lines();
        let (mut zone, mut step, mut client) = (ZoneText::default(), "", CLIENT);
        let (mut asked, mut later): (Option<Turn>, bool) = (None, false);
        while let Some(line) = lines.next() {
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                ["name:", name] => {
                    let name = name.trim_matches('"').to_owned();
                    zone = ZoneText { name, ..ZoneText::default() };
                }
                ["rpz-action-override:", action] => zone.action = action.to_owned(),
                ["rpz-cname-override:", name] => {
                    zone.action = format!("cname {}", name.trim_matches('"'));
                }
                ["TEMPFILE_CONTENTS", ..] => {
                    zone.text = block(&mut lines, "TEMPFILE_END");
                    script.zones.push(zone.clone());
                }
                ["RANGE_BEGIN", ..] => step = "upstream",
                ["STEP", _, what, ref rest @ ..] => {
                    step = what;
                    later |= what == "TIME_PASSES";
                    client = match rest {
                        ["ADDRESS", address] => address.parse().unwrap(),
                        _ => CLIENT,
                    };
                }
                ["ENTRY_BEGIN"] => {
                    let text = block(&mut lines, "ENTRY_END");
                    let tcp =
                        text.lines().any(|line| line == "MATCH TCP" || line == "MATCH all TCP");
                    let entry = Entry::read(&text);
                    match step {
                        "upstream" => script.upstream.push(entry),
                        "QUERY" => {
                            let expect = "nothing".to_owned();
                            let turn = Turn { client, question: entry, tcp, later, expect };
                            script.asks(asked.replace(turn), None);
                        }
                        _ => script.asks(asked.take(), Some(&entry)),
                    }
                }
                _ => {}
            }
        }
        script.asks(asked, None);
        script
    }

    /// A query whose answer is this, or for which none comes.
    fn asks(&mut self, asked: Option<Turn>, answer: Option<&Entry>) {
        if let Some(turn) = asked {
            let expect = answer.map_or_else(|| turn.expect.clone(), Entry::words);
            self.turns.push(Turn { expect, ..turn });
        }
    }

    /// What the upstreams answer, under the question that was asked.
    pub(super) fn upstream(&self, name: &[u8], rtype: Rtype) -> Vec<u8> {
        let is_it = |entry: &&Entry| wire(&entry.name) == name && entry.rtype() == rtype;
        let known = self.upstream.iter().find(is_it);
        known.map_or_else(
            || {
                let mut none = ID.to_be_bytes().to_vec();
                none.extend([0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0]);
                none.extend(name);
                none.extend(rtype.to_int().to_be_bytes());
                none.extend([0, 1]);
                none
            },
            Entry::message,
        )
    }
}

fn block<'a>(lines: &mut impl Iterator<Item = &'a str>, end: &str) -> String {
    lines.take_while(|line| line.trim() != end).fold(String::new(), |text, line| text + line + "\n")
}

/// A name on the wire, in lower case.
fn wire(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.to_ascii_lowercase().bytes());
    }
    wire.push(0);
    wire
}

/// Code, TC and answers of a message; no TTL, no other section.
pub(super) fn words(message: &[u8]) -> String {
    let message = Message::from_slice(message).unwrap();
    let mut words = message.header().rcode().to_string();
    if message.header().tc() {
        words += " TC";
    }
    let mut answers: Vec<_> = message
        .answer()
        .unwrap()
        .map(|record| {
            let record = record.unwrap();
            let (owner, rtype) = (record.owner().to_string(), record.rtype());
            let data = record.to_any_record::<AllRecordData<_, _>>().unwrap().data().to_string();
            format!("{}. {rtype} {data}", owner.trim_end_matches('.'))
        })
        .collect();
    answers.sort();
    if answers.is_empty() { words } else { format!("{words} {}", answers.join("; ")) }
}
