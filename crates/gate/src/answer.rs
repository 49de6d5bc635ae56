//! From a query's octets and the state to an answer's octets, or to the need to
//! ask an upstream. No socket, no task, no clock: transports call this inline,
//! and tests call it without them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use belfry_journal::{Category, UnixMillis};
use domain::base::iana::{Class, ExtendedErrorCode, OptionCode, Rcode, Rtype};

use crate::access::Prefix;
use crate::blockset::{BlockSet, Finding, Hit, State};
use crate::cache::{self, Age, Cache};
use crate::compose::{Ede, Reply};
use crate::cookies::{Cookie, Cookies};
use crate::effects::Effects;
use crate::errors::{CategoryErrors, StructuredErrors};
use crate::metrics::{Metrics, Outcome};
use crate::primary::Primaries;
use crate::query::{Query, Unanswerable, header_only};
use crate::readiness::{Readiness, Stance};
use crate::relayed::Relayed;
use crate::rpz::Ruling;
use crate::settings::{AnswerMode, CategoryAnswers, GateSettings, WarningHost};
use crate::special;
use crate::visits::Visits;
use crate::zoned::{Policy, Ways};

/// The longest answer over TCP.
const TCP_OCTETS_MAX: usize = 65_535;

/// How a query came: what bounds its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Datagrams: what the client takes, never fragments.
    Udp,
    /// A connection.
    Tcp,
    /// A connection inside TLS: answers are padded for those who ask.
    Tls,
}

/// What to do about a query.
#[derive(Debug)]
pub(crate) enum Step {
    /// Say nothing.
    Drop,
    /// Send this.
    Reply(Vec<u8>),
    /// Ask an upstream, then [`Engine::finish`].
    Forward(Box<Forward>),
}

/// A query that only an upstream can answer.
#[derive(Debug)]
pub(crate) struct Forward {
    /// The query.
    pub(crate) query: Query,
    /// Its key in the cache and among questions in flight.
    pub(crate) key: cache::Key,
    pub(crate) limit: usize,
    pub(crate) transport: Transport,
    /// An `Allow` covers the name: where it leads is not looked at.
    pub(crate) allowed: bool,
    /// A zone lets the name pass: only those before it are asked again.
    pub(crate) passed: Option<u8>,
    /// A zone answers with another name: what is asked in its place.
    pub(crate) alias: Option<Redirected>,
    /// Who asks, where upstreams are told.
    pub(crate) client: Option<IpAddr>,
}

/// What an upstream's answer comes to.
#[derive(Debug)]
pub(crate) enum Relay {
    /// This is sent, or nothing.
    Reply(Option<Vec<u8>>),
    /// A zone wants another name's answer in its place.
    Again(Box<Forward>),
}

impl Relay {
    /// What is sent, where nothing is to be asked any more.
    pub(crate) fn reply(self) -> Option<Vec<u8>> {
        match self {
            Self::Reply(reply) => reply,
            Self::Again(_) => None,
        }
    }
}

/// A query that a zone answers with another name.
#[derive(Debug)]
pub(crate) struct Redirected {
    /// The query for the other name.
    pub(crate) query: Query,
    /// How long the alias holds.
    pub(crate) ttl: u32,
    /// What clients that speak EDNS are told.
    pub(crate) ede: Ede,
}

impl Forward {
    /// What an upstream is asked.
    pub(crate) fn asked(&self) -> &Query {
        self.alias.as_ref().map_or(&self.query, |alias| &alias.query)
    }
}

/// Why no upstream's answer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// None answered in time.
    Unreachable,
    /// They answered what can't be sent on.
    Unusable,
    /// Too many are waiting already.
    Busy,
}

/// All state that answers depend on.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) blockset: BlockSet,
    pub(crate) cache: Cache,
    pub(crate) effects: Effects,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: Readiness,
    pub(crate) now: fn() -> UnixMillis,
    clients: Vec<Prefix>,
    pub(crate) warning: WarningHost,
    pub(crate) answers: CategoryAnswers,
    pub(crate) errors: CategoryErrors,
    pub(crate) structured: StructuredErrors,
    pub(crate) block_ttl: u32,
    pub(crate) cookies: Cookies,
    pub(crate) visits: Visits,
    pub(crate) primaries: Primaries,
    pub(crate) balancers: Vec<Prefix>,
    probes: Vec<Prefix>,
    tells_client: bool,
}

