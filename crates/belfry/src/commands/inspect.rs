//! `belfry inspect`: one suspected page, opened in a browser that can do no harm.
//!
//! `belfry case inspect`: the same for a case, and kept there.
//!
//! The first stores nothing. The URL is opened as it is given: for a link out of a mail, give the
//! redacted form that `belfry read` and the case show, whose marks become stand-ins.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Method;
use belfry_indicator::{EmbeddedSuffixes, RedactedUrl, Secrets, Url};
use belfry_inspect::{Capture, InspectSettings, Inspector, Profile, stand_in};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::DataArgs;
use crate::client::Client;
use crate::commands::case::words;
use crate::commands::{Failure, print};
use crate::config::{Inspect, load};
use crate::hub::inspect_settings;

/// How long a page may take with its turn.
const WAIT_SECONDS: u32 = 120;

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The page, as `https://…` or defanged as `hxxps://…[.]…`.
    pub(crate) url: String,
    /// As a phone, which many pages insist on.
    #[arg(long)]
    pub(crate) phone: bool,
    /// The capture as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the picture, a PNG, to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CaseInspectArgs {
    /// The case's number.
    pub(crate) case: u64,
    /// As a phone, which many pages insist on.
    #[arg(long)]
    pub(crate) phone: bool,
    /// Show the latest inspection instead of asking for another.
    #[arg(long, conflicts_with = "phone")]
    pub(crate) last: bool,
    /// Write the picture, a PNG, to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
}

/// Asks for a case's page and waits until it was opened, or shows the latest one.
pub(crate) async fn at_case(
    client: &Client,
    args: &CaseInspectArgs,
) -> Result<(Value, fn(&Value) -> String), Failure> {
    let path = format!("/api/v1/cases/{}/inspections", args.case);
    let asked: Value = if args.last {
        let all: Value = client.get(&path).await?;
        all["items"].get(0).cloned().ok_or_else(|| Failure::new("it has none".to_owned()))?
    } else {
        let profile = if args.phone { "phone" } else { "desktop" };
        client.post(&path, &json!({ "profile": profile })).await?
    };
    let path = format!("/api/v1/inspections/{}", asked["id"]);
    let mut found: Value = client.get(&path).await?;
    for _ in 0..WAIT_SECONDS {
        if args.last || found["status"] != "waiting" {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        found = client.get(&path).await?;
    }
    if let Some(file) = args.picture.as_ref().filter(|_| found["picture"] == true) {
        let bytes = client.call(Method::GET, &format!("{path}/picture"), None).await?;
        let written = std::fs::write(file, bytes);
        written.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    }
    Ok((found, inspection_text))
}

/// An inspection in a line.
pub(crate) fn line_of(inspection: &Value) -> String {
    let how = match words(&inspection["status"]).as_str() {
        "done" => format!("{}, seen", words(&inspection["seen"])),
        "failed" => format!("could not be tried: {}", words(&inspection["why"])),
        _ => "waits to be opened".to_owned(),
    };
    let at = words(&inspection["ended_at"]);
    format!(
        "{how} as {} {at}, asked for by {}",
        words(&inspection["profile"]),
        words(&inspection["by"])
    )
}

fn inspection_text(found: &Value) -> String {
    let head = format!("inspection {}: {}\n", found["id"], line_of(found));
    let mut page = found["page"].clone();
    if !page.is_object() {
        let more = "It waits until a hub runs that has a browser: ask again with --last.\n";
        return if found["status"] == "waiting" { head + more } else { head };
    }
    page["profile"] = found["profile"].clone();
    page["seen"] = found["seen"].clone();
    page["traffic_bytes"] = json!(0);
    page["took_ms"] = json!(0);
    match serde_json::from_value::<Capture>(page) {
        Ok(capture) => head + &text(&capture),
        Err(error) => format!("{head}the page can't be read: {error}\n"),
    }
}

/// Opens the page and prints what was seen.
pub(crate) async fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    let config = load(&args.data, &[])?.config.inspect;
    let inspector = Inspector::new(settings(&config)?);
    let url = Url::parse(&refanged(&args.url))?;
    let url = RedactedUrl::new(&url, &Secrets::new([]), &EmbeddedSuffixes);
    let profile = if args.phone { Profile::Phone } else { Profile::Desktop };
    let capture = inspector.capture(&stand_in(&url), profile).await?;
    if let Some(file) = &args.picture {
        let written = std::fs::write(file, &capture.picture);
        written.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    }
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&capture)?)
    } else {
        text(&capture)
    };
    print(text)
}

