//! Real Chromium against pages that misbehave: each ends in a clear result.

// Marked as test code, so that its helpers may unwrap as tests do.
#[cfg(test)]
mod site;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use belfry_inspect::egress::{Resolve, Resolving};
use belfry_inspect::{Capture, HopKind, InspectError, InspectSettings, Inspector, Profile, Seen};
use belfry_testbed::{loopback, peer};
use site::Site;

/// Whom Chromium runs as when the test is root, as in most containers.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// Names for tests: what is not in it does not exist.
struct Names(HashMap<String, IpAddr>);

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        let found = self.0.get(host).copied();
        let found = found.map(|address| vec![address]).ok_or(io::ErrorKind::NotFound.into());
        Box::pin(async move { found })
    }
}

struct Stage {
    site: Site,
    /// Listens too, and is not among what may be reached.
    hidden: Site,
    settings: InspectSettings,
}

/// The stage, unless Chromium is missing.
async fn stage() -> Option<Stage> {
    let program: PathBuf = peer("chromium")?;
    let (here, hidden) = (IpAddr::from(loopback()), IpAddr::from(loopback()));
    let names = ["evil.test", "login.bank.test"].map(|name| (name.to_owned(), here));
    let mut names = HashMap::from(names);
    names.insert("inside.test".to_owned(), hidden);
    let root = rustix::process::geteuid().is_root();
    let settings = InspectSettings {
        reachable: vec![here],
        resolver: Arc::new(Names(names)),
        run_as: root.then_some(NOBODY),
        // A container gives a browser no namespaces of its own.
        sandbox: !root,
        capture_ms_max: 15_000,
        settle_ms: 700,
        ..InspectSettings::new(program)
    };
    Some(Stage { site: site::start(here).await, hidden: site::start(hidden).await, settings })
}

impl Stage {
    fn url(&self, path: &str) -> String {
        format!("http://evil.test:{}{path}", self.site.http.port())
    }

    async fn capture(&self, path: &str) -> Capture {
        self.open(&self.url(path), Profile::Desktop).await
    }

    async fn open(&self, url: &str, profile: Profile) -> Capture {
        let inspector = Inspector::new(self.settings.clone());
        inspector.capture(url, profile).await.expect("whatever a page does ends in a capture")
    }
}

