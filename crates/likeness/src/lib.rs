//! Likeness: which texts are mutations of one another, and why.
//!
//! The way through it:
//! 1. `fold` and `text` make words and [`Slot`]s of a text: without case, accents,
//!    look-alikes, unseen characters, leetspeak and odd spacing;
//! 2. `background` says how much each word means;
//! 3. [`Index`] finds, among many patterns, those with which a text shares uncommon
//!    pairs of words (a locality-sensitive sketch), and
//! 4. `align` confirms a candidate: never a hash alone;
//! 5. [`Why`] shows both texts beside each other, slots marked.
//!
//! [`Print`] is what is kept of a text to find and compare it later without its words.
//! [`compare`] does the same for two texts; [`trial`] holds a pattern against honest texts.
//!
//! Nothing here does I/O, keeps a text that was asked about, or decides what follows
//! from a likeness. The same input gives the same answer on every machine.

mod align;
mod background;
mod fold;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod hashed;
mod index;
mod pattern;
mod print;
mod slot;
mod text;
mod trial;
mod vocabulary;
mod why;

pub use crate::align::Likeness;
pub use crate::index::{Found, Index, Scratch};
pub use crate::print::Print;
pub use crate::slot::Slot;
pub use crate::text::CHARS_MAX;
pub use crate::trial::{TrialError, trial};
pub use crate::why::{Part, Why};

/// Honest texts of our own (one-time codes, banks, couriers, appointments, family) in
/// Dutch, French, German and English.
pub fn benign() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("../data/benign.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// How like `text` is to `model`, however little that is, and why.
pub fn compare(model: &str, text: &str) -> (Likeness, Why) {
    let index = Index::new([model]);
    index.compare(0, text, &mut Scratch::default())
}
