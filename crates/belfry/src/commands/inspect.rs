//! `belfry inspect`: one suspected page, opened in a browser that can do no harm.
//!
//! It stores nothing. The URL is opened as it is given: for a link out of a mail, give the
//! redacted form that `belfry read` and the case show, whose marks become stand-ins.

use std::fmt::Write;
use std::path::PathBuf;

use belfry_indicator::{EmbeddedSuffixes, RedactedUrl, Secrets, Url};
use belfry_inspect::{Capture, InspectSettings, Inspector, Profile, stand_in};
use clap::Args;

use crate::cli::DataArgs;
use crate::commands::{Failure, print};
use crate::config::{Inspect, load};

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
    if !config.program.is_file() {
        let program = config.program.display();
        return Err(Failure::new(format!(
            "there is no Chromium at {program}: install Debian's `chromium`, or set inspect.program"
        )));
    }
    Ok(InspectSettings {
        sandbox: config.sandbox,
        run_as: config.user_id.map(|user| (user, config.group_id.unwrap_or(user))),
        capture_ms_max: config.capture_ms_max,
        settle_ms: config.settle_ms,
        memory_bytes_max: config.memory_bytes_max,
        traffic_bytes_max: config.traffic_bytes_max,
        ..InspectSettings::new(config.program.clone())
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
fn text(capture: &Capture) -> String {
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
            ..Inspect::default()
        };
        let settings = settings(&config).unwrap();
        assert_eq!(settings.run_as, Some((7, 7)), "the group follows the user");
        assert_eq!((settings.capture_ms_max, settings.traffic_bytes_max), (5, 6));
        assert!(!settings.sandbox && settings.reachable.is_empty());
    }
}
