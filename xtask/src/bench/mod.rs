//! Figures of a release build on this machine: `cargo xtask bench intake`, `reading`, `block`, `dns`,
//! `judge`, `sms`, `console`, `feed`.
//!
//! A benchmark never decides whether a build is good; it prints figures that a
//! person compares. Differences under a fifth are noise.

mod block;
mod console;
mod dns;
mod effective;
mod feed;
mod figures;
mod guard;
mod intake;
mod judge;
mod reading;
mod sms;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::command::Result;
use crate::hub;

/// Options of `cargo xtask bench`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What to measure; everything when left out
    what: Vec<What>,
    /// How many orders `block` confirms
    #[arg(long, default_value_t = 200)]
    orders: usize,
    /// How many orders `feed` times at each follower, and as many releases
    #[arg(long, default_value_t = 100)]
    feed_orders: usize,
    /// How many connections `intake` sends over
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// How often `intake` sends all mails into each server
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[command(flatten)]
    dns: dns::Options,
    #[command(flatten)]
    console: console::Sizes,
}

/// A benchmark.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Mails over SMTP, from the first octet to the last receipt
    Intake,
    /// What a million orders take in memory
    Effective,
    /// Mails read a second, beside Python; defects; the worst mails
    Reading,
    /// From an analyst's confirmation to the first blocked DNS answer
    Block,
    /// What the guard says to a real feed
    Guard,
    /// DNS answers beside other servers: processor time, memory, latency
    Dns,
    /// How well and how fast URLs, SMS and mails are judged
    Judge,
    /// How well and how fast mutations of SMS texts are found
    Sms,
    /// Pages with 100,000 cases and a million reports
    Console,
    /// From an order to each resolver and gate; a real feed's history by differences of zones
    Feed,
}

impl Options {
    /// Everything, in full.
    pub(crate) fn full() -> Self {
        Self {
            what: Vec::new(),
            orders: 200,
            feed_orders: 100,
            connections: 8,
            rounds: 3,
            dns: dns::Options::full(),
            console: console::Sizes::full(),
        }
    }
}

/// Trains the built-in models anew.
pub(crate) fn train() -> Result {
    judge::run("write")
}

/// Builds a release and measures it.
pub(crate) fn run(options: &Options) -> Result {
    let all = [
        What::Intake,
        What::Effective,
        What::Reading,
        What::Block,
        What::Dns,
        What::Guard,
        What::Judge,
        What::Sms,
        What::Console,
        What::Feed,
    ];
    let chosen = if options.what.is_empty() { &all[..] } else { &options.what[..] };
    let needs_hub = |what: &What| !matches!(what, What::Effective | What::Guard);
    let binary = match &options.console.binary {
        Some(given) => given.clone(),
        None if chosen.iter().any(needs_hub) => hub::release()?,
        None => PathBuf::new(),
    };
    chosen.iter().try_for_each(|what| match what {
        What::Intake => intake::run(&binary, options.connections, options.rounds),
        What::Effective => effective::run(1_000_000),
        What::Reading => reading::run(&binary),
        What::Block => block::run(&binary, options.orders),
        What::Guard => guard::run(),
        What::Dns => dns::run(&binary, &options.dns),
        What::Judge => judge::run("measure"),
        What::Sms => sms::run(),
        What::Console => console::run(&binary, &options.console),
        What::Feed => feed::run(&binary, options.feed_orders),
    })
}
