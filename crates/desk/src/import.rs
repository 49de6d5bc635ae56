//! Names and URLs from elsewhere, many at once: each raises its case, and with a verdict
//! it is decided as by hand, through the same guard. A file is understood whole before
//! anything happens, or refused whole.

use belfry_casebook::access::Analyst;
use belfry_casebook::case::{CaseState, Subject};
use belfry_casebook::verdict::Verdict;
use serde::Deserialize;

use crate::judge::check_reason;
use crate::{Desk, JudgeError, Ruled, Ruling};

/// Lines of one import.
pub const IMPORT_MAX: usize = 10_000;

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// Lines, CSV with the target in its first column, or MISP's attributes as JSON.
    pub text: &'a str,
    /// What all of them are; without it, cases are only raised.
    pub verdict: Option<Verdict>,
    /// Why: never published.
    pub reason: &'a str,
    /// How long blocks hold, instead of the desk's default.
    pub block_days: Option<u32>,
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The line, from 1; of MISP's attributes, which one.
    pub line: usize,
    /// Its target, as written.
    pub target: String,
    /// Its case; none where that failed.
    pub case: Option<u64>,
    /// `raised`, `known` (its case was there), `blocked`, `closed`, `awaiting-second`,
    /// `refused`, `blocked-before`, or `failed`.
    pub outcome: &'static str,
    /// The guard's rule, or why it failed.
    pub why: Option<String>,
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line that is neither host nor URL, or a file of another kind.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The reason, or the casebook's answer.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

#[derive(Deserialize)]
struct Attribute {
    r#type: String,
    value: String,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(rename = "Attribute")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Misp {
    Event {
        #[serde(rename = "Event")]
        event: Attributes,
    },
    Bare(Attributes),
}

impl Desk {
    /// Imports; answers what became of each line, in order.
    ///
    /// # Errors
    /// [`ImportError`], and nothing was done then.
    pub async fn import(
        &self,
        by: &Analyst,
        import: Import<'_>,
    ) -> Result<Vec<Imported>, ImportError> {
        check_reason(import.reason)?;
        let mut subjects = Vec::new();
        for (line, target) in targets(import.text)? {
            let subject =
                self.subject_of(&target).map_err(|why| ImportError::Line { line, why })?;
            subjects.push((line, target, subject));
        }
        let mut done = Vec::with_capacity(subjects.len());
        for (line, target, subject) in subjects {
            let (case, outcome, why) = match self.import_one(by, &subject, &import).await {
                Ok((case, outcome, why)) => (Some(case), outcome, why),
                Err(error) => (None, "failed", Some(error.to_string())),
            };
            done.push(Imported { line, target, case, outcome, why });
        }
        Ok(done)
    }

    async fn import_one(
        &self,
        by: &Analyst,
        subject: &Subject,
        import: &Import<'_>,
    ) -> Result<(u64, &'static str, Option<String>), JudgeError> {
        let (case, new) = self.casebook.raise(by, subject, import.reason, self.clock.now()).await?;
        let Some(verdict) = import.verdict else {
            return Ok((case.id, if new { "raised" } else { "known" }, None));
        };
        if let CaseState::Blocked(_) = case.state {
            return Ok((case.id, "blocked-before", None));
        }
        let ruling = Ruling {
            case: case.id,
            version: Some(case.version),
            verdict,
            reason: import.reason,
            widen: false,
            compromised: false,
            block_days: import.block_days,
        };
        Ok(match self.judge(by, ruling).await? {
            Ruled::Done(decided) if decided.serial.is_some() => (case.id, "blocked", None),
            Ruled::Done(_) => (case.id, "closed", None),
            Ruled::AwaitingSecond(_, finding) => {
                (case.id, "awaiting-second", Some(finding.rule.name().to_owned()))
            }
            Ruled::Refused(_, finding) => {
                (case.id, "refused", Some(finding.rule.name().to_owned()))
            }
        })
    }
}

/// The targets of a text, each with its line.
fn targets(text: &str) -> Result<Vec<(usize, String)>, ImportError> {
    let targets = if text.trim_start().starts_with('{') { misp(text)? } else { lines(text) };
    let refused = |why: String| Err(ImportError::Line { line: 1, why });
    match targets.len() {
        0 => refused("there is nothing to import".to_owned()),
        1..=IMPORT_MAX => Ok(targets),
        many => refused(format!("{many} targets are more than {IMPORT_MAX}")),
    }
}

/// One a line, or the first column of CSV; a heading `target` and `#` comments are no targets.
fn lines(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let first = |line: &str| {
        let field = line.split(',').next().unwrap_or_default();
        // An address may hold a comma only where quotes hold the field together.
        let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        quoted.map_or(field, |(field, _)| field).trim().to_owned()
    };
    lines
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, first(line)))
        .filter(|(number, target)| *number > 1 || target != "target")
        .collect()
}

fn misp(text: &str) -> Result<Vec<(usize, String)>, ImportError> {
    let event: Misp = serde_json::from_str(text)
        .map_err(|error| ImportError::Line { line: error.line().max(1), why: error.to_string() })?;
    let attributes = match event {
        Misp::Event { event } => event.attributes,
        Misp::Bare(event) => event.attributes,
    };
    let named = attributes.into_iter().enumerate();
    let named = named.filter(|(_, a)| matches!(a.r#type.as_str(), "url" | "domain" | "hostname"));
    Ok(named.map(|(index, attribute)| (index + 1, attribute.value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(usize, &str)]) {
        let found = targets(text).unwrap();
        let found: Vec<_> = found.iter().map(|(line, target)| (*line, target.as_str())).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn lines_columns_and_attributes() {
        check(
            "a.example\n\n# x\r\nhttp://b.example/c\n",
            &[(1, "a.example"), (4, "http://b.example/c")],
        );
        check(
            "target,note\na.example,seen\n\"http://b.example/?q=1,2\",x\n",
            &[(2, "a.example"), (3, "http://b.example/?q=1,2")],
        );
        let event = r#"{"Event":{"Attribute":[{"type":"md5","value":"0"},{"type":"domain","value":"a.example"}]}}"#;
        check(event, &[(2, "a.example")]);
        check(
            r#"{"Attribute":[{"type":"url","value":"http://a.example/x"}]}"#,
            &[(1, "http://a.example/x")],
        );
    }

    #[test]
    fn what_is_no_import_is_refused() {
        let refused = |text: &str| targets(text).unwrap_err().to_string();
        assert_eq!(refused(" \n#x\n"), "line 1: there is nothing to import");
        assert!(refused("{\"Attribute\":\n[{]}").starts_with("line "));
        assert!(refused(&"a.example\n".repeat(IMPORT_MAX + 1)).contains("more than 10000"));
    }
}
