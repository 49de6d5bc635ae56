//! How `belfry feed mirror` follows for a server that reads files.

use super::{Facts, Software};

/// How `belfry feed mirror` follows for a server that reads files.
pub(super) fn mirror(facts: &Facts, software: Software) -> String {
    let zones: Vec<String> = facts.zones.iter().map(|zone| format!("{:?}", zone.apex)).collect();
    let kind = if software == Software::Knot { "rpz" } else { "cdb" };
    format!(
        "# For `belfry feed mirror --config mirror.toml`. Holds a key: chmod 600.\n\
         primary = \"{}\"\nkey_name = \"{}\"\nalgorithm = \"{}\"\nsecret = \"{}\"\n\
         zones = [{}]\nfolder = \"{}\"\nwrites = \"{kind}\"\n",
        facts.primary,
        facts.key_name(),
        facts.algorithm(),
        facts.secret(),
        zones.join(", "),
        facts.dir(software),
    )
}
