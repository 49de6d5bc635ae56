//! What the browser says of the moment: for which ceremony, challenge and page. It is
//! under the signature, so that no other page's answer can be used here.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use super::{Challenge, PasskeyError};

/// Making a passkey, or signing with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

/// Fields beyond these may come (the standard says so) and mean nothing here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

impl ClientData {
    pub(super) fn read(json: &[u8]) -> Result<Self, PasskeyError> {
        serde_json::from_slice(json).map_err(|_| PasskeyError("its client data is not JSON"))
    }

    /// The challenge, if all else is as it must be.
    pub(super) fn check(self, for_: Ceremony, origin: &str) -> Result<Challenge, PasskeyError> {
        let expected = match for_ {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        };
        if self.r#type != expected {
            return Err(PasskeyError("it is for another act"));
        }
        if self.origin != origin || self.cross_origin {
            return Err(PasskeyError(
                "it is for another address: open the console by the address in its set-up link",
            ));
        }
        let challenge = BASE64URL_NOPAD.decode(self.challenge.as_bytes()).ok();
        let challenge = challenge.and_then(|bytes| bytes.try_into().ok());
        challenge.ok_or(PasskeyError("its challenge is none of ours"))
    }
}
