//! What goes wrong between the gate and a primary, in words that a person can act on.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use belfry_rpz::secondary::SecondaryError;
use belfry_rpz::tsig::TsigError;
use belfry_rpz::wire::rcode;

const SERVFAIL: u8 = 2;

/// Why a zone is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0} can't be reached over TCP: {1}")]
    Connect(SocketAddr, io::Error),
    #[error("{0} ended or stalled in the middle of an answer: {1}; nothing of it is used")]
    Cut(SocketAddr, io::Error),
    #[error("{0} refused: {1}")]
    Refused(SocketAddr, &'static str),
    #[error("{0} refused: response code {1}")]
    RefusedOtherwise(SocketAddr, u8),
    #[error("{0} sent what is not signed by the key that was asked with: {1}")]
    Unsigned(SocketAddr, TsigError),
    #[error("{0}: {1}")]
    Answer(SocketAddr, SecondaryError),
    #[error("the zone is larger than zone_records_max allows: it is refused whole")]
    TooLarge,
    #[error("the difference is larger than is held in memory")]
    LargeDifference,
    #[error("the difference does not fit what is kept")]
    NotOurs,
    #[error(
        "{address} has serial {theirs}, which is before serial {ours} that is kept: raise it \
         there, or remove {path} and have the gate start anew", path = path.display()
    )]
    Behind { address: SocketAddr, theirs: u32, ours: u32, path: PathBuf },
    #[error("the key of the zone has not been read: look at key_file")]
    NoKey,
    #[error("{path}: {source}", path = path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error("the gate is stopping")]
    Stopping,
}

impl Problem {
    /// Whether the whole zone may still do.
    pub(super) fn asks_for_whole(&self) -> bool {
        matches!(
            self,
            Self::Refused(..)
                | Self::RefusedOtherwise(..)
                | Self::Answer(..)
                | Self::LargeDifference
                | Self::NotOurs
        )
    }

    /// What a primary's refusal means; `complaint` is what it says of the signature.
    pub(super) fn refusal(
        address: SocketAddr,
        code: u8,
        complaint: Option<TsigError>,
        signed: bool,
    ) -> Self {
        let words = match (complaint, code, signed) {
            (Some(TsigError::BadKey), ..) => {
                "it does not know the key: its name and algorithm must be the same on both sides"
            }
            (Some(TsigError::BadSignature), ..) => {
                "it finds the signature wrong: the key's secret is another there"
            }
            (Some(TsigError::BadTime), ..) => {
                "its clock differs from ours by more than 300 s: set the time on both sides"
            }
            (_, rcode::REFUSED, true) => {
                "it does not let this gate have the zone (REFUSED): allow the key there, in BIND \
                 by allow-transfer and allow-query"
            }
            (_, rcode::REFUSED, false) => {
                "it does not let this gate have the zone (REFUSED): allow its address there, in \
                 BIND by allow-transfer, or set the key that it asks for (key_file, --rpz-key)"
            }
            (_, rcode::NOTAUTH, _) => "it is no server of this zone (NOTAUTH): look at its name",
            (_, rcode::NOTIMP | rcode::FORMERR, _) => "it does not understand the question",
            (_, SERVFAIL, _) => "it has no usable zone itself (SERVFAIL): look at its log",
            _ => return Self::RefusedOtherwise(address, code),
        };
        Self::Refused(address, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let check = |code, complaint, signed, expect: &str| {
            let address = SocketAddr::from(([192, 0, 2, 1], 53));
            let said = Problem::refusal(address, code, complaint, signed).to_string();
            assert!(said.starts_with("192.0.2.1:53 refused: ") && said.contains(expect), "{said}");
        };
        check(5, None, false, "key_file");
        check(5, None, true, "allow the key there");
        check(9, None, true, "no server of this zone");
        check(9, Some(TsigError::BadKey), true, "does not know the key");
        check(9, Some(TsigError::BadSignature), true, "secret is another");
        check(9, Some(TsigError::BadTime), true, "clock");
        check(2, None, false, "SERVFAIL");
        check(4, None, false, "does not understand");
        check(23, None, false, "response code 23");
    }
}
