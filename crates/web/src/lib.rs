//! What every HTTP surface of the hub shares: problem+json, bearer tokens as typed roles.
