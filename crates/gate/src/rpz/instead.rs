//! What an operator has done wherever a zone wants anything done: BIND's `policy`,
//! Unbound's `rpz-action-override`. `disabled` of theirs is a zone in shadow here.

use belfry_indicator::Domain;
use domain::base::iana::Rtype;
use serde::{Deserialize, Serialize};

use crate::rpz::policy::PolicyRecord;

/// How long an alias to the operator's own name holds.
const TTL_SECONDS: u32 = 60;

/// What is done wherever a zone has a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ZoneAction {
    /// What the zone says.
    #[default]
    Given,
    /// The name does not exist.
    NxDomain,
    /// It has no such records.
    NoData,
    /// Nothing; zones after this one are not asked.
    Passthru,
    /// No answer at all.
    Drop,
    /// Nothing over TCP; over UDP, to come back over TCP.
    TcpOnly,
    /// Another name is answered with.
    Cname(Domain),
}

/// Text that is none of them.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is no action of a zone: given, nxdomain, nodata, passthru, drop, tcp-only or cname NAME"
)]
pub struct ZoneActionError(String);

const WORDS: [(&str, ZoneAction); 6] = [
    ("given", ZoneAction::Given),
    ("nxdomain", ZoneAction::NxDomain),
    ("nodata", ZoneAction::NoData),
    ("passthru", ZoneAction::Passthru),
    ("drop", ZoneAction::Drop),
    ("tcp-only", ZoneAction::TcpOnly),
];

impl ZoneAction {
    /// The record that says it in a zone.
    pub(crate) fn record(&self) -> Option<PolicyRecord> {
        let target = match self {
            Self::Given => return None,
            Self::NxDomain => b"\0".to_vec(),
            Self::NoData => b"\x01*\0".to_vec(),
            Self::Passthru => b"\x0crpz-passthru\0".to_vec(),
            Self::Drop => b"\x08rpz-drop\0".to_vec(),
            Self::TcpOnly => b"\x0crpz-tcp-only\0".to_vec(),
            Self::Cname(name) => name.to_wire(),
        };
        Some(PolicyRecord { rtype: Rtype::CNAME, ttl: TTL_SECONDS, data: target.into() })
    }
}

impl TryFrom<String> for ZoneAction {
    type Error = ZoneActionError;

    fn try_from(text: String) -> Result<Self, ZoneActionError> {
        if let Some((_, action)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(action.clone());
        }
        let name = text.strip_prefix("cname ").and_then(|name| Domain::parse(name.trim()).ok());
        name.map(Self::Cname).ok_or(ZoneActionError(text))
    }
}

impl From<ZoneAction> for String {
    fn from(action: ZoneAction) -> Self {
        match action {
            ZoneAction::Cname(name) => format!("cname {name}"),
            action => {
                let word = WORDS.iter().find(|(_, one)| *one == action);
                word.map_or("given", |(word, _)| word).to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpz::Action;

    #[test]
    fn each_word_is_read_and_written_and_means_what_a_zone_means_by_it() {
        let check = |text: &str, expect: &str| {
            let action = ZoneAction::try_from(text.to_owned()).unwrap();
            let record = action.record();
            let means = record
                .as_ref()
                .map_or("given", |record| Action::of(std::iter::once(record)).as_str());
            assert_eq!((means, String::from(action).as_str()), (expect, text));
        };
        for word in ["given", "nxdomain", "nodata", "passthru", "drop", "tcp-only"] {
            check(word, word);
        }
        check("cname warn.example", "local-data");
        for text in ["", "NXDOMAIN", "cname", "cname ", "cname a..b", "disabled"] {
            let error = ZoneAction::try_from(text.to_owned()).unwrap_err();
            assert!(error.to_string().contains("tcp-only"), "{error}");
        }
    }
}
