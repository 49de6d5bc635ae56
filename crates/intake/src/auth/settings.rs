//! The keys of the `[intake.authentication]` table. Only `belfry` reads files; this is the shape.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// How senders are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthenticationSettings {
    /// The resolvers asked for SPF, DKIM and DMARC; empty checks nothing.
    pub resolvers: Vec<SocketAddr>,
    /// How long all look-ups of one mail may take together.
    pub seconds_max: u64,
    /// Our own relays: SPF says nothing of a mail that one of them hands on.
    pub relays: Vec<IpAddr>,
}

impl Default for AuthenticationSettings {
    fn default() -> Self {
        Self { resolvers: Vec::new(), seconds_max: 5, relays: Vec::new() }
    }
}
