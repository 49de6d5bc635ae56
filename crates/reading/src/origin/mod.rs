//! Where a mail says that it comes from, and what speaks against it: the servers
//! that passed it on, what they verified, and senders that pretend.
//!
//! Everything here is as written in the mail. Only the topmost lines were written by
//! the reader's own provider; a sender may have made up all below. Nothing is looked up.

mod authentication;
mod received;
mod signs;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use self::authentication::Authentication;
pub use self::signs::{Sign, SignKind};
use crate::Summary;
use crate::suffixes::List;

/// Hops kept, from the topmost down.
const HOPS_MAX: usize = 40;
/// Results kept, from the topmost down.
const RESULTS_MAX: usize = 40;

/// Where the suspicious message says that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The server that handed the mail to the reader's provider, by that provider's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<SendingHost>,
    /// The servers it passed, the last (the most trustworthy) first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// What servers verified, the topmost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authentication: Vec<Authentication>,
    /// What speaks against the sender, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<Sign>,
}

/// A server that handed the mail over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingHost {
    /// Its address.
    pub ip: IpAddr,
    /// The name under which it was received, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number of its hop, from 0, where it stands among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<usize>,
}

/// One Received field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The name that the sending side gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The name that its address resolved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The server that wrote the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// The header fields that tell of the way, as they stand, topmost first.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) received: Vec<String>,
    pub(crate) results: Vec<String>,
    /// The topmost Received-SPF.
    pub(crate) received_spf: Option<String>,
    /// The address of Return-Path.
    pub(crate) return_path: Option<String>,
}

/// The sending host by the word of the receiver, which some write beside SPF's result.
fn stated(fields: &Fields) -> Option<IpAddr> {
    let results = fields.results.first().and_then(|field| after(field, "sender IP is "));
    let spf = || fields.received_spf.as_deref().and_then(|field| after(field, "client-ip="));
    results.or_else(spf)
}

fn after(field: &str, key: &str) -> Option<IpAddr> {
    let (_, rest) = field.split_once(key)?;
    let ip = rest.trim_start().split([')', ';', ' ', '\r', '\n', '\t']).next()?;
    ip.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Reads where a message comes from.
pub(crate) fn read(fields: &Fields, summary: &Summary, list: List<'_>) -> Origin {
    let hops: Vec<Hop> =
        fields.received.iter().take(HOPS_MAX).map(|field| received::hop(field)).collect();
    let results = fields.results.iter().flat_map(|field| authentication::results(field));
    let authentication: Vec<_> = results.take(RESULTS_MAX).collect();
    Origin {
        sending: received::sending(&hops, stated(fields), list),
        signs: signs::signs(summary, fields.return_path.as_deref(), &authentication, list),
        hops,
        authentication,
    }
}
