//! Accessibility by axe-core (WCAG 2.2 AA and below), on every page. axe comes from npm
//! into the target folder; without it the test is skipped by name.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use belfry_testbed::{peer, skip, target};

use crate::stage::Stage;

const VERSION: &str = "axe-core@4.12.1";

/// The text of axe-core, fetched once.
fn axe() -> Option<String> {
    let folder: PathBuf = target().join("axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        let npm = peer("npm")?;
        fs::create_dir_all(&folder).unwrap();
        let _ = Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&folder)
            .arg(VERSION)
            .output();
    }
    fs::read_to_string(file)
        .inspect_err(|_| skip("axe-core", "npm could not fetch it (no network?)"))
        .ok()
}

#[test]
fn axe_finds_nothing_on_any_page() {
    let Some(axe) = axe() else { return };
    let Some(mut stage) = Stage::set() else { return };
    let case = stage.report("https://kaart.shop-login.example/verify");
    let blocked = stage.report("https://other.shop-login.example/verify");
    let number = blocked.to_string();
    stage.hub.command(&["case", "confirm", &number, "--reason", "seen"]).unwrap();
    stage.warn();
    let mut found = Vec::new();
    for path in [
        "/",
        "/report",
        "/report?harm=typed",
        "/lookup?name=other.shop-login.example",
        "/lookup?name=x.example",
        "/objection",
        "/privacy",
        "/statistics",
        "/record",
        "/warnings",
        "/warnings/1",
        "/warnings/feeds/en.html",
        "/console/sign-in",
        "/console/set-up",
        "/receipt/none",
    ] {
        found.extend(run(&mut stage, &axe, path));
    }
    let waiting = stage.report("https://login.bank.example/verify").to_string();
    stage.hub.command(&["case", "confirm", &waiting, "--reason", "seen"]).unwrap();
    stage.hub.command(&["operator", "add", "telco-1"]).unwrap();
    stage.sign_in("ann", "admin");
    for path in [
        "/console".to_owned(),
        format!("/console/cases/{case}"),
        format!("/console/cases/{blocked}"),
        "/console/shift".into(),
        "/console/people".into(),
        "/console/audit".into(),
        "/console/objections".into(),
        "/console/approvals".into(),
        "/console/campaigns".into(),
        "/console/operators".into(),
        "/console/operators/telco-1?for=unbound".into(),
        "/console/warnings".into(),
        "/console/warnings/1".into(),
        "/console/rules".into(),
        "/console/lists?name=www.bank.example".into(),
        "/console/cases/999".into(),
    ] {
        found.extend(run(&mut stage, &axe, &path));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// In light and dark, since contrast is part of it.
fn run(stage: &mut Stage, axe: &str, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for dark in [false, true] {
        stage.browser.dark(dark);
        stage.open(path);
        stage.browser.value(&format!("{axe}; true"));
        let script = "axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', \
            'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => r.violations.map(v => v.id + ': ' + \
            v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))";
        let violations = stage.browser.value(script);
        for violation in violations.as_array().unwrap() {
            found.push(format!("{path} dark={dark} {}", violation.as_str().unwrap()));
        }
    }
    found
}
