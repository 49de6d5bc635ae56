//! Codes that are drawn with the cells of a table, one a module: no picture is there
//! for a filter to open. Cells are told apart by their colour or, where that stands in a
//! style sheet, by their class.

use std::collections::HashMap;

use super::attributes::{Attributes, Name};
use crate::document::drawn::{Modules, SIDE_MAX, SIDE_MIN};

/// Tables within tables that are followed.
const DEPTH_MAX: usize = 16;
/// Cells of one document that are looked at.
const CELLS_MAX: usize = 100_000;

/// The open tables of a document.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<Vec<Vec<Cell>>>,
    cells: usize,
}

#[derive(Clone, PartialEq, Eq)]
enum Cell {
    Dark(bool),
    /// By a class, whose colour is not known.
    Class(String),
}

impl Tables {
    pub(super) fn start(&mut self, tag: &str, attributes: &Attributes) {
        match tag {
            "table" if self.open.len() < DEPTH_MAX => self.open.push(Vec::new()),
            "tr" => {
                if let Some(rows) = self.open.last_mut().filter(|rows| rows.len() < SIDE_MAX) {
                    rows.push(Vec::new());
                }
            }
            "td" | "th" => self.cell(attributes),
            _ => {}
        }
    }

    fn cell(&mut self, attributes: &Attributes) {
        let Some(row) = self.open.last_mut().and_then(|rows| rows.last_mut()) else { return };
        let span = attributes.get(Name::ColSpan).and_then(|span| span.trim().parse().ok());
        let span: usize = span.unwrap_or(1).clamp(1, SIDE_MAX);
        if self.cells + span > CELLS_MAX || row.len() + span > SIDE_MAX {
            return;
        }
        self.cells += span;
        row.extend(std::iter::repeat_n(look(attributes), span));
    }

    /// Ends a table: the code that it may be.
    pub(super) fn end(&mut self) -> Option<Modules> {
        let rows = self.open.pop()?;
        let width = rows.iter().map(Vec::len).max().unwrap_or_default();
        if rows.len() < SIDE_MIN || width < SIDE_MIN {
            return None;
        }
        let mut classes: HashMap<&str, usize> = HashMap::new();
        for cell in rows.iter().flatten() {
            if let Cell::Class(class) = cell {
                *classes.entry(class).or_default() += 1;
            }
        }
        // Which of two classes is the dark one shows when the code is read.
        let first = classes.iter().max_by_key(|(class, count)| (**count, **class)).map(|(c, _)| *c);
        let dark = |cell: &Cell| match cell {
            Cell::Dark(dark) => *dark,
            Cell::Class(class) => Some(class.as_str()) == first,
        };
        Some(Modules { rows: rows.iter().map(|row| row.iter().map(dark).collect()).collect() })
    }
}

fn look(attributes: &Attributes) -> Cell {
    let style = attributes.get(Name::Style).map(str::to_ascii_lowercase);
    let background = style.as_deref().and_then(|style| {
        let (_, value) =
            style.split_once("background-color:").or(style.split_once("background:"))?;
        Some(value.split(';').next().unwrap_or(value).trim().to_owned())
    });
    let colour = background.as_deref().or(attributes.get(Name::BgColor));
    match (colour.and_then(is_dark), attributes.get(Name::Class)) {
        (Some(dark), _) => Cell::Dark(dark),
        (None, Some(class)) => Cell::Class(crate::limits::cut(class, 40).to_owned()),
        (None, None) => Cell::Dark(false),
    }
}

/// Whether a colour, as HTML writes it, is nearer to black than to white.
fn is_dark(colour: &str) -> Option<bool> {
    let colour = colour.trim().to_ascii_lowercase();
    let sum = if let Some(hex) = colour.strip_prefix('#') {
        let digits: Vec<u32> = hex.chars().map_while(|c| c.to_digit(16)).collect();
        match digits[..] {
            [r, g, b] => (r + g + b) * 17,
            [r, _, g, _, b, _] => (r + g + b) * 16,
            _ => return None,
        }
    } else if let Some(values) = colour.strip_prefix("rgb(").or(colour.strip_prefix("rgba(")) {
        let values = values.split([',', ')']).take(3).map(|v| v.trim().parse::<u32>().ok());
        values.collect::<Option<Vec<_>>>()?.iter().map(|v| v.min(&255)).sum()
    } else {
        match colour.split_whitespace().next()? {
            "black" | "navy" | "darkblue" | "maroon" | "darkgreen" | "indigo" => 0,
            "white" | "transparent" | "none" | "snow" | "ivory" | "whitesmoke" | "yellow" => 765,
            _ => return None,
        }
    };
    Some(sum < 383)
}

#[cfg(test)]
mod tests {
    use super::is_dark;

    #[test]
    fn colours_are_dark_or_light() {
        for (colour, expect) in [
            ("#000", Some(true)),
            ("#FFFFFF", Some(false)),
            ("#1a2B3c", Some(true)),
            ("rgb(10, 20,30)", Some(true)),
            ("rgba(250,250,250,.9)", Some(false)),
            ("Black", Some(true)),
            ("white no-repeat", Some(false)),
            ("url(x.png)", None),
            ("#12", None),
            ("", None),
        ] {
            assert_eq!(is_dark(colour), expect, "{colour:?}");
        }
    }
}