impl Engine {
    /// An engine without any state yet. `secret` seeds its tables.
    pub(crate) fn new(
        settings: &GateSettings,
        instance: [u8; 16],
        secret: [u8; 16],
        now: fn() -> UnixMillis,
    ) -> Self {
        Self {
            blockset: BlockSet::new(secret),
            cache: Cache::new(settings.cache_entries_max, settings.stale_seconds_max),
            effects: Effects::new(instance, settings.effects_orders_max),
            metrics: Metrics::default(),
            readiness: Readiness::new(settings.first_sync_seconds, settings.without_state),
            now,
            clients: settings.clients.clone(),
            warning: settings.warning.clone(),
            answers: settings.answers,
            errors: settings.errors.clone(),
            structured: settings.structured.clone(),
            block_ttl: settings.block_ttl_seconds,
            cookies: Cookies::new(secret),
            visits: Visits::new(secret),
            primaries: Primaries::new(&settings.zones),
            balancers: settings.balancers.clone(),
            probes: settings.probes.clone(),
            tells_client: settings.upstreams.iter().any(|upstream| upstream.proxy),
        }
    }

    /// What to do about `bytes` from `client`.
    pub(crate) fn answer(
        &self,
        bytes: &[u8],
        client: IpAddr,
        transport: Transport,
        now: Instant,
    ) -> Step {
        // Also while nothing holds yet: it says that there is something to fetch.
        if let Some(reply) = self.primaries.heed(bytes, client, (self.now)()) {
            self.metrics.count(Outcome::Local);
            return Step::Reply(reply);
        }
        let stance = self.readiness.stance(now);
        if stance == Stance::Silent {
            self.metrics.count(Outcome::Dropped);
            return Step::Drop;
        }
        let query = Query::read(bytes).and_then(|query| self.with_cookie(query, client));
        let mut query = match query {
            Ok(query) => query,
            Err(why) => return self.unanswerable(bytes, why),
        };
        query.asked_by = Some((client, now));
        query.pads =
            transport == Transport::Tls && query.option(OptionCode::PADDING.to_int()).is_some();
        let limit = match transport {
            Transport::Udp => query.udp_limit(),
            Transport::Tcp | Transport::Tls => TCP_OCTETS_MAX,
        };
        if let Some(reply) = self.refuse(&query, client, stance, limit) {
            return Step::Reply(reply);
        }
        let client = self.tells_client.then_some(client);
        self.serve(query, (transport, client), limit, now)
    }

    /// Whether this client only looks whether blocks hold.
    pub(crate) fn is_probe(&self, client: IpAddr) -> bool {
        self.probes.iter().any(|prefix| prefix.contains(client))
    }

    /// The query with the cookie for its answer, if the client speaks of cookies.
    fn with_cookie(&self, mut query: Query, client: IpAddr) -> Result<Query, Unanswerable> {
        query.is_probe = self.is_probe(client);
        let Some(option) = query.option(OptionCode::COOKIE.to_int()) else { return Ok(query) };
        match self.cookies.answer(option, client, self.seconds()) {
            Cookie::Malformed => Err(Unanswerable::Error(Rcode::FORMERR)),
            Cookie::Answer { option, .. } => {
                query.cookie = Some(option);
                Ok(query)
            }
        }
    }

