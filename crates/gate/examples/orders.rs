//! A gate without a hub that takes so many orders a second: for benchmarks, which want
//! it built for release. `orders LISTEN UPSTREAM ZONE FOLDER ORDERS`: the zone's names
//! are blocked, `order-N.example` by the Nth order, and the one 10,000 before it is
//! released. Says `ready`, and runs until it is killed.

#![expect(clippy::print_stdout, reason = "its output is for whoever started it")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use belfry_follow::Apply;
use belfry_gate::{Followed, Gate, GateSettings, ZoneSettings};
use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, EffectiveSet, Entry, Mode, Order, PublicReason,
    Serial, UnixMillis,
};
use tokio_util::sync::CancellationToken;

/// Orders that hold at the same time.
const HELD: u64 = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [listen, upstream, zone, folder, rate] = &words[..] else {
        return Err("orders LISTEN UPSTREAM ZONE FOLDER ORDERS".into());
    };
    let upstream: std::net::SocketAddr = upstream.parse()?;
    let zone = ZoneSettings::of_file(PathBuf::from(zone));
    let settings = GateSettings {
        listen: vec![listen.parse()?],
        upstreams: vec![upstream.into()],
        zones: vec![zone],
        threads: 1,
        orders_change_percent_max: 100,
        ..GateSettings::default()
    };
    let gate = Gate::new(settings, || UnixMillis(1))?;
    gate.load_zones(Some(Path::new(folder)), true)?;
    gate.serve_zones();
    let (bound, apply) = (gate.bind(None).await?, gate.apply());
    let stop = CancellationToken::new();
    let running = tokio::spawn(bound.run(stop));
    println!("ready");
    let rate: u32 = rate.parse()?;
    std::thread::spawn(move || order_for_ever(&apply, rate));
    running.await?;
    Ok(())
}

fn order_for_ever(apply: &Followed, rate: u32) {
    let mut set = EffectiveSet::new();
    apply.replace(&set);
    let began = Instant::now();
    for number in 1_u64.. {
        let due = Duration::from_secs_f64(f64_of(number) / f64::from(rate.max(1)));
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        change(apply, &mut set, order(number, Action::Block));
        if let Some(old) = number.checked_sub(HELD).filter(|old| *old > 0) {
            // Until then each order is one entry; from then on two.
            let serial = if old <= HELD { old } else { 2 * old - HELD - 1 };
            change(apply, &mut set, order(old, Action::Release { of: Serial(serial) }));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "it counts orders of one run")]
fn f64_of(number: u64) -> f64 {
    number as f64
}

fn order(number: u64, action: Action) -> Option<Order> {
    let name = Domain::parse(&format!("order-{number}.example")).ok()?;
    let cause = match action {
        Action::Release { .. } => Cause::Withdrawal { case: number },
        Action::Block | Action::Allow => Cause::Verdict { case: number },
    };
    Some(Order {
        action,
        target: Target::Domain(name),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
        audience: Audience::Everyone,
        cause,
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    })
}

fn change(apply: &Followed, set: &mut EffectiveSet, order: Option<Order>) {
    let Some(order) = order else { return };
    let serial = set.serial().next();
    let entry = Entry::new(serial, [7; 32], &Body::Order(order));
    match set.apply(&entry) {
        Ok(change) => apply.change(set, &[change]),
        Err(problem) => println!("entry {serial}: {problem}"),
    }
}
