//! What the fuzzer calls: octets of either side, cut at random.

use std::collections::HashMap;
use std::time::Instant;

use belfry_indicator::OperatorName;

use crate::session::{Session, Side};
use crate::{Filter, FilterSettings, OnMatch, Without};

/// The first octet says which side sends and where the rest is cut; what goes on must
/// have come in, and nothing is answered that was not asked.
pub fn octets(bytes: &[u8]) {
    let Some((first, octets)) = bytes.split_first() else { return };
    let operator = OperatorName::parse("telco-1").expect("a lawful name");
    let settings = FilterSettings {
        operator,
        on_match: OnMatch::Reject,
        templates: HashMap::new(),
        without: if first & 2 == 0 { Without::Open } else { Without::Closed },
    };
    let mut session = Session::new(Filter::new(settings), 8);
    let side = if first & 1 == 0 { Side::Peer } else { Side::Smsc };
    let cut = octets.len() * usize::from(first >> 2) / 64;
    for part in [&octets[..cut], &octets[cut..]] {
        if session.receive(side, part, Instant::now()).is_err() {
            break;
        }
    }
    let (on, back) = match side {
        Side::Peer => (&session.to_smsc, &session.to_peer),
        Side::Smsc => (&session.to_peer, &session.to_smsc),
    };
    assert!(on.len() <= octets.len());
    assert!(back.len() <= octets.len() * 2);
}

#[cfg(test)]
mod tests {
    use crate::pdu::SUBMIT_SM;
    use crate::pdu::tests::submit;

    proptest::proptest! {
        #[test]
        fn any_octets_are_taken(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            super::octets(&bytes);
        }

        #[test]
        fn changed_messages_are_taken(at in 0usize..120, value: u8, first: u8) {
            let mut bytes = submit(SUBMIT_SM, 1, 0x40, 0, b"\x05\x00\x03\x09\x02\x01hi", &[2, 0x0c, 0, 2, 0, 5]);
            let at = at % bytes.len();
            bytes[at] = value;
            bytes.insert(0, first);
            super::octets(&bytes);
        }
    }
}
