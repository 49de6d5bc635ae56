//! The routes over a real casebook: who may follow, from where, and that what
//! is served is what is committed.

pub(crate) mod bench;

use axum::http::StatusCode;
use belfry_casebook::access::Role;
use belfry_journal::{Entry, Serial, snapshot};
use data_encoding::BASE64;
use serde_json::{Value, json};

use self::bench::Bench;

#[tokio::test]
async fn a_page_holds_what_was_committed() {
    let bench = Bench::new().await;
    bench.block("evil.example").await;
    bench.casebook.heartbeat(bench::NOW).await.unwrap();
    let (status, page) = bench.get("/api/v1/orders", Role::Operator).await;
    assert_eq!(status, StatusCode::OK);
    let head = bench.casebook.head();
    assert_eq!((&page["journal"], &page["head"]), (&json!(head.journal.to_string()), &json!(2)));
    let entries = bench.casebook.entries(Serial(0), 10).await.unwrap();
    for (item, entry) in page["items"].as_array().unwrap().iter().zip(&entries) {
        let bytes = BASE64.decode(item["entry"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(&Entry::from_bytes(&bytes).unwrap(), entry);
        assert_eq!(item["leaf"], entry.leaf_hash().to_string());
    }
    assert_eq!(page["items"][0]["order"], order_of_evil_example());
    assert_eq!(page["items"][1]["kind"], "heartbeat");
    assert_eq!(page["items"][1].get("order"), None);
}

fn order_of_evil_example() -> Value {
    json!({
        "action": "block", "target": "evil.example", "level": "host", "category": "phishing",
        "mode": "live", "issued_at": "2026-11-24T09:00:00.000Z",
        "valid_until": "2026-12-24T09:00:00.000Z", "cause": "verdict",
        "reason": "impersonation", "keeps_mail": false,
    })
}

#[tokio::test]
async fn pages_resume_from_any_serial() {
    let bench = Bench::with_heartbeats(5).await;
    for after in 0..=5 {
        for limit in 1..=6 {
            let uri = format!("/api/v1/orders?after={after}&limit={limit}");
            let (status, page) = bench.get(&uri, Role::Reader).await;
            assert_eq!(status, StatusCode::OK, "{uri}");
            let serials: Vec<_> =
                page["items"].as_array().unwrap().iter().map(|item| &item["serial"]).collect();
            let expected: Vec<_> = (after + 1..=5).take(limit).collect();
            assert_eq!(json!(serials), json!(expected), "{uri}");
        }
    }
}

#[tokio::test]
async fn each_entry_says_what_came_before_it() {
    let bench = Bench::with_heartbeats(4).await;
    let (_, page) = bench.get("/api/v1/orders?after=1&limit=2", Role::Operator).await;
    let of = |item: &Value| (item["previous"].as_u64().unwrap(), item["serial"].as_u64().unwrap());
    let pairs: Vec<_> = page["items"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(pairs, [(1, 2), (2, 3)]);
    let mut stream = bench.stream("/api/v1/orders/stream?after=2", None).await;
    stream.next().await.unwrap();
    for pair in [(2, 3), (3, 4)] {
        assert_eq!(of(&stream.next().await.unwrap().data), pair);
    }
}

#[tokio::test]
async fn a_long_poll_answers_as_soon_as_there_is_something() {
    let bench = Bench::with_heartbeats(2).await;
    let uri = "/api/v1/orders?after=2&wait_seconds=25";
    let waiting = bench.get(uri, Role::Operator);
    let (page, _) = tokio::join!(waiting, bench.block("evil.example"));
    assert_eq!((page.0, &page.1["head"]), (StatusCode::OK, &json!(3)));
    assert_eq!(page.1["items"][0]["order"], order_of_evil_example());
    // What is there already is not waited for, and a wait ends with nothing.
    let (_, page) = bench.get("/api/v1/orders?after=2&wait_seconds=25", Role::Operator).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    let (status, page) = bench.get("/api/v1/orders?after=3&wait_seconds=1", Role::Operator).await;
    assert_eq!((status, &page["items"]), (StatusCode::OK, &json!([])));
}

#[tokio::test]
async fn who_waits_takes_a_place_and_goes_at_the_stop() {
    let bench = Bench::with_heartbeats(1).await;
    let uri = "/api/v1/orders?after=1&wait_seconds=25";
    let stop = async {
        tokio::task::yield_now().await;
        bench.state.stop.cancel();
    };
    let (page, ()) = tokio::join!(bench.get(uri, Role::Operator), stop);
    assert_eq!((page.0, &page.1["items"]), (StatusCode::OK, &json!([])));
    bench.state.streams.forget_permits(usize::MAX);
    let (status, problem) = bench.get(uri, Role::Operator).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem["type"], "urn:belfry:problem:too-many-streams");
}

#[tokio::test]
async fn what_can_not_be_asked_is_refused() {
    let bench = Bench::with_heartbeats(2).await;
    for (uri, status, code) in [
        ("/api/v1/orders?after=3", 409, "ahead"),
        ("/api/v1/orders/stream?after=3", 409, "ahead"),
        ("/api/v1/orders?limit=0", 400, "query"),
        ("/api/v1/orders?limit=1001", 400, "query"),
        ("/api/v1/orders?after=-1", 400, "query"),
        ("/api/v1/orders?since=1", 400, "query"),
        ("/api/v1/orders?wait_seconds=26", 400, "query"),
        ("/api/v1/orders/stream?from=1", 400, "query"),
    ] {
        let (given, problem) = bench.get(uri, Role::Operator).await;
        assert_eq!(given.as_u16(), status, "{uri}");
        assert_eq!(problem["type"], format!("urn:belfry:problem:{code}"), "{uri}");
    }
}

#[tokio::test]
async fn each_route_has_its_roles() {
    use Role::{Admin, Analyst, Approver, Operator, Reader, Reporter};
    let bench = Bench::with_heartbeats(1).await;
    let all = [Reader, Reporter, Analyst, Approver, Operator, Admin];
    let readers = [Reader, Analyst, Approver, Operator, Admin];
    for (uri, may) in [
        ("/api/v1/orders", readers.as_slice()),
        ("/api/v1/orders/stream", &readers),
        ("/api/v1/journal/snapshot", &[Operator, Admin]),
    ] {
        for role in all {
            let status = bench.open(uri, Some(role), None).await.status();
            let expected = if may.contains(&role) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(status, expected, "{uri} as {}", role.name());
        }
        let status = bench.open(uri, None, None).await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{uri}");
    }
    let report = upload(&[]);
    for role in all {
        let (status, _) = bench.post("/api/v1/effects", role, &report).await;
        let may = matches!(role, Operator | Admin);
        assert_eq!(status == StatusCode::OK, may, "effects as {}", role.name());
    }
}

#[tokio::test]
async fn a_snapshot_is_what_holds() {
    let bench = Bench::new().await;
    bench.block("a.example").await;
    bench.block("b.example").await;
    let answer = bench.open("/api/v1/journal/snapshot", Some(Role::Operator), None).await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    assert_eq!(answer.headers()["belfry-serial"], "2");
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let (journal, set) = snapshot::decode(&bytes).unwrap();
    assert_eq!(journal, bench.casebook.head().journal);
    assert_eq!(set, *bench.casebook.effective());
}

#[tokio::test]
async fn a_stream_greets_and_brings_what_comes() {
    let bench = Bench::with_heartbeats(3).await;
    let mut stream = bench.stream("/api/v1/orders/stream?after=1", None).await;
    let hello = stream.next().await.unwrap();
    assert_eq!((hello.name.as_str(), hello.id), ("hello", None));
    let journal = bench.casebook.head().journal.to_string();
    assert_eq!(hello.data, json!({"journal": journal, "head": 3}));
    assert_eq!(stream.serials(2).await, [2, 3]);
    bench.block("evil.example").await;
    let entry = stream.next().await.unwrap();
    assert_eq!((entry.name.as_str(), entry.id), ("entry", Some(4)));
    assert_eq!(entry.data["order"], order_of_evil_example());
}

#[tokio::test]
async fn the_last_event_id_wins() {
    let bench = Bench::with_heartbeats(4).await;
    let mut stream = bench.stream("/api/v1/orders/stream?after=0", Some("3")).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    assert_eq!(stream.serials(1).await, [4]);
    let uri = "/api/v1/orders/stream";
    for (id, status) in [("5", StatusCode::CONFLICT), ("x", StatusCode::BAD_REQUEST)] {
        let answer = bench.open(uri, Some(Role::Operator), Some(id)).await;
        assert_eq!(answer.status(), status, "{id}");
    }
}

#[tokio::test]
async fn two_streams_get_the_same_and_pages_are_no_limit() {
    let bench = Bench::with_heartbeats(1_100).await;
    let mut first = bench.stream("/api/v1/orders/stream", None).await;
    let mut second = bench.stream("/api/v1/orders/stream?after=550", None).await;
    first.next().await.unwrap();
    second.next().await.unwrap();
    assert_eq!(first.serials(1_100).await, (1..=1_100).collect::<Vec<_>>());
    assert_eq!(second.serials(550).await, (551..=1_100).collect::<Vec<_>>());
    bench.casebook.heartbeat(bench::NOW).await.unwrap();
    assert_eq!(first.serials(1).await, [1_101]);
    assert_eq!(second.serials(1).await, [1_101]);
}

#[tokio::test]
async fn a_stream_ends_at_the_stop_and_frees_its_place() {
    let bench = Bench::with_heartbeats(1).await;
    let places = bench.state.streams.available_permits();
    let mut stream = bench.stream("/api/v1/orders/stream?after=1", None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    assert_eq!(bench.state.streams.available_permits(), places - 1);
    bench.state.stop.cancel();
    assert!(stream.next().await.is_none());
    drop(stream);
    assert_eq!(bench.state.streams.available_permits(), places);
}

#[tokio::test]
async fn a_stream_with_a_backlog_ends_at_the_stop_too() {
    let bench = Bench::with_heartbeats(600).await;
    let mut stream = bench.stream("/api/v1/orders/stream", None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    assert_eq!(stream.serials(1).await, [1]);
    bench.state.stop.cancel();
    assert!(stream.next().await.is_none(), "the 599 that are ready do not hold the stop up");
}

#[tokio::test]
async fn more_streams_than_there_are_places_are_refused() {
    let bench = Bench::with_heartbeats(1).await;
    bench.state.streams.forget_permits(usize::MAX);
    let (status, problem) = bench.get("/api/v1/orders/stream", Role::Operator).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem["type"], "urn:belfry:problem:too-many-streams");
}

/// An upload of (order, blocked answers).
fn upload(effects: &[(u64, u64)]) -> Value {
    let effects: Vec<_> = effects
        .iter()
        .map(|(order, answers)| {
            json!({
                "order": order, "blocked_answers": answers, "warning_views": 1,
                "applied_at": "2026-11-24T09:00:00.500Z", "first_blocked_at": null,
            })
        })
        .collect();
    json!({"instance": "ab".repeat(16), "serial": 1, "effects": effects})
}

#[tokio::test]
async fn the_same_effects_twice_count_once_and_two_followers_add_up() {
    let bench = Bench::new().await;
    bench.block("evil.example").await;
    let mut report = upload(&[(1, 5), (99, 1)]);
    report["effects"][0]["prevented_visits"] = json!(4);
    for _ in 0..2 {
        let answer = bench.post("/api/v1/effects", Role::Operator, &report).await;
        assert_eq!(answer, (StatusCode::OK, json!({"unknown_orders": 1})));
    }
    assert_eq!(bench.casebook.statistics().await.unwrap().blocked_answers, 5);
    bench.post("/api/v1/effects", Role::Admin, &report).await;
    let statistics = bench.casebook.statistics().await.unwrap();
    assert_eq!((statistics.blocked_answers, statistics.warning_views), (10, 2));
    assert_eq!(statistics.prevented_visits, 8, "who leaves them out has none");
}

#[tokio::test]
async fn an_array_of_values_is_not_taken_for_an_effect() {
    let bench = Bench::new().await;
    bench.block("evil.example").await;
    let mut report = upload(&[]);
    report["effects"] = json!([[1, 5, 1, null, null]]);
    let (status, problem) = bench.post("/api/v1/effects", Role::Operator, &report).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(problem.to_string().contains("expected an object with named fields"), "{problem}");
    assert_eq!(bench.casebook.statistics().await.unwrap().blocked_answers, 0);
}

#[tokio::test]
async fn a_follower_ahead_is_an_alarm_until_the_journal_is_filled_up() {
    let bench = Bench::with_heartbeats(3).await;
    assert_eq!(bench.casebook.ahead(), None);
    let (status, problem) = bench.get("/api/v1/orders?after=9", Role::Operator).await;
    assert_eq!(
        (status, &problem["type"]),
        (StatusCode::CONFLICT, &json!("urn:belfry:problem:ahead"))
    );
    assert_eq!(bench.casebook.ahead(), Some(Serial(9)));
    let mut report = upload(&[(1, 5)]);
    report["serial"] = json!(12);
    let (status, _) = bench.post("/api/v1/effects", Role::Operator, &report).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (_, known) = bench.get("/api/v1/followers", Role::Reader).await;
    let seen: Vec<_> = known["items"].as_array().unwrap().iter().collect();
    assert_eq!((&seen[0]["name"], &seen[0]["serial"]), (&json!("token:operator"), &json!(12)));
    assert_eq!((&seen[0]["ahead"], &seen[1]["instance"]), (&json!(true), &Value::Null));
    let fill = json!({"reason": "restored from the backup of this morning"});
    let (status, _) = bench.post("/api/v1/journal/void", Role::Analyst, &fill).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let filled = bench.post("/api/v1/journal/void", Role::Admin, &fill).await;
    assert_eq!(filled, (StatusCode::OK, json!({"kept": 3, "voids": 9, "serial": 13})));
    assert_eq!(bench.casebook.ahead(), None);
    let (_, page) = bench.get("/api/v1/orders?after=11", Role::Operator).await;
    let kinds: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["void", "restored"]);
    bench.casebook.heartbeat(bench::NOW).await.unwrap();
    bench.casebook.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_reader_s_cursor_is_no_follower() {
    let bench = Bench::with_heartbeats(1).await;
    let (status, _) = bench.get("/api/v1/orders?after=9", Role::Reader).await;
    assert_eq!((status, bench.casebook.ahead()), (StatusCode::CONFLICT, None));
    let far = json!({"through": 9_000_000_000_u64, "reason": "a mistake"});
    let (status, _) = bench.post("/api/v1/journal/void", Role::Admin, &far).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bench.casebook.head().serial, Serial(1));
}

#[tokio::test]
async fn effects_that_can_not_be_taken_are_refused() {
    let bench = Bench::new().await;
    let mut unknown_field = upload(&[]);
    unknown_field["client"] = json!("192.0.2.1");
    let mut unknown_inner = upload(&[(1, 1)]);
    unknown_inner["effects"][0]["client"] = json!("192.0.2.1");
    let mut instance = upload(&[]);
    instance["instance"] = json!("abc");
    let mut negative = upload(&[(1, 1)]);
    negative["effects"][0]["blocked_answers"] = json!(-1);
    let too_many = upload(&vec![(1, 1); 10_001]);
    for (what, body) in [
        ("an unknown field", unknown_field),
        ("an unknown field of an effect", unknown_inner),
        ("a short instance", instance),
        ("a negative count", negative),
        ("too many", too_many),
    ] {
        let (status, problem) = bench.post("/api/v1/effects", Role::Operator, &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {problem}");
    }
}

#[tokio::test]
async fn the_document_has_every_route() {
    let bench = Bench::new().await;
    let document = crate::routes(bench.state.clone()).split_for_parts().1;
    let paths: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/api/v1/effects",
            "/api/v1/followers",
            "/api/v1/followers/{name}",
            "/api/v1/journal/snapshot",
            "/api/v1/journal/void",
            "/api/v1/lists/{list}/changes",
            "/api/v1/lists/{list}/{file}",
            "/api/v1/operators",
            "/api/v1/operators/{name}",
            "/api/v1/operators/{name}/config",
            "/api/v1/operators/{name}/resume",
            "/api/v1/operators/{name}/rotate",
            "/api/v1/operators/{name}/suspend",
            "/api/v1/orders",
            "/api/v1/orders/stream",
            "/api/v1/record",
            "/api/v1/record/checkpoint",
            "/api/v1/record/consistency",
            "/api/v1/record/entries",
            "/api/v1/record/entries/{serial}",
            "/api/v1/record/entries/{serial}/withdraw",
        ]
    );
}

#[tokio::test]
async fn at_most_so_many_snapshots_are_under_way() {
    let bench = Bench::with_heartbeats(1).await;
    let places = bench.state.snapshots.available_permits();
    let mut answers = Vec::new();
    for _ in 0..places {
        answers.push(bench.open("/api/v1/journal/snapshot", Some(Role::Operator), None).await);
    }
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::OK));
    let (status, problem) = bench.get("/api/v1/journal/snapshot", Role::Operator).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem["type"], "urn:belfry:problem:too-many-snapshots");
    // One that is read to its end gives its place back.
    let body = answers.remove(0).into_body();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    assert!(belfry_journal::snapshot::decode(&bytes).is_ok());
    assert_eq!(bench.state.snapshots.available_permits(), 1);
}

/// As many as one hub takes at once, each from another place in the journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_followers_hear_of_an_order_each_once() {
    const FOLLOWERS: usize = 1_000;
    let bench = Bench::with_heartbeats(20).await;
    let head = usize::try_from(bench.casebook.head().serial.0).unwrap();
    let mut followers = Vec::with_capacity(FOLLOWERS);
    for number in 0..FOLLOWERS {
        let after = number % (head + 1);
        let mut events = bench.stream(&format!("/api/v1/orders/stream?after={after}"), None).await;
        assert_eq!(events.next().await.unwrap().name, "hello");
        followers.push((after, events));
    }
    let full = bench.open("/api/v1/orders/stream", Some(Role::Operator), None).await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE, "one more is one too many");
    bench.block("a.example").await;
    let last = bench.casebook.head().serial.0;
    for (after, mut events) in followers {
        let missing = usize::try_from(last).unwrap() - after;
        let expected: Vec<u64> = (u64::try_from(after).unwrap() + 1..=last).collect();
        assert_eq!(events.serials(missing).await, expected);
    }
}
