//! What the fuzzer calls: any two texts are compared, and any text is looked for.

use crate::{Index, Scratch, compare};

/// Splits the bytes in two texts; a broken bound panics.
pub fn two_texts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let (model, other) = text.split_at(middle);
    let (likeness, why) = compare(model, other);
    assert!((0.0..=1.01).contains(&likeness.score), "{likeness:?}");
    let _ = why.to_string();
    let _ = Index::new([model]).find(other, &mut Scratch::default());
}
