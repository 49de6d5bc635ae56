//! Answers that foreign zones ask for: from a policy to octets, or to the need to
//! ask for another name. Which policy counts is the zones' own affair.

use domain::base::iana::{ExtendedErrorCode, Rcode, Rtype};
use domain::base::name::ToName;
use domain::base::{Message, ParsedName, ParsedRecord};
use domain::rdata::AllRecordData;

use crate::answer::{Engine, Forward, Redirected, Relay, Transport};
use crate::blockset::State;
use crate::cache;
use crate::compose::{Ede, Reply};
use crate::metrics::Outcome;
use crate::query::{HEADER_OCTETS, Query, Question};
use crate::relayed::Relayed;
use crate::rpz::{Action, Alias, Local, Ruling, Zone, ZoneHit, ZoneSet};

/// The longest that "no" holds by a zone's own SOA.
pub(crate) const NEGATIVE_TTL_SECONDS_MAX: u32 = 900;

/// How a query came, and how long its answer may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ways {
    pub(crate) transport: Transport,
    pub(crate) limit: usize,
}

/// What zones leave to be done about a query.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// The zone that lets it pass.
    pub(crate) passed: Option<u8>,
    /// The name to ask for in its place.
    pub(crate) alias: Option<Redirected>,
}

impl Engine {
    /// What zones want done about the question's own name; an error is the answer that
    /// ends it, or none.
    pub(crate) fn zone_policy(
        &self,
        query: &Query,
        zones: &ZoneSet,
        ruling: Ruling,
        ways: Ways,
    ) -> Result<Policy, Option<Vec<u8>>> {
        self.note_shadow(zones, ruling);
        let Some(hit) = ruling.live.filter(|hit| !zones.waits_for_addresses(*hit)) else {
            return Ok(Policy::default());
        };
        match zones.action(hit) {
            Action::Passthru => Ok(Policy { passed: Some(hit.zone), alias: None }),
            Action::TcpOnly if ways.transport != Transport::Udp => {
                Ok(Policy { passed: Some(hit.zone), alias: None })
            }
            Action::Local(Local { alias: Some(alias), .. }) if !self.structured.is_asked(query) => {
                self.redirected(query, zones.zone(hit), alias, ways)
            }
            _ => Err(self.apply(query, zones, hit, ways)),
        }
    }

    /// What zones want done about an upstream's answer: about the names that it leads
    /// to, its addresses, and the question's own name where that had to wait.
    pub(crate) fn zone_policy_of_answer(
        &self,
        forward: &Forward,
        state: &State,
        answer: &Relayed,
    ) -> Option<Relay> {
        let zones = state.zones();
        if zones.is_empty() || state.is_paused() {
            return None;
        }
        let own = state.ruling(&state.find(&forward.query.question.name), forward.query.client());
        let names = answer.targets.iter().map(|target| state.find(target).zones);
        let addresses = answer.addresses.iter().map(|address| zones.find_address(*address));
        let ruling = names.chain(addresses).fold(Ruling::default(), Ruling::or);
        self.note_shadow(zones, ruling);
        let hit = Ruling { live: own.live, shadow: None }.or(ruling).live?;
        if forward.passed.is_some_and(|passed| passed <= hit.zone) {
            return None;
        }
        let passes = match zones.action(hit) {
            Action::Passthru => true,
            Action::TcpOnly => forward.transport != Transport::Udp,
            _ => false,
        };
        let ways = Ways { transport: forward.transport, limit: forward.limit };
        if passes {
            return None;
        }
        // A policy that answers with another name: what that name has is asked for.
        if let Action::Local(Local { alias: Some(alias), .. }) = zones.action(hit)
            && !self.structured.is_asked(&forward.query)
            && let Ok(Policy { alias: Some(alias), .. }) =
                self.redirected(&forward.query, zones.zone(hit), alias, ways)
        {
            return Some(Relay::Again(Box::new(Forward {
                query: forward.query.clone(),
                key: cache::key(&alias.query),
                allowed: true,
                alias: Some(alias),
                ..*forward
            })));
        }
        Some(Relay::Reply(self.apply(&forward.query, zones, hit, ways)))
    }

    fn note_shadow(&self, zones: &ZoneSet, ruling: Ruling) {
        if let Some(shadow) = ruling.shadow.filter(|hit| zones.action(*hit).blocks()) {
            self.metrics.would_block.inc();
            self.metrics.count_zone(&zones.zone(shadow).name, false, 1);
        }
    }

