//! Codes without a picture: drawn with the cells of a table, or with block characters.
//! What may be one becomes a small picture, and is read as any other, when documents are.

use super::picture::{self, Grey};
use super::{Document, qr};
use crate::Format;
use crate::findings::Findings;

/// Modules on one side of the smallest code.
pub(crate) const SIDE_MIN: usize = 21;
/// Modules on one side that are drawn, with a margin: the largest code has 177.
pub(crate) const SIDE_MAX: usize = 400;
/// Drawings kept of one report.
const DRAWINGS_MAX: usize = 16;
/// Pixels on one side of a module.
const SCALE: usize = 4;
/// Modules around a drawing: codes want an empty margin.
const MARGIN: usize = 4;
/// Characters that stand for a module, or two above one another.
const BLOCKS: [char; 9] = ['█', '▀', '▄', '▓', '■', '⬛', '⬜', '░', '▒'];

/// Rows of modules, dark or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modules {
    pub(crate) rows: Vec<Vec<bool>>,
}

/// A drawing that waits to be read.
#[derive(Debug)]
pub(crate) struct Drawing {
    modules: Modules,
    part: String,
    within: Vec<String>,
    pub(crate) message: usize,
}

/// Puts a drawing aside.
pub(crate) fn keep(findings: &mut Findings<'_>, modules: Modules, part: &str, message: usize) {
    if findings.drawings.len() < DRAWINGS_MAX {
        let within = findings.within.clone();
        findings.drawings.push(Drawing { modules, part: part.to_owned(), within, message });
    }
}

/// Reads `drawings`; links go to `findings`, each code's message and text are returned.
pub(crate) fn read_all(
    findings: &mut Findings<'_>,
    drawings: Vec<Drawing>,
) -> Vec<(usize, String)> {
    let mut texts = Vec::new();
    for drawing in drawings {
        if !findings.limits.documents {
            break;
        }
        let Drawing { modules, part, within, message } = drawing;
        let outer = std::mem::replace(&mut findings.within, within.clone());
        let bytes = Vec::new();
        let document = Document { format: Format::Html, bytes, part, within, name: None, message };
        for margin in [false, true] {
            let grey = modules.picture(margin);
            let sides =
                [grey.width, grey.height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
            if picture::charge(findings, sides[0], sides[1]).is_err() || qr::find(&grey).is_empty()
            {
                continue;
            }
            texts.push((message, picture::codes(findings, &grey, &document)));
            break;
        }
        findings.within = outer;
    }
    texts
}

impl Modules {
    /// The picture, whose margin is `dark` or not.
    fn picture(&self, dark: bool) -> Grey {
        let ink = |dark: bool| if dark { 0 } else { u8::MAX };
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default() + 2 * MARGIN;
        let mut pixels = Vec::with_capacity(width * (self.rows.len() + 2 * MARGIN) * SCALE * SCALE);
        for y in 0..self.rows.len() + 2 * MARGIN {
            let row = y.checked_sub(MARGIN).and_then(|y| self.rows.get(y));
            let module = |x: usize| {
                let held = x.checked_sub(MARGIN).and_then(|x| row?.get(x));
                ink(held.copied().unwrap_or(dark))
            };
            let line: Vec<u8> = (0..width).flat_map(|x| [module(x); SCALE]).collect();
            (0..SCALE).for_each(|_| pixels.extend_from_slice(&line));
        }
        Grey { width: width * SCALE, height: (self.rows.len() + 2 * MARGIN) * SCALE, pixels }
    }
}

/// Whether `text` may draw with block characters.
pub(crate) fn holds_blocks(text: &str) -> bool {
    // All of them begin with this octet in UTF-8.
    memchr::memchr(0xe2, text.as_bytes()).is_some() && text.contains(BLOCKS)
}

/// What the lines of `text` draw with block characters.
pub(crate) fn in_text(text: &str) -> Vec<Modules> {
    let mut found = Vec::new();
    let mut lines: Vec<Vec<char>> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.contains(BLOCKS) {
            lines.push(line.trim_end().chars().take(2 * SIDE_MAX).collect());
        } else if !lines.is_empty() {
            found.extend(modules(&std::mem::take(&mut lines)));
        }
        if lines.len() >= SIDE_MAX {
            lines.clear();
        }
    }
    found
}

fn modules(lines: &[Vec<char>]) -> Option<Modules> {
    // What stands before every line is no part of it: a mark of quotation, an indent.
    let width = lines.iter().map(Vec::len).max()?;
    let halves = lines.iter().flatten().any(|c| matches!(c, '▀' | '▄'));
    let mut rows = Vec::new();
    for line in lines {
        let row = |dark: &dyn Fn(char) -> bool| {
            let padded = (0..width).map(|x| line.get(x).is_some_and(|c| dark(*c)));
            padded.collect::<Vec<bool>>()
        };
        let full = |c: char| matches!(c, '█' | '▓' | '■' | '⬛');
        if halves {
            rows.push(row(&|c| full(c) || c == '▀'));
            rows.push(row(&|c| full(c) || c == '▄'));
        } else {
            rows.push(row(&full));
        }
    }
    // Two characters a module, since a character is taller than wide.
    if !halves && width * 2 > rows.len() * 3 {
        rows = rows.iter().map(|row| row.iter().copied().step_by(2).collect()).collect();
    }
    let wide = rows.iter().map(Vec::len).max()?;
    (rows.len() >= SIDE_MIN && wide >= SIDE_MIN).then_some(Modules { rows })
}

#[cfg(test)]
mod tests;
