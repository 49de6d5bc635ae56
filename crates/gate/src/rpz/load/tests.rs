//! Zone files as people write them.

use super::owner::wire_of_text;
use super::reader::seconds;
use super::*;
use crate::names::Labels;
use crate::rpz::{Action, Ruling};

fn seed() -> Seed {
    Seed::new(*b"0123456789abcdef")
}

fn load(files: &[(&str, bool, &str)]) -> (ZoneSet, Vec<Unhonoured>) {
    let line = LastLine::new(None, Vec::new());
    let mut loader = Loader::new(seed(), &line, files.iter().map(|file| file.2.len() as u64).sum());
    let unhonoured =
        files.iter().map(|(name, live, text)| loader.zone(name, *live, text.as_bytes()).unwrap());
    let unhonoured = unhonoured.collect();
    (loader.finish().unwrap(), unhonoured)
}

fn ruling(set: &ZoneSet, name: &str) -> Ruling {
    let wire = wire_of_text(name).unwrap();
    set.find(&wire, &Labels::of(&wire).unwrap()).0
}

fn says(set: &ZoneSet, name: &str) -> String {
    let Some(hit) = ruling(set, name).live else { return "nothing".to_owned() };
    let zone = &set.zone(hit).name;
    match set.action(hit) {
        Action::Local(local) if local.alias.is_some() => {
            let target = local.alias.as_ref().unwrap().target_for(&wire_of_text(name).unwrap());
            format!("{zone}: {:?}", String::from_utf8_lossy(&target.unwrap()))
        }
        Action::Local(local) => {
            let types: Vec<_> =
                local.records.iter().map(|record| record.rtype.to_string()).collect();
            format!("{zone}: {}", types.join(" "))
        }
        action => format!("{zone}: {}", action.as_str()),
    }
}

fn check(text: &str, expect: &[(&str, &str)]) {
    let (set, _) = load(&[("z", true, text)]);
    for (name, expected) in expect {
        assert_eq!(says(&set, name), *expected, "{name} in {text}");
    }
}

#[test]
fn every_action_is_read() {
    check(
        "$TTL 60\n@ SOA a. b. 1 2 3 4 5\n@ NS a.\n\
         nx.example CNAME .\nnodata.example CNAME *.\npass.example CNAME rpz-passthru.\n\
         drop.example 300 IN CNAME rpz-drop.\ntcp.example IN CNAME rpz-tcp-only.\n\
         data.example A 192.0.2.1\n  AAAA 2001:db8::1\n TXT \"a ; (b\"\n\
         alias.example CNAME warn.test.\n*.alias.example CNAME *.warn.test.\n",
        &[
            ("nx.example", "z: nxdomain"),
            ("nodata.example", "z: nodata"),
            ("pass.example", "z: passthru"),
            ("drop.example", "z: drop"),
            ("tcp.example", "z: tcp-only"),
            ("data.example", "z: A AAAA TXT"),
            ("alias.example", "z: \"\\u{4}warn\\u{4}test\\0\""),
            ("a.alias.example", "z: \"\\u{1}a\\u{5}alias\\u{7}example\\u{4}warn\\u{4}test\\0\""),
            ("other.example", "nothing"),
            ("example", "nothing"),
        ],
    );
}

#[test]
fn owners_are_relative_to_their_origin_and_triggers_to_the_apex() {
    check(
        "$ORIGIN net.\nrpz 60 SOA a. b. 1 2 3 4 5\n  NS a.\n$ORIGIN rpz.net.\n\
         Evil.Example CNAME .\nfull.example.rpz.net. CNAME .\n\
         $ORIGIN deep.rpz.net.\nmore CNAME *.\n\
         $ORIGIN elsewhere.\nstray.test CNAME .\n",
        &[
            ("evil.example", "z: nxdomain"),
            ("full.example", "z: nxdomain"),
            ("more.deep", "z: nodata"),
            ("stray.test", "nothing"),
        ],
    );
}