    fn redirected(
        &self,
        query: &Query,
        zone: &Zone,
        alias: &Alias,
        ways: Ways,
    ) -> Result<Policy, Option<Vec<u8>>> {
        let name = &query.question.name;
        let Some(target) = alias.target_for(name) else {
            // Longer than a name can be: what DNAME answers then (RFC 6672 section 2.2).
            self.count_zone(zone);
            let reply = Reply::new(query, Rcode::YXDOMAIN);
            return Err(Some(reply.finish(query, Some(&forged(zone)), ways.limit)));
        };
        if target == *name {
            // The old way to write a passthru.
            return Ok(Policy { passed: Some(u8::MAX), alias: None });
        }
        self.count_zone(zone);
        let mut raw = target.clone();
        raw.extend(query.question.qtype.to_int().to_be_bytes());
        raw.extend(query.question.qclass.to_int().to_be_bytes());
        let question = Question { raw, name: target, ..query.question.clone() };
        let asked = Query { question, ..query.clone() };
        let alias = Redirected { query: asked, ttl: alias.ttl, ede: forged(zone) };
        Ok(Policy { passed: None, alias: Some(alias) })
    }

    fn count_zone(&self, zone: &Zone) {
        self.metrics.count(Outcome::Blocked);
        self.metrics.count_zone(&zone.name, true, 1);
    }

    /// The answer that a zone asks for, at once; `None` where it asks for none.
    fn apply(&self, query: &Query, zones: &ZoneSet, hit: ZoneHit, ways: Ways) -> Option<Vec<u8>> {
        let zone = zones.zone(hit);
        self.count_zone(zone);
        let mut reply = Reply::new(query, Rcode::NOERROR);
        let ede = match zones.action(hit) {
            Action::Drop => return None,
            Action::TcpOnly => {
                reply.truncated();
                return Some(reply.finish(query, None, ways.limit));
            }
            Action::NxDomain => {
                reply = Reply::new(query, Rcode::NXDOMAIN);
                denied(&mut reply, zone, usize::from(hit.at), self.block_ttl)
            }
            Action::NoData | Action::Passthru => {
                denied(&mut reply, zone, usize::from(hit.at), self.block_ttl)
            }
            // Who asks for structured errors must not be given another's address.
            Action::Local(_) if self.structured.is_asked(query) => {
                reply = Reply::new(query, Rcode::NXDOMAIN);
                denied(&mut reply, zone, usize::from(hit.at), self.block_ttl)
            }
            Action::Local(local) => match &local.alias {
                Some(alias) => {
                    if let Some(target) = alias.target_for(&query.question.name) {
                        reply.answer(Rtype::CNAME, alias.ttl, &target);
                    }
                    forged(zone)
                }
                None if answer_local(&mut reply, query, local) => forged(zone),
                None => denied(&mut reply, zone, usize::from(hit.at), self.block_ttl),
            },
        };
        Some(reply.finish(query, Some(&ede), ways.limit))
    }
}

/// The records of the type asked for; false where there is none.
fn answer_local(reply: &mut Reply, query: &Query, local: &Local) -> bool {
    let mut any = false;
    for record in local.records.iter().filter(|record| record.rtype == query.question.qtype) {
        reply.answer(record.rtype, record.ttl, &record.data);
        any = true;
    }
    any
}

fn forged(zone: &Zone) -> Ede {
    Ede::with_words(ExtendedErrorCode::FORGED_ANSWER, &zone.name)
}

/// The SOA that says how long "no" holds: the zone's own, if it has one.
fn denied(reply: &mut Reply, zone: &Zone, at: usize, ttl: u32) -> Ede {
    match &zone.soa {
        Some((data, ttl)) => {
            let ttl = (*ttl).min(NEGATIVE_TTL_SECONDS_MAX);
            reply.authority(&zone.apex, Rtype::SOA, ttl, data);
        }
        None => reply.negative_soa(at, ttl, 1),
    }
    Ede::with_words(ExtendedErrorCode::BLOCKED, &zone.name)
}

impl Redirected {
    /// The alias, then what an upstream says about its target.
    pub(crate) fn reply(&self, query: &Query, answer: &Relayed, age: u32, limit: usize) -> Vec<u8> {
        let mut reply = Reply::new(query, answer.rcode());
        reply.answer(Rtype::CNAME, self.ttl, &self.query.question.name);
        let (message, _, ttl_cap) = answer.parts();
        let message = Message::from_slice(message).ok();
        let records = message.and_then(|message| message.answer().ok());
        for record in records.into_iter().flatten().flatten() {
            let ttl = record.ttl().as_secs().min(ttl_cap).saturating_sub(age);
            // What can't be written without compression is left out.
            let rtype = record.rtype();
            if let Some((owner, data)) = uncompressed(record) {
                reply.answer_of(&owner, rtype, ttl, &data);
            }
        }
        reply.finish(query, Some(&self.ede), limit)
    }
}

/// Owner and data of a record with no pointer left in them.
fn uncompressed(record: ParsedRecord<'_, [u8]>) -> Option<(Vec<u8>, Vec<u8>)> {
    use domain::base::rdata::ComposeRecordData;
    let owner = record.owner().to_vec().as_slice().to_vec();
    let data = record.into_any_record::<AllRecordData<&[u8], ParsedName<&[u8]>>>().ok()?;
    let mut octets = Vec::with_capacity(HEADER_OCTETS);
    data.data().compose_rdata(&mut octets).ok()?;
    Some((owner, octets))
}
