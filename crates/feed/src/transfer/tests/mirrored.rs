//! Debian's Knot Resolver and dnsdist, started by our own configurations on files that a
//! mirror keeps: they answer as what holds says, within seconds, and go on without the hub.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use belfry_follow::{Follower, HttpSource, SnapshotStore};
use belfry_mirror::{MirrorMetrics, MirrorSettings, Writer};
use belfry_testbed::{Random, peer};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::resolvers::{
    Expected, PATIENCE, Resolver, Software, Upstream, address, check, configure, names, run,
    until_blocked,
};
use super::settings;
use crate::tests::bench::Bench;

const SOFTWARE: [Software; 2] = [
    Software {
        word: "kresd",
        program: "kresd",
        main: "kresd.conf",
        arguments: |dir| {
            let conf = dir.join("kresd.conf").display().to_string();
            vec!["-n".into(), "-c".into(), conf, dir.display().to_string()]
        },
        // The upstream signs nothing.
        mend: |text| text + "trust_anchors.remove('.')\n",
    },
    Software {
        word: "dnsdist",
        program: "dnsdist",
        main: "dnsdist.conf",
        arguments: |dir| {
            let conf = dir.join("dnsdist.conf").display().to_string();
            vec!["--supervised".into(), "--disable-syslog".into(), "-C".into(), conf]
        },
        mend: |text| text,
    },
];

fn now() -> belfry_journal::UnixMillis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    belfry_journal::UnixMillis(u64::try_from(since.as_millis()).unwrap())
}

/// A mirror in this process, as `belfry feed mirror` puts it together.
struct Mirror {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Mirror {
    /// By the settings in the server's folder; the first files are there when this returns.
    async fn start(dir: &Path, (url, token): &(String, String)) -> Self {
        let text = fs::read_to_string(dir.join("mirror.toml")).unwrap();
        let settings: MirrorSettings = toml::from_str(&text).unwrap();
        let (source, store) =
            (HttpSource::new(url, token.clone()).unwrap(), SnapshotStore::new(settings.store()));
        let (writer, keeper) = Writer::new(settings, now, MirrorMetrics::default()).unwrap();
        let second = Duration::from_secs(1);
        let follower = Follower::new(source, keeper, store, now, second, second);
        let (told, followed) = watch::channel(follower.restore());
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let mut written = writer.status();
        tasks.spawn(follower.run(told, stop.clone()));
        tasks.spawn(writer.run(followed, stop.clone()));
        let first = written.wait_for(|status| status.written.is_some());
        tokio::time::timeout(PATIENCE, first).await.unwrap().unwrap();
        Self { stop, tasks }
    }

    async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn bench(host: u8) -> Bench {
    let bench = Bench::with_transfers(settings(host)).await;
    super::add(&bench, json!({ "name": "isp" })).await;
    bench
}

/// Blocks a name of its own, and waits until each server enforces it: what came before is
/// in the same files.
async fn until_in_step(bench: &Bench, resolvers: &[Resolver], mark: &str) {
    bench.block(mark).await;
    let start = Instant::now();
    until_blocked(resolvers, mark).await;
    println!("{mark} held at {} servers after {:?}", resolvers.len(), start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_read_files_answer_as_what_holds_says() {
    const HOST: u8 = 22;
    const STEPS: usize = 100;
    let bench = bench(HOST).await;
    let (upstream, stop) = (Upstream::start(HOST), CancellationToken::new());
    let hub = bench.listen(stop.clone()).await;
    bench.block("first.example").await;
    let (mut resolvers, mut mirrors) = (Vec::new(), Vec::new());
    for (software, number) in SOFTWARE.iter().zip(3..) {
        let Some(program) = peer(software.program) else { continue };
        let address = address(software, HOST, number);
        let dir = configure(&bench, software, address, upstream.address).await;
        mirrors.push(Mirror::start(&dir, &hub).await);
        resolvers.push(run(software, &program, address, &dir));
    }
    until_blocked(&resolvers, "first.example").await;
    let (names, mut expected, mut random) = (names(), Expected::default(), Random::new(7));
    for step in 0..STEPS {
        expected.step(&bench, &names, &mut random).await;
        if step == STEPS / 2 || step == STEPS - 1 {
            until_in_step(&bench, &resolvers, &format!("mark-{step}.example")).await;
            tokio::task::block_in_place(|| check(&resolvers, &expected, &names));
        }
    }
    for mirror in mirrors {
        mirror.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_hub_the_last_files_stay_and_a_mirror_starts_again_from_its_own() {
    const HOST: u8 = 23;
    let bench = bench(HOST).await;
    let (upstream, stop) = (Upstream::start(HOST), CancellationToken::new());
    let hub = bench.listen(stop.clone()).await;
    bench.block("first.example").await;
    let software = &SOFTWARE[1];
    let Some(program) = peer(software.program) else { return };
    let address = address(software, HOST, 3);
    let dir = configure(&bench, software, address, upstream.address).await;
    let mirror = Mirror::start(&dir, &hub).await;
    let resolvers = [run(software, &program, address, &dir)];
    until_in_step(&bench, &resolvers, "second.example").await;
    stop.cancel();
    mirror.stop().await;
    until_blocked(&resolvers, "second.example").await;
    // The hub is gone, and `restore` is all there is.
    let mirror = Mirror::start(&dir, &hub).await;
    bench.block("third.example").await;
    for name in ["first.example", "second.example"] {
        until_blocked(&resolvers, name).await;
    }
    mirror.stop().await;
    // Back at another address, with what came meanwhile.
    let hub = bench.listen(CancellationToken::new()).await;
    let mirror = Mirror::start(&dir, &hub).await;
    until_blocked(&resolvers, "third.example").await;
    mirror.stop().await;
}