/// What the configuration says of captures, if there is a browser.
fn settings(config: &Inspect) -> Result<InspectSettings, Failure> {
    inspect_settings(config).ok_or_else(|| {
        let program = config.program.display();
        Failure::new(format!(
            "there is no Chromium at {program}: install Debian's `chromium`, or set inspect.program"
        ))
    })
}

/// The URL that a defanged one stands for.
fn refanged(text: &str) -> String {
    let text = text.trim().replace("[.]", ".").replace("[:]", ":");
    match text.strip_prefix("hxxp") {
        Some(rest) => format!("http{rest}"),
        None => text,
    }
}

/// What a person reads; every address defanged.
pub(crate) fn text(capture: &Capture) -> String {
    let mut out = format!("{} ({})\n", capture.why, defanged(&capture.requested));
    for hop in &capture.hops {
        let status = hop.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        line(&mut out, "way", &format!("{:?} {status} {}", hop.kind, defanged(&hop.url)));
    }
    line(&mut out, "title", &capture.title);
    for form in &capture.forms {
        let names: Vec<&str> = form.fields.iter().map(|field| field.kind.as_str()).collect();
        let mut words = format!("{} to {}", form.method, defanged(&form.action));
        let _ = write!(words, ", fields: {}", names.join(", "));
        words.push_str(if form.password { "; asks for a password" } else { "" });
        words.push_str(if form.elsewhere { "; posts to another site" } else { "" });
        line(&mut out, "form", &words);
    }
    if let Some(certificate) = &capture.certificate {
        line(&mut out, "certificate", &certificate.names.join(", "));
    }
    for address in &capture.addresses {
        let reached = address.address.map(|address| address.to_string());
        let reached = reached.or_else(|| address.refused.clone()).unwrap_or_default();
        line(&mut out, "asked", &format!("{}: {reached}", defanged(&address.host)));
    }
    let words: Vec<&str> = capture.text.split_whitespace().take(80).collect();
    line(&mut out, "text", &words.join(" "));
    out.push_str("What is not seen here is not proven absent: pages hide from visitors like us.\n");
    out
}

fn line(out: &mut String, name: &str, value: &str) {
    // Control characters of a hostile page must not reach a terminal.
    let shown: String = value.chars().filter(|c| !c.is_control()).collect();
    if !shown.is_empty() {
        let _ = writeln!(out, "{name:>12}  {shown}");
    }
}