    /// Seconds since 1970, as cookies count them: round and round.
    fn seconds(&self) -> u32 {
        let [_, _, _, _, a, b, c, d] = ((self.now)().0 / 1_000).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// What a client over UDP hears that asks too often: that it may come over TCP.
    /// `None` for one whose cookie proves its address, and who is served.
    pub(crate) fn too_often(&self, bytes: &[u8], client: IpAddr) -> Option<Vec<u8>> {
        let query = Query::read(bytes).ok()?;
        if let Some(option) = query.option(OptionCode::COOKIE.to_int())
            && let Cookie::Answer { proven: true, .. } =
                self.cookies.answer(option, client, self.seconds())
        {
            return None;
        }
        self.metrics.count(Outcome::Limited);
        let query = self.with_cookie(query, client).ok()?;
        let mut reply = Reply::new(&query, Rcode::NOERROR);
        reply.truncated();
        Some(reply.finish(&query, None, query.udp_limit()))
    }

    /// Whether this client is served.
    pub(crate) fn serves(&self, client: IpAddr) -> bool {
        self.clients.iter().any(|prefix| prefix.contains(client))
    }

    fn unanswerable(&self, bytes: &[u8], why: Unanswerable) -> Step {
        let reply = match why {
            Unanswerable::Ignore => None,
            Unanswerable::Error(rcode) => header_only(bytes, rcode),
        };
        let outcome = if reply.is_some() { Outcome::Malformed } else { Outcome::Dropped };
        self.metrics.count(outcome);
        reply.map_or(Step::Drop, Step::Reply)
    }

    /// What is refused before its name is looked at.
    fn refuse(
        &self,
        query: &Query,
        client: IpAddr,
        stance: Stance,
        limit: usize,
    ) -> Option<Vec<u8>> {
        let refused = |rcode, ede| {
            self.metrics.count(Outcome::Refused);
            Some(Reply::new(query, rcode).finish(query, ede, limit))
        };
        if !self.serves(client) {
            return refused(Rcode::REFUSED, Some(&Ede::new(ExtendedErrorCode::PROHIBITED)));
        }
        if query.edns.is_some_and(|edns| edns.version != 0) {
            self.metrics.count(Outcome::Malformed);
            return Some(Reply::bad_version(query));
        }
        if stance == Stance::Closed {
            return refused(Rcode::SERVFAIL, Some(&Ede::new(ExtendedErrorCode::NOT_READY)));
        }
        let transfer = matches!(query.question.qtype, Rtype::AXFR | Rtype::IXFR);
        if transfer || query.question.qclass != Class::IN {
            return refused(Rcode::REFUSED, None);
        }
        None
    }

    fn serve(
        &self,
        query: Query,
        (transport, client): (Transport, Option<IpAddr>),
        limit: usize,
        now: Instant,
    ) -> Step {
        let state = self.blockset.now();
        let finding = state.find(&query.question.name);
        if let Some(reply) = self.blocked(&query, &finding, true, limit) {
            return Step::Reply(reply);
        }
        let ways = Ways { transport, limit };
        let ruling = state.ruling(&finding, query.client());
        let policy = match self.zone_policy(&query, state.zones(), ruling, ways) {
            Ok(policy) => policy,
            Err(reply) => return reply.map_or(Step::Drop, Step::Reply),
        };
        if !query.rd {
            self.metrics.count(Outcome::Refused);
            let ede = Ede::new(ExtendedErrorCode::NOT_AUTHORITATIVE);
            let reply = Reply::new(&query, Rcode::REFUSED);
            return Step::Reply(reply.finish(&query, Some(&ede), limit));
        }
        if policy.alias.is_none()
            && let Some(reply) = special::answer(&query)
        {
            self.metrics.count(Outcome::Local);
            return Step::Reply(reply.finish(&query, None, limit));
        }
        if query.question.qtype == Rtype::ANY {
            self.metrics.count(Outcome::Local);
            return Step::Reply(special::any(&query).finish(&query, None, limit));
        }
        let key = cache::key(policy.alias.as_ref().map_or(&query, |alias| &alias.query));
        let Policy { passed, alias } = policy;
        let allowed = finding.allow.is_some() || alias.is_some();
        let forward = Forward { query, key, limit, transport, allowed, passed, alias, client };
        self.cached(Box::new(forward), now)
    }

    /// The answer by what is kept, or the need to ask.
    fn cached(&self, forward: Box<Forward>, now: Instant) -> Step {
        let Some((answer, age)) = self.cache.get(&forward.key, now) else {
            return Step::Forward(forward);
        };
        match self.relay(&forward, &answer, age, Outcome::Cached) {
            Relay::Reply(reply) => reply.map_or(Step::Drop, Step::Reply),
            // Once at most: where it leads then is not looked at again.
            Relay::Again(next) => self.cached(next, now),
        }
    }

    /// The answer once the upstreams have been asked; `None` where a zone wants none.
    pub(crate) fn finish(&self, forward: &Forward, outcome: Result<&Relayed, NoAnswer>) -> Relay {
        match outcome {
            Ok(answer) => self.relay(forward, answer, Age::Fresh(0), Outcome::Forwarded),
            Err(why) => Relay::Reply(Some(self.failed(forward, why))),
        }
    }

    /// The answer by what is kept beyond its lifetime, if anything is (RFC 8767).
    pub(crate) fn stale(&self, forward: &Forward, now: Instant) -> Option<Relay> {
        let answer = self.cache.get_stale(&forward.key, now)?;
        Some(self.relay(forward, &answer, Age::Stale, Outcome::Stale))
    }

    /// Keeps an upstream's answer for the next who asks.
    pub(crate) fn keep(&self, key: cache::Key, answer: &Arc<Relayed>, now: Instant) {
        self.cache.put(key, answer, now);
        self.metrics.cached.set(i64::try_from(self.cache.len()).unwrap_or(i64::MAX));
    }

    /// Sends an upstream's answer on, unless it leads to a blocked name: asked
    /// anew each time, so that a new order holds for what is cached.
    fn relay(&self, forward: &Forward, answer: &Relayed, age: Age, outcome: Outcome) -> Relay {
        let Forward { query, limit, allowed, .. } = forward;
        if !allowed {
            let state = self.blockset.now();
            for target in &answer.targets {
                let finding = state.find(target);
                if let Some(reply) = self.blocked(query, &finding, false, *limit) {
                    return Relay::Reply(Some(reply));
                }
            }
            if let Some(reply) = self.zone_policy_of_answer(forward, &state, answer) {
                return reply;
            }
        }
        self.metrics.count(outcome);
        Relay::Reply(Some(match (&forward.alias, age) {
            (None, Age::Fresh(age)) => answer.reply(query, age, None, *limit),
            (None, Age::Stale) => answer.reply_stale(query, *limit),
            (Some(alias), Age::Fresh(age)) => alias.reply(query, answer, age, *limit),
            (Some(alias), Age::Stale) => alias.reply(query, answer, u32::MAX, *limit),
        }))
    }

    /// Whether an answer leads nowhere that an order or zone has something to say about.
    pub(crate) fn is_clean(&self, state: &State, answer: &Relayed) -> bool {
        let zones = state.zones();
        let says_nothing = |finding: Finding| {
            (finding.block, finding.shadow, finding.zones) == (None, None, Ruling::default())
        };
        answer.targets.iter().all(|target| says_nothing(state.find(target)))
            && (!zones.looks_at_addresses()
                || answer
                    .addresses
                    .iter()
                    .all(|address| zones.find_address(*address) == Ruling::default()))
    }

    fn failed(&self, forward: &Forward, why: NoAnswer) -> Vec<u8> {
        self.metrics.count(Outcome::Failed);
        let (code, text) = match why {
            NoAnswer::Unreachable => {
                (ExtendedErrorCode::NO_REACHABLE_AUTHORITY, "upstreams silent")
            }
            NoAnswer::Unusable => (ExtendedErrorCode::NETWORK_ERROR, "upstream answers unusable"),
            NoAnswer::Busy => (ExtendedErrorCode::OTHER, "too many queries wait"),
        };
        let ede = Ede::with_words(code, text);
        let query = &forward.query;
        Reply::new(query, Rcode::SERVFAIL).finish(query, Some(&ede), forward.limit)
    }

    /// The answer that `finding` asks for, counted; `None` when it lets the query pass.
    /// `own` says that the finding is about the question's own name.
    fn blocked(
        &self,
        query: &Query,
        finding: &Finding,
        own: bool,
        limit: usize,
    ) -> Option<Vec<u8>> {
        let qtype = query.question.qtype;
        let passes = |hit: &Hit| hit.rule.keeps_mail && matches!(qtype, Rtype::MX | Rtype::TXT);
        if finding.shadow.is_some_and(|hit| !passes(&hit)) && finding.block.is_none() {
            self.metrics.would_block.inc();
        }
        let hit = finding.block.filter(|hit| !passes(hit))?;
        self.metrics.count(Outcome::Blocked);
        if !query.is_probe {
            self.effects.blocked(hit.rule.serial, self.now);
            let is_new = |(client, now)| self.visits.is_new(hit.rule.serial, qtype, client, now);
            if query.asked_by.is_some_and(is_new) {
                self.metrics.prevented_visits.inc();
                self.effects.prevented(hit.rule.serial);
            }
        }
        Some(self.warn(query, &hit, if own { hit.at } else { 0 }, limit))
    }

    /// The warning itself: an address, or the honest absence of anything else.
    fn warn(&self, query: &Query, hit: &Hit, zone_at: usize, limit: usize) -> Vec<u8> {
        let category = hit.rule.slot.category;
        let structured = self.structured.is_asked(query);
        let exists = self.answers.of(category) == AnswerMode::Redirect
            && (self.warning.ipv4.is_some() || self.warning.ipv6.is_some())
            && !structured;
        let rcode = if exists { Rcode::NOERROR } else { Rcode::NXDOMAIN };
        let mut reply = Reply::new(query, rcode);
        let address = match (exists, query.question.qtype) {
            (true, Rtype::A) => self.warning.ipv4.map(|ip| ip.octets().to_vec()),
            (true, Rtype::AAAA) => self.warning.ipv6.map(|ip| ip.octets().to_vec()),
            _ => None,
        };
        let code = if let Some(address) = address {
            reply.answer(query.question.qtype, self.block_ttl, &address);
            ExtendedErrorCode::FORGED_ANSWER
        } else {
            let [.., a, b, c, d] = hit.rule.serial.0.to_be_bytes();
            reply.negative_soa(zone_at, self.block_ttl, u32::from_be_bytes([a, b, c, d]));
            self.errors.of(category).code()
        };
        let words = self.errors.of(category).words_of(category);
        let text = format!("{words}; order {}", hit.rule.serial);
        let ede = if structured {
            self.structured.error(code, category, &text)
        } else {
            Ede::with_words(code, text)
        };
        reply.finish(query, Some(&ede), limit)
    }
}

/// A category as answers and people name it.
pub(crate) fn category_name(category: Category) -> &'static str {
    match category {
        Category::Phishing => "phishing",
        Category::Malware => "malware",
        Category::FakeShop => "fake-shop",
        Category::OtherFraud => "other-fraud",
    }
}

#[cfg(test)]
mod tests;
