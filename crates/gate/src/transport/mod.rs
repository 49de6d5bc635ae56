//! How queries come and answers go: one short file each. A transport moves
//! octets and bounds what it holds; it never looks into a message.

pub(crate) mod tcp;
