//! Codes drawn in every way that does without a picture.

use belfry_indicator::EmbeddedSuffixes;
use proptest::prelude::*;
use qrcode::{Color, QrCode};

use super::in_text;
use crate::{Limits, LinkKind, Reading, Role, read_mail};

const URL: &str = "https://qr.example.org/pay?id=12345";
const HEAD: &str = "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n";

/// Rows of the code for [`URL`], with `margin` light modules around.
fn code(margin: usize) -> Vec<Vec<bool>> {
    let code = QrCode::new(URL).unwrap();
    let side = code.width();
    let dark = |x: usize, y: usize| {
        let inside = (margin..side + margin).contains(&x) && (margin..side + margin).contains(&y);
        inside && code[(x - margin, y - margin)] == Color::Dark
    };
    let all = side + 2 * margin;
    (0..all).map(|y| (0..all).map(|x| dark(x, y)).collect()).collect()
}

fn read(kind: &str, body: &str) -> Reading {
    let mail = format!("{HEAD}Content-Type: {kind}; charset=utf-8\n\n{body}");
    read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default())
}

fn check(kind: &str, body: &str) {
    let reading = read(kind, body);
    let found: Vec<_> = reading.links.iter().map(|l| (l.url.as_str(), l.kind, l.role)).collect();
    assert_eq!(found, [(URL, LinkKind::Qr, Role::CallToAction)], "{body}");
}

/// A table with a cell for each module.
fn table(rows: &[Vec<bool>], cell: impl Fn(bool) -> String) -> String {
    let row = |row: &Vec<bool>| {
        format!("<tr>{}</tr>", row.iter().map(|dark| cell(*dark)).collect::<String>())
    };
    format!("Scan this<table cellspacing=0>{}</table>", rows.iter().map(row).collect::<String>())
}

#[test]
fn cells_of_a_table_are_modules() {
    for margin in [0, 4] {
        let rows = code(margin);
        for (dark, light) in [
            ("bgcolor=#000000", "bgcolor=#ffffff"),
            ("style=\"width:4px;background:#000\"", "style=\"width:4px\""),
            ("style='background-color: rgb(0,0,0)'", "style='background-color: white'"),
            ("class=b", "class=w"),
            // Light on dark.
            ("bgcolor=white", "bgcolor=black"),
        ] {
            let cell = |is: bool| format!("<td {}></td>", if is { dark } else { light });
            check("text/html", &table(&rows, cell));
        }
    }
    let runs = code(2);
    let merged = |row: &Vec<bool>| {
        let cells = row.chunk_by(|a, b| a == b);
        let cells = cells.map(|run| {
            let colour = if run[0] { "black" } else { "white" };
            format!("<td colspan={} bgcolor={colour}>", run.len())
        });
        format!("<tr>{}", cells.collect::<String>())
    };
    check("text/html", &format!("<table>{}</table>", runs.iter().map(merged).collect::<String>()));
}

#[test]
fn block_characters_are_modules() {
    let rows = code(2);
    let whole = |dark: &str, light: &str| {
        let line = |row: &Vec<bool>| {
            row.iter().map(|is| if *is { dark } else { light }).collect::<String>()
        };
        rows.iter().map(line).collect::<Vec<_>>()
    };
    let half: Vec<String> = rows
        .chunks(2)
        .map(|two| {
            let below = |x: usize| two.get(1).is_some_and(|row| row[x]);
            let glyph = |x: usize| match (two[0][x], below(x)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            };
            (0..two[0].len()).map(glyph).collect()
        })
        .collect();
    for lines in [whole("██", "  "), whole("⬛", "⬜"), half.clone()] {
        check("text/plain", &format!("Scan:\n\n{}\n\nThanks", lines.join("\n")));
        check("text/html", &format!("<pre>{}</pre>", lines.join("\n")));
        let spaced = lines.join("<br>").replace(' ', "&nbsp;");
        check("text/html", &format!("<p>Scan</p><div>{spaced}</div>"));
    }
}

#[test]
fn tables_of_figures_and_rules_of_blocks_are_none() {
    let rows = vec![vec![true; 30]; 30];
    let cell = |_: bool| "<td bgcolor=black>1</td>".to_owned();
    assert!(read("text/html", &table(&rows, cell)).links.is_empty());
    assert!(read("text/plain", &"██████████ 50 %\n".repeat(40)).links.is_empty());
    let deep = "<table><tr><td>".repeat(5_000);
    assert!(read("text/html", &deep).links.is_empty());
    let wide = format!("<table><tr>{}</table>", "<td colspan=99999999>".repeat(9_999));
    assert!(read("text/html", &wide).links.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_looked_at(text in "[█▀▄ \n⬛é]{0,3000}") {
        for modules in in_text(&text) {
            prop_assert!(modules.rows.len() <= 2 * super::SIDE_MAX);
        }
    }
}
