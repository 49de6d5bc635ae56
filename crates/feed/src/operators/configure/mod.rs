//! Whole configurations for the software that operators run: with them, the real
//! server starts, takes the zones, and answers by them. Each setting that is there for
//! safety says why, in the file itself.

mod bind;
mod dnsdist;
mod gate;
mod kresd;
mod mirror;
mod pdns;
#[cfg(test)]
mod tests;
mod unbound;

use std::net::{IpAddr, SocketAddr};

use belfry_casebook::operators::{OperatorKey, OperatorRecord};
use belfry_journal::Category;
use belfry_rpz::{BlockAnswer, ZoneKind};
use data_encoding::BASE64;
use serde::Serialize;

use super::ConfigQuery;
use crate::state::FeedState;
use crate::transfer::zone_kinds;

/// What an operator may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Software {
    Bind,
    Unbound,
    PowerDns,
    Knot,
    Dnsdist,
    Gate,
}

/// A file of a configuration; the first is the main one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ConfigFile {
    /// Its name in the folder.
    name: &'static str,
    /// Its whole text.
    text: String,
    /// Whether it holds a secret, so that only its owner may read it.
    secret: bool,
}

/// All that configurations are made of.
#[derive(Debug)]
pub(crate) struct Facts {
    operator: String,
    primary: SocketAddr,
    listen: SocketAddr,
    dir: Option<String>,
    upstream: Option<SocketAddr>,
    key: Option<OperatorKey>,
    zones: Vec<Zone>,
    categories: Vec<&'static str>,
    ttl_seconds: u32,
    warning: Vec<IpAddr>,
}

#[derive(Debug)]
struct Zone {
    apex: String,
    label: String,
}

impl Software {
    const ALL: [(&'static str, Self); 6] = [
        ("bind", Self::Bind),
        ("unbound", Self::Unbound),
        ("pdns", Self::PowerDns),
        ("kresd", Self::Knot),
        ("dnsdist", Self::Dnsdist),
        ("gate", Self::Gate),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, _)| *word == name).map(|(_, software)| *software)
    }

    pub(crate) fn names() -> String {
        Self::ALL.map(|(word, _)| word).join(", ")
    }

    fn default_dir(self) -> &'static str {
        match self {
            Software::Bind => "/var/cache/bind",
            Software::Unbound => "/var/lib/unbound",
            Software::PowerDns => "/etc/powerdns",
            Software::Knot => "/var/lib/knot-resolver",
            Software::Dnsdist => "/var/lib/dnsdist",
            Software::Gate => "/var/lib/belfry",
        }
    }
}

impl Facts {
    /// Of an operator, as the zones are served now.
    pub(crate) fn new(
        state: &FeedState,
        record: &OperatorRecord,
        key: Option<OperatorKey>,
        query: &ConfigQuery,
    ) -> Result<Self, String> {
        let Some(transfers) = &state.transfers else {
            return Err("no hub runs here that serves zones: start it first".into());
        };
        let records = transfers.settings().records()?;
        let primary = transfers.address().ok_or("zones are served on no address")?;
        let zone = |kind: ZoneKind| Zone {
            apex: kind.apex(&records.origin).to_string(),
            label: kind.label().to_owned(),
        };
        let zones = zone_kinds(record).into_iter().map(zone).collect();
        let listen = address(query.listen.as_deref().unwrap_or("127.0.0.1:53"), 53)?;
        let upstream = query.upstream.as_deref().map(|text| address(text, 53)).transpose()?;
        let dir = query.dir.as_ref().map(|dir| dir.trim_end_matches('/').to_owned());
        if dir.as_ref().is_some_and(|dir| !dir.chars().all(is_plain)) {
            return Err("the folder's name may hold letters, digits and /._- only".into());
        }
        let warning = match records.block {
            BlockAnswer::Redirect { ipv4, ipv6 } => {
                let ipv4 = ipv4.map(IpAddr::from);
                ipv4.into_iter().chain(ipv6.map(IpAddr::from)).collect()
            }
            BlockAnswer::NxDomain => Vec::new(),
        };
        let selected = &record.settings.categories;
        let taken = |one: &&Category| selected.as_ref().is_none_or(|some| some.contains(one));
        let categories = Category::ALL.iter().filter(taken).map(|one| one.name()).collect();
        let (operator, ttl_seconds) = (record.name.to_string(), records.ttl_seconds);
        Ok(Self {
            operator,
            primary,
            listen,
            dir,
            upstream,
            key,
            zones,
            categories,
            ttl_seconds,
            warning,
        })
    }

    fn dir(&self, software: Software) -> &str {
        self.dir.as_deref().unwrap_or(software.default_dir())
    }

    fn secret(&self) -> String {
        self.key.as_ref().map(|key| BASE64.encode(&key.secret)).unwrap_or_default()
    }

    fn key_name(&self) -> &str {
        self.key.as_ref().map_or("", |key| &key.name)
    }

    fn algorithm(&self) -> &str {
        self.key.as_ref().map_or("", |key| &key.algorithm)
    }
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '_' | '-')
}

fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    let alone = || text.parse().map(|ip: IpAddr| SocketAddr::new(ip, port));
    text.parse().or_else(|_| alone()).map_err(|_| format!("{text:?} is no ADDRESS:PORT"))
}

/// The files of a configuration.
pub(crate) fn configuration(software: Software, facts: &Facts) -> Vec<ConfigFile> {
    let file = |name, text, secret| ConfigFile { name, text, secret };
    match software {
        Software::Bind => vec![file("named.conf", bind::bind(facts), true)],
        Software::Unbound => vec![file("unbound.conf", unbound::unbound(facts), false)],
        Software::PowerDns => vec![
            file("recursor.conf", pdns::pdns(facts), false),
            file("belfry.lua", pdns::pdns_lua(facts), true),
        ],
        Software::Knot => vec![
            file("kresd.conf", kresd::kresd(facts), false),
            file("mirror.toml", mirror::mirror(facts, Software::Knot), false),
        ],
        Software::Dnsdist => vec![
            file("dnsdist.conf", dnsdist::dnsdist(facts), false),
            file("mirror.toml", mirror::mirror(facts, Software::Dnsdist), false),
        ],
        Software::Gate => vec![file("gate.toml", gate::gate(facts), false)],
    }
}
