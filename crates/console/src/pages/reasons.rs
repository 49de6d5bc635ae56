//! Why a case scored what it did, as bars: a reason pushes up or down.

use belfry_casebook::case::CaseFile;
use serde::Deserialize;

use crate::shown;

/// Log-odds that fill a bar.
const FULL: f64 = 4.0;

/// One reason.
#[derive(Debug, PartialEq)]
pub(super) struct Reason {
    pub(super) text: String,
    /// `up` for fraud, `down` against it.
    pub(super) class: &'static str,
    /// Its weight in words: `+1.3`.
    pub(super) weight: String,
    /// Its bar, 0 to 100.
    pub(super) length: u32,
}

/// A reason as the desk wrote it.
#[derive(Debug, Deserialize)]
struct Written {
    why: String,
    weight: f64,
}

/// The reasons of a case's assessment, the strongest first.
pub(super) fn reasons(file: &CaseFile) -> Vec<Reason> {
    file.assessment.as_ref().map(|found| read(&found.reasons)).unwrap_or_default()
}

fn read(json: &str) -> Vec<Reason> {
    let written: Vec<Written> = serde_json::from_str(json).unwrap_or_default();
    written.iter().map(reason).collect()
}

fn reason(written: &Written) -> Reason {
    let share = (written.weight.abs() / FULL).clamp(0.02, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 100")]
    let length = (share * 100.0).round() as u32;
    Reason {
        text: shown::line(&written.why),
        class: if written.weight < 0.0 { "down" } else { "up" },
        weight: format!("{:+.1}", written.weight),
        length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_push_up_or_down() {
        let json = r#"[{"name":"brand","why":"looks like bpost","weight":2.04},
            {"name":"old","why":"is old","weight":-9.0}]"#;
        let found = read(json);
        assert_eq!((found[0].class, found[0].weight.as_str(), found[0].length), ("up", "+2.0", 51));
        assert_eq!(
            (found[1].class, found[1].weight.as_str(), found[1].length),
            ("down", "-9.0", 100)
        );
        assert!(read("nonsense").is_empty());
    }
}