fn defanged(url: &str) -> String {
    match url.strip_prefix("http") {
        Some(rest) => format!("hxxp{}", rest.replace('.', "[.]")),
        None => url.replace('.', "[.]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defanged_url_is_taken_and_shown() {
        assert_eq!(refanged(" hxxps[:]//evil[.]example/a"), "https://evil.example/a");
        assert_eq!(refanged("https://evil.example/a"), "https://evil.example/a");
        assert_eq!(defanged("https://evil.example/a"), "hxxps://evil[.]example/a");
    }

    #[test]
    fn a_page_can_not_write_to_the_terminal() {
        let mut out = String::new();
        line(&mut out, "title", "\u{1b}]0;owned\u{7}\nhello");
        assert_eq!(out, "       title  ]0;ownedhello\n");
    }

    #[test]
    fn a_page_without_anything_shows_no_empty_lines() {
        let mut bare = capture();
        bare.title.clear();
        bare.text.clear();
        bare.forms.clear();
        bare.certificate = None;
        bare.addresses.clear();
        let shown = text(&bare);
        assert_eq!(shown.lines().count(), 4, "{shown}");
        assert!(!shown.contains("title") && !shown.contains("form"), "{shown}");
    }

    #[test]
    fn without_a_browser_it_says_what_to_install() {
        let config = Inspect { program: "/nonexistent".into(), ..Inspect::default() };
        let Failure(words) = settings(&config).unwrap_err();
        assert!(words.contains("install Debian's `chromium`"), "{words}");
    }

    fn capture() -> Capture {
        let value = serde_json::json!({
            "requested": "https://evil.example/a", "profile": "desktop", "seen": "page",
            "why": "a page", "landed": "https://evil.example/b",
            "hops": [
                {"url": "https://evil.example/a", "kind": "asked", "status": 302},
                {"url": "https://evil.example/b", "kind": "redirect", "status": null},
            ],
            "title": "Your bank", "text": "Log  in\n\nnow",
            "forms": [{
                "action": "https://drop.example/", "method": "post", "password": true,
                "elsewhere": true, "fields": [
                    {"kind": "password", "name": "pin", "label": "PIN"},
                    {"kind": "tel", "name": "phone", "label": ""},
                ],
            }],
            "certificate": {
                "subject": "evil.example", "issuer": "R3", "names": ["evil.example"],
                "valid_from_seconds": 1, "valid_until_seconds": 2,
            },
            "dialogs": 0,
            "addresses": [
                {"host": "evil.example:443", "address": "192.0.2.7", "refused": null},
                {"host": "inside.example:80", "address": null, "refused": "it is not public"},
            ],
            "traffic_bytes": 10, "took_ms": 5,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_inspection_is_told_with_its_page_and_without() {
        let mut page = serde_json::to_value(capture()).unwrap();
        for key in ["profile", "seen", "traffic_bytes", "took_ms"] {
            page.as_object_mut().unwrap().remove(key);
        }
        let done = json!({"id": 7, "status": "done", "seen": "page", "profile": "phone",
            "by": "local:an", "ended_at": "2026-11-24T09:00:00.000Z", "page": page});
        let shown = inspection_text(&done);
        let head = "inspection 7: page, seen as phone 2026-11-24T09:00:00.000Z, asked for by \
                    local:an\na page (hxxps://evil[.]example/a)\n";
        assert!(shown.starts_with(head), "{shown}");
        let waits = json!({"id": 7, "status": "waiting", "profile": "phone", "by": "belfry"});
        assert!(inspection_text(&waits).ends_with("ask again with --last.\n"));
        let failed = json!({"id": 7, "status": "failed", "why": "no\u{1b} link", "by": "x"});
        assert!(inspection_text(&failed).contains("could not be tried: no\\u{1b} link"));
    }

    #[test]
    fn what_was_seen_is_told_in_lines_with_nothing_to_click() {
        let shown = text(&capture());
        let lines = [
            "a page (hxxps://evil[.]example/a)",
            "         way  Asked 302 hxxps://evil[.]example/a",
            "         way  Redirect - hxxps://evil[.]example/b",
            "       title  Your bank",
            "        form  post to hxxps://drop[.]example/, fields: password, tel; \
             asks for a password; posts to another site",
            " certificate  evil.example",
            "       asked  evil[.]example:443: 192.0.2.7",
            "       asked  inside[.]example:80: it is not public",
            "        text  Log in now",
        ];
        for (line, expect) in shown.lines().zip(lines) {
            assert_eq!(line, expect);
        }
        assert!(!shown.contains("https://"), "{shown}");
        assert!(shown.trim_end().ends_with("pages hide from visitors like us."));
    }

    #[test]
    fn a_browser_gets_the_bounds_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("chromium");
        std::fs::write(&program, b"").unwrap();
        let config = Inspect {
            program,
            sandbox: false,
            user_id: Some(7),
            capture_ms_max: 5,
            traffic_bytes_max: 6,
            reachable: vec![std::net::IpAddr::from([127, 0, 0, 1])],
            ..Inspect::default()
        };
        let settings = settings(&config).unwrap();
        assert_eq!(settings.run_as, Some((7, 7)), "the group follows the user");
        assert_eq!((settings.capture_ms_max, settings.traffic_bytes_max), (5, 6));
        assert!(!settings.sandbox && settings.reachable == config.reachable);
        assert!(Inspect::default().reachable.is_empty(), "nothing but what is public, as shipped");
    }
}
