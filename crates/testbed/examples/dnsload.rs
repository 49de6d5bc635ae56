//! Asks a DNS server over UDP and prints what came back as one line of JSON:
//! `dnsload SERVER QUERIES SECONDS window|rate NUMBER [SOCKETS]`. For benchmarks,
//! which want it built for release and on a core of its own.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::error::Error;
use std::time::Duration;

use belfry_testbed::dnsload::{Load, Pace, Queries, run};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [server, queries, seconds, pace, number, more @ ..] = &words[..] else {
        return Err("dnsload SERVER QUERIES SECONDS window|rate NUMBER [SOCKETS]".into());
    };
    let pace = match pace.as_str() {
        "window" => Pace::Window(number.parse()?),
        _ => Pace::Rate(number.parse()?),
    };
    let load = Load {
        server: server.parse()?,
        pace,
        time: Duration::from_secs_f64(seconds.parse()?),
        sockets: more.first().map_or(Ok(1), |sockets| sockets.parse())?,
    };
    let mut queries = Queries::read(&std::fs::read_to_string(queries)?);
    if queries.is_empty() {
        return Err("no queries".into());
    }
    println!("{}", run(&load, &mut queries)?.to_json());
    Ok(())
}
