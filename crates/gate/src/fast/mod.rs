//! The fast path: one thread and one socket a core, whole batches of datagrams at
//! a time, and answers written in place. What is blocked or cached never leaves
//! its thread and allocates nothing. Anything unusual goes the slow way, which
//! says the same about everything: a test holds both against each other.
//!
//! `ask` reads the usual query, `write` writes the usual answers, `ahead` has what a batch needs fetched from memory, `kept` holds
//! answers of this thread's own, `tally` counts without sharing, `worker` is the
//! loop around them.

mod ahead;
mod ask;
mod kept;
mod tally;
mod worker;
mod write;

pub(crate) use self::worker::{Worker, threads};

#[cfg(test)]
mod tests;
