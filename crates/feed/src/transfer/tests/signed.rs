//! A name in a signed zone, asked for with DNSSEC: the redirect breaks the signature, and a
//! resolver that minds that gives the real address of the phisher.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use belfry_testbed::{Child, free_port, peer};
use serde_json::json;

use super::resolvers::{
    A, REAL, Resolver, SOFTWARE, Software, WARNING, address, ask, configure, exchange, run,
    settings_for_resolvers, until_in_step,
};
use crate::tests::bench::Bench;

const ZONE: &str = "signed.example";
/// "The data are authentic", of an answer's second octet of flags.
const AUTHENTIC: u8 = 0x20;

/// A BIND that has the signed zone, and the key that vouches for it.
struct Signed {
    address: SocketAddr,
    /// `257 3 13 BASE64`.
    key: String,
    _child: Child,
}

impl Signed {
    /// `None`, with the skip recorded, where a program is missing.
    fn start(dir: &Path) -> Option<Self> {
        let [keygen, signzone, named] = ["dnssec-keygen", "dnssec-signzone", "named"].map(peer);
        fs::create_dir_all(dir).unwrap();
        let tool = |program: &Path, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).current_dir(dir).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap()
        };
        let name = tool(&keygen?, &["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", ZONE]);
        let key = fs::read_to_string(dir.join(format!("{}.key", name.trim()))).unwrap();
        let key = key.lines().find_map(|line| line.split_once(" DNSKEY ")).unwrap().1.to_owned();
        let zone = format!(
            "$TTL 60\n@ SOA ns hostmaster 1 60 60 3600 60\n@ NS ns\nns A 127.0.0.1\n\
             open A {REAL}\nblocked A {REAL}\n"
        );
        fs::write(dir.join("zone"), zone).unwrap();
        // One key signs all, as most zones have it.
        tool(&signzone?, &["-q", "-S", "-z", "-o", ZONE, "-f", "zone.signed", "zone"]);
        let (port, folder) = (free_port(), dir.display());
        let conf = format!(
            "options {{ directory \"{folder}\"; pid-file none; session-keyfile none; recursion no; \
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; }};\n\
             controls {{ }};\nzone \"{ZONE}\" {{ type primary; file \"zone.signed\"; }};\n"
        );
        fs::write(dir.join("named.conf"), conf).unwrap();
        let log = Stdio::from(fs::File::create(dir.join("log")).unwrap());
        let mut command = Command::new(named?);
        command.args(["-g", "-c", "named.conf"]).current_dir(dir).stderr(log);
        let child = Child::spawn(&mut command).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Some(Self { address, key, _child: child })
    }

    /// A resolver's own files, changed so that it trusts the zone's key.
    fn trusted(&self, word: &str, text: &str) -> String {
        let key = &self.key;
        match word {
            "bind" => {
                let (numbers, base64) = key.rsplit_once(" 13 ").unwrap();
                let anchor = format!("{ZONE}. static-key {numbers} 13 \"{base64}\";");
                let text =
                    text.replace("recursion yes;", "recursion yes;\n    dnssec-validation yes;");
                format!("{text}\ntrust-anchors {{ {anchor} }};\n")
            }
            "unbound" => {
                let anchor = format!("trust-anchor: \"{ZONE}. DNSKEY {key}\"");
                text.replace("trust-anchor-file:", &format!("{anchor}\n    # trust-anchor-file:"))
            }
            _ => text.to_owned(),
        }
    }
}

/// The files that our own command gives out, with `change` after the key is trusted.
async fn resolver(
    bench: &Bench,
    signed: &Signed,
    software: &Software,
    number: u8,
    change: fn(String) -> String,
) -> Option<Resolver> {
    let program: PathBuf = peer(software.program)?;
    let at = address(software, 24, number);
    let unmended = Software { mend: |text| text, ..*software };
    let dir = configure(bench, &unmended, at, signed.address).await;
    let file = dir.join(software.main);
    let text = fs::read_to_string(&file).unwrap();
    let changed = change(signed.trusted(software.word, &text));
    fs::write(&file, changed).unwrap();
    Some(run(software, &program, at, &dir))
}

fn bind() -> &'static Software {
    &SOFTWARE[0]
}

async fn bench() -> Bench {
    let bench = Bench::with_transfers(settings_for_resolvers(24)).await;
    super::add(&bench, json!({ "name": "isp", "addresses": ["127.0.0.0/8"] })).await;
    for name in ["blocked", "absent"] {
        bench.block(&format!("{name}.{ZONE}")).await;
    }
    bench
}

/// What `name` of the zone is answered, without and with DNSSEC asked for.
fn both(resolver: &Resolver, name: &str) -> [Option<(u8, Vec<std::net::Ipv4Addr>)>; 2] {
    [false, true].map(|dnssec| ask(resolver.address, &format!("{name}.{ZONE}"), A, dnssec))
}

/// The resolver validates, or nothing that follows means anything.
fn assert_validates(resolver: &Resolver) {
    let answer = exchange(resolver.address, &format!("open.{ZONE}"), A, true).unwrap();
    assert_eq!(answer[3] & (AUTHENTIC | 15), AUTHENTIC, "{}", resolver.word);
    assert_eq!(both(resolver, "open")[1], Some((0, vec![REAL])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_name_is_redirected_for_who_asks_for_dnssec_too() {
    let bench = bench().await;
    let Some(signed) = Signed::start(&bench.folder().join("signed")) else { return };
    for (software, number) in SOFTWARE.iter().filter(|one| one.word != "pdns").zip(3..) {
        let made = resolver(&bench, &signed, software, number, |text| text).await;
        let Some(resolver) = made else { continue };
        let resolvers = [resolver];
        until_in_step(&bench, &resolvers).await;
        let redirected = Some((0, vec![WARNING]));
        tokio::task::block_in_place(|| {
            assert_validates(&resolvers[0]);
            for name in ["blocked", "absent"] {
                let word = resolvers[0].word;
                let expected = [redirected.clone(), redirected.clone()];
                assert_eq!(both(&resolvers[0], name), expected, "{word}: {name}");
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_break_dnssec_bind_gives_the_real_answer() {
    let bench = bench().await;
    let Some(signed) = Signed::start(&bench.folder().join("signed")) else { return };
    let broken = |text: String| {
        assert!(text.contains("break-dnssec yes"), "{text}");
        text.replace("break-dnssec yes", "")
    };
    let Some(resolver) = resolver(&bench, &signed, bind(), 3, broken).await else { return };
    let resolvers = [resolver];
    until_in_step(&bench, &resolvers).await;
    tokio::task::block_in_place(|| {
        assert_validates(&resolvers[0]);
        let expected = [Some((0, vec![WARNING])), Some((0, vec![REAL]))];
        assert_eq!(both(&resolvers[0], "blocked"), expected);
    });
}