#[test]
fn the_closest_wildcard_counts_and_only_a_policy_ends_the_search() {
    check(
        "evil.example CNAME .\n*.evil.example CNAME .\na.b.evil.example CNAME *.\n\
         *.c.evil.example A 192.0.2.1\n",
        &[
            ("evil.example", "z: nxdomain"),
            ("x.y.evil.example", "z: nxdomain"),
            ("a.b.evil.example", "z: nodata"),
            // An empty node is no hole.
            ("b.evil.example", "z: nxdomain"),
            ("x.b.evil.example", "z: nxdomain"),
            // A name with a policy and no wildcard ends the search, as in DNS.
            ("x.a.b.evil.example", "nothing"),
            ("c.evil.example", "z: nxdomain"),
            ("x.c.evil.example", "z: A"),
            ("notevil.example", "nothing"),
        ],
    );
}

#[test]
fn records_of_a_name_come_together_wherever_they_stand() {
    check(
        "a.example A 192.0.2.1\nb.example A 192.0.2.1\na.example AAAA 2001:db8::1\n\
         *.a.example CNAME .\nA.example A 192.0.2.1\n",
        &[("a.example", "z: A AAAA"), ("b.example", "z: A"), ("x.a.example", "z: nxdomain")],
    );
}

#[test]
fn the_first_zone_with_a_policy_counts() {
    let first = "pass.example CNAME rpz-passthru.\n*.wide.example CNAME *.\n";
    let second = "pass.example CNAME .\na.wide.example CNAME .\nonly.example CNAME .\n";
    let (set, _) = load(&[("one", true, first), ("shadow", false, second), ("two", true, second)]);
    assert_eq!(says(&set, "pass.example"), "one: passthru");
    assert_eq!(says(&set, "a.wide.example"), "one: nodata");
    assert_eq!(says(&set, "only.example"), "two: nxdomain");
    let shadow = ruling(&set, "only.example").shadow.unwrap();
    assert_eq!(set.zone(shadow).name, "shadow");
}

#[test]
fn what_cannot_be_honoured_is_counted_and_the_rest_holds() {
    let text = "good.example CNAME .\n32.1.2.0.192.rpz-client-ip CNAME .\nns.test.rpz-nsdname CNAME .\n\
        24.0.2.0.192.rpz-nsip CNAME .\nbad.example A not-an-address\n24.0.2.0.192.rpz-ip CNAME .\n\
        99.0.2.0.192.rpz-ip CNAME .\ncom CNAME .\n* CNAME .\n*.vercel.app CNAME .\n\
        .. CNAME .\n$INCLUDE other\nlast.example CNAME .\n";
    let (set, unhonoured) = load(&[("z", true, text)]);
    let expect = Unhonoured { name_server: 1, name_server_address: 1, unreadable: 4, refused: 3 };
    assert_eq!(unhonoured, [expect]);
    assert_eq!(
        (says(&set, "good.example"), says(&set, "last.example")),
        ("z: nxdomain".into(), "z: nxdomain".into())
    );
    assert_eq!(
        (says(&set, "shop.com"), says(&set, "x.vercel.app")),
        ("nothing".into(), "nothing".into())
    );
    assert!(set.find_address("192.0.2.77".parse().unwrap()).live.is_some());
    assert!(set.find_address("192.0.3.77".parse().unwrap()).live.is_none());
    let asks = |client: &str| set.of_client(client.parse().ok(), Ruling::default()).live;
    assert!(asks("192.0.2.1").is_some() && asks("192.0.2.2").is_none() && asks("").is_none());
    assert_eq!(expect.to_string(), "1 name-server, 1 name-server-address, 4 unreadable, 3 refused");
    assert_eq!(Unhonoured::default().to_string(), "nothing");
}

#[test]
fn a_passthru_is_never_refused() {
    check(
        "com CNAME rpz-passthru.\n*.com CNAME .\n",
        &[("com", "z: passthru"), ("a.com", "nothing")],
    );
}

