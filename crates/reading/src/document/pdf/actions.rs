//! What a click, or opening the document, does: the actions in an object.

use lopdf::{Dictionary, Object, decode_text_string};

/// Objects within one that are looked into; the parser bounds their nesting too.
const DEPTH_MAX: usize = 32;
/// Octets of a script that are looked at.
const SCRIPT_BYTES_MAX: usize = 64 << 10;

/// One action.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Opens an address.
    Open(String),
    /// Sends a form to one.
    Submit(String),
    /// Runs a script, in which addresses may stand.
    Script(String),
}

/// The actions in `object`, at any depth.
pub(super) fn of(object: &Object) -> Vec<Action> {
    let mut found = Vec::new();
    visit(object, 0, &mut found);
    found
}

/// The actions in a dictionary.
pub(super) fn of_dictionary(dictionary: &Dictionary) -> Vec<Action> {
    let mut found = Vec::new();
    visit_dictionary(dictionary, 0, &mut found);
    found
}

fn visit(object: &Object, depth: usize, found: &mut Vec<Action>) {
    if depth > DEPTH_MAX {
        return;
    }
    match object {
        Object::Array(items) => items.iter().for_each(|item| visit(item, depth + 1, found)),
        Object::Dictionary(dictionary) => visit_dictionary(dictionary, depth, found),
        Object::Stream(stream) => visit_dictionary(&stream.dict, depth, found),
        _ => {}
    }
}

fn visit_dictionary(dictionary: &Dictionary, depth: usize, found: &mut Vec<Action>) {
    let text = |key: &[u8]| dictionary.get(key).ok().and_then(text);
    match dictionary.get(b"S").and_then(Object::as_name) {
        Ok(b"URI") => found.extend(text(b"URI").map(Action::Open)),
        Ok(b"SubmitForm" | b"ImportData") => found.extend(file(dictionary).map(Action::Submit)),
        Ok(b"Launch" | b"GoToR") => {
            found.extend(file(dictionary).filter(|f| f.contains("://")).map(Action::Open));
        }
        Ok(b"JavaScript") => {
            let script = text(b"JS").map(|s| crate::limits::cut(&s, SCRIPT_BYTES_MAX).to_owned());
            found.extend(script.map(Action::Script));
        }
        _ => {}
    }
    dictionary.iter().for_each(|(_, value)| visit(value, depth + 1, found));
}

/// A file specification: a text, or a dictionary with one.
fn file(dictionary: &Dictionary) -> Option<String> {
    let file = dictionary.get(b"F").ok()?;
    match file {
        Object::Dictionary(inner) => inner.get(b"F").ok().and_then(text),
        other => text(other),
    }
}

fn text(object: &Object) -> Option<String> {
    match decode_text_string(object) {
        Ok(text) => Some(text),
        Err(_) => object.as_str().ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
    }
}
