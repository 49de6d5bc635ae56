//! Canonical names, hosts, URLs and the targets that DNS can block.