#[test]
fn a_file_without_one_usable_record_is_not_taken() {
    let line = LastLine::new(None, Vec::new());
    let mut loader = Loader::new(seed(), &line, 0);
    let error = loader.zone("z", true, &b"<html>\n<body>not a zone</body>\n"[..]).unwrap_err();
    assert!(error.to_string().starts_with("zone z: not one usable policy"), "{error}");
    assert_eq!(loader.zone("empty", true, &b""[..]).unwrap(), Unhonoured::default());
}

#[test]
fn ttls_and_classes_stand_in_either_order() {
    let (set, _) = load(&[(
        "z",
        true,
        "$TTL 1h\na.example A 192.0.2.1\nb.example 5 IN A 192.0.2.1\nc.example IN 6 A 192.0.2.1\n",
    )]);
    let ttl = |name: &str| match set.action(ruling(&set, name).live.unwrap()) {
        Action::Local(local) => local.records[0].ttl,
        action => panic!("{action:?}"),
    };
    assert_eq!((ttl("a.example"), ttl("b.example"), ttl("c.example")), (3_600, 5, 6));
    assert_eq!((seconds("1w2d3h4m5s"), seconds("x"), seconds("")), (Some(788_645), None, None));
}

#[test]
fn many_names_take_little_memory() {
    let text: String = (0..50_000)
        .map(|n| {
            format!(
                "name-{n}.shop-{n}.example A 127.0.0.2\n*.name-{n}.shop-{n}.example A 127.0.0.2\n"
            )
        })
        .collect();
    let (set, _) = load(&[("z", true, &text)]);
    assert_eq!(set.len(), 50_000);
    assert_eq!(
        (says(&set, "name-77.shop-77.example"), says(&set, "x.name-49999.shop-49999.example")),
        ("z: A".into(), "z: A".into())
    );
    let each = set.level.octets() / set.len();
    assert!(each <= 32, "{each} octets a name");
}

#[test]
fn in_passes_the_set_is_the_same() {
    let zones: [String; 2] = [7, 11].map(|step| {
        (0..900).fold("$TTL 60\n@ SOA a. b. 1 2 3 4 5\n".to_owned(), |text, number| {
            let name = number * step;
            text + &format!("n{name}.test CNAME .\n*.n{name}.test A 127.0.0.{}\n", number % 9)
        }) + "32.1.2.0.192.rpz-ip CNAME .\n"
    });
    let line = LastLine::new(None, Vec::new());
    let load = |passes: usize, like: &ZoneSet| {
        // As large as a set that needs several shards.
        let seed = Seed::new(*b"0123456789abcdef");
        let mut loader = Loader::new(seed, &line, 4 << 20).in_passes(passes);
        loop {
            for (name, text) in ["one.test", "two.test"].iter().zip(&zones) {
                loader.zone(name, true, text.as_bytes()).unwrap();
            }
            if !loader.end_pass(like).unwrap() {
                return loader.finish().unwrap();
            }
        }
    };
    let whole = load(1, &ZoneSet::empty(Seed::new([1; 16])));
    for again in [load(3, &whole), load(4, &ZoneSet::empty(Seed::new([1; 16])))] {
        assert_eq!((again.len(), again.zones().len()), (whole.len(), 2));
        for number in 0..10_000 {
            for prefix in ["", "x."] {
                let name = format!("{prefix}n{number}.test");
                let wire = belfry_indicator::Domain::parse(&name).unwrap().to_wire();
                let labels = Labels::of(&wire).unwrap();
                let actions = |set: &ZoneSet| {
                    let hit = set.find(&wire, &labels).0.live;
                    hit.map(|hit| (hit.zone, hit.at, set.action(hit).clone()))
                };
                assert_eq!(actions(&again), actions(&whole), "{name}");
            }
        }
        assert_eq!(again.find_address("192.0.2.1".parse().unwrap()).live.unwrap().zone, 0);
    }
}