fn refused(capture: &Capture, host: &str) -> bool {
    capture.addresses.iter().any(|note| note.host.starts_with(host) && note.refused.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_page_is_seen_with_its_form_and_where_it_posts() {
    let Some(stage) = stage().await else { return };
    let port = stage.site.https.port();
    let path = format!("/to?https://login.bank.test:{port}/login");
    let seen = stage.capture(&path).await;
    assert_eq!(seen.seen, Seen::Page, "{seen:?}");
    assert_eq!(seen.title, "Your bank");
    assert!(seen.text.contains("Log in to Your bank"));
    let kinds: Vec<_> = seen.hops.iter().map(|hop| (hop.kind, hop.status)).collect();
    assert_eq!(kinds, [(HopKind::Asked, Some(302)), (HopKind::Redirect, Some(200))]);
    let form = &seen.forms[0];
    assert_eq!((form.action.as_str(), form.method.as_str()), ("https://drop.test/take", "post"));
    assert!(form.elsewhere && form.password);
    let certificate = seen.certificate.unwrap();
    assert_eq!(certificate.names, ["login.bank.test", "other.bank.test"]);
    assert!(certificate.valid_until_seconds > certificate.valid_from_seconds);
    assert!(seen.picture.starts_with(b"\x89PNG"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_shown_what_phones_are_shown() {
    let Some(stage) = stage().await else { return };
    let phone = stage.open(&stage.url("/agent"), Profile::Phone).await;
    assert_eq!(phone.text.trim(), "you are a phone");
    let desk = stage.open(&stage.url("/agent"), Profile::Desktop).await;
    assert_eq!(desk.text.trim(), "you are a desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_in_a_circle_end() {
    let Some(stage) = stage().await else { return };
    let seen = stage.capture("/circle").await;
    assert_eq!(seen.seen, Seen::Loop, "{seen:?}");
    let seen = stage.capture("/again").await;
    assert_eq!(seen.seen, Seen::Loop, "{seen:?}");
    assert!(seen.hops.iter().skip(1).all(|hop| hop.kind == HopKind::Page));
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_on_by_script_and_meta_refresh_are_followed() {
    let Some(stage) = stage().await else { return };
    for way in ["/script?/login", "/meta?/login"] {
        let seen = stage.capture(way).await;
        assert_eq!((seen.seen, seen.title.as_str()), (Seen::Page, "Your bank"), "{seen:?}");
        assert!(seen.landed.ends_with("/login"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_public_is_reached() {
    let Some(stage) = stage().await else { return };
    let port = stage.hidden.http.port();
    for to in ["http://127.0.0.1", "http://[::1]", "http://inside.test", "http://localhost"] {
        let seen = stage.capture(&format!("/to?{to}:{port}/login")).await;
        let ends = matches!(seen.seen, Seen::Refused | Seen::Error);
        assert!(ends && seen.forms.is_empty() && seen.text.is_empty(), "{to}: {seen:?}");
    }
    let seen = stage.capture(&format!("/script?http://inside.test:{port}/login")).await;
    assert_eq!(seen.seen, Seen::Refused, "{seen:?}");
    assert!(seen.why.contains("is not public: this machine"), "{}", seen.why);
    let seen = stage.capture(&format!("/image?http://inside.test:{port}/x.png")).await;
    assert!(refused(&seen, "inside.test"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_silent_and_busy_pages_end() {
    let Some(mut stage) = stage().await else { return };
    stage.settings.traffic_bytes_max = 4 << 20;
    let seen = stage.capture("/endless").await;
    assert_eq!(seen.seen, Seen::Exceeded, "{}", seen.why);
    assert!(seen.traffic_bytes < 6 << 20);
    stage.settings.capture_ms_max = 9_000;
    let seen = stage.capture("/silent").await;
    assert_eq!(seen.seen, Seen::Exceeded, "{}", seen.why);
    let seen = stage.capture("/busy").await;
    assert!(matches!(seen.seen, Seen::Page | Seen::Exceeded | Seen::Nothing), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_dialogs_is_closed() {
    let Some(stage) = stage().await else { return };
    let seen = stage.capture("/storm").await;
    assert!(seen.dialogs >= 8, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_named_and_not_taken() {
    let Some(stage) = stage().await else { return };
    let seen = stage.capture("/file").await;
    assert_eq!(seen.seen, Seen::Download, "{seen:?}");
    assert!(seen.why.contains("invoice.apk"), "{}", seen.why);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_and_empty_pages_clear_nothing() {
    let Some(stage) = stage().await else { return };
    let seen = stage.capture("/missing").await;
    assert_eq!(seen.seen, Seen::Error, "{seen:?}");
    assert_eq!(stage.capture("/empty").await.seen, Seen::Nothing);
    let seen = stage.open("http://gone.test/", Profile::Desktop).await;
    assert_eq!(seen.seen, Seen::Error, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_and_webrtc_lead_nowhere() {
    let Some(stage) = stage().await else { return };
    let seen = stage.capture("/windows").await;
    assert_eq!(seen.seen, Seen::Page, "{seen:?}");
    let seen = stage.capture("/rtc").await;
    assert!(!seen.text.contains("127."), "an address of ours was shown: {}", seen.text);
}

#[tokio::test]
async fn what_no_browser_opens_is_refused_before_one_starts() {
    let inspector = Inspector::new(InspectSettings::new("/nonexistent".into()));
    for url in ["file:///etc/passwd", "javascript:alert(1)", "evil.test", "http://"] {
        let refused = inspector.capture(url, Profile::Desktop).await;
        assert!(matches!(refused, Err(InspectError::Url(_))), "{url}");
    }
    let missing = inspector.capture("http://evil.test/", Profile::Desktop).await.unwrap_err();
    assert!(missing.to_string().starts_with("Chromium at /nonexistent could not be started"));
}
