//! A rule as its author writes it: lines of `key = value`, a small part of TOML, each value
//! a text in quotes or a number.

use belfry_casebook::verdict::Verdict;
use serde::Deserialize;

use super::language::{Condition, ConditionError};

/// What a rule is.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// When it acts.
    pub when: Condition,
    /// Its condition, as written.
    pub text: String,
    /// What it does.
    pub action: RuleAction,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// Confirms a fraud: its block is short until a person has seen it.
    Confirm {
        /// As what.
        verdict: Verdict,
        /// For how many hours, where that is fewer than the configuration's.
        hours: Option<u32>,
    },
    /// Closes what is no fraud; a sample is left to a person.
    Close {
        /// As what: spam or benign.
        verdict: Verdict,
        /// How many of a hundred are left to a person.
        sample_percent: u32,
    },
    /// Gives it the verdict of a blocked case of the same registrable domain that a person
    /// decided, and has it follow that case.
    Attach {
        /// For how many hours, as for `Confirm`.
        hours: Option<u32>,
    },
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is not TOML, or has keys that no rule has.
    #[error("{0}")]
    Form(String),
    /// Its condition can't be read.
    #[error("when: {0}")]
    Condition(#[from] ConditionError),
    /// A value that this action does not take.
    #[error("{0}")]
    Action(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    when: String,
    action: String,
    verdict: Option<String>,
    hours: Option<u32>,
    sample_percent: Option<u32>,
}

impl Definition {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`] says what no rule has.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let written: Written = serde_json::from_value(object(text)?)
            .map_err(|error| RuleError::Form(error.to_string()))?;
        if written.hours == Some(0) {
            return Err(RuleError::Action("hours must be at least 1"));
        }
        let action = action(&written)?;
        Ok(Self { when: Condition::parse(&written.when)?, text: written.when, action })
    }
}

/// The lines as one object; a line of `#` is a comment, and so is what follows a value after one.
fn object(text: &str) -> Result<serde_json::Value, RuleError> {
    let mut object = serde_json::Map::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = |why: &str| RuleError::Form(format!("line {}: {why}", index + 1));
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, written) =
            line.split_once('=').ok_or_else(|| wrong("it is not `key = value`"))?;
        let mut values = serde_json::Deserializer::from_str(written).into_iter();
        let value: serde_json::Value = match values.next() {
            Some(Ok(value)) => value,
            _ => return Err(wrong("the value is no text in quotes and no number")),
        };
        let rest = written.get(values.byte_offset()..).unwrap_or_default().trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(wrong("something follows the value"));
        }
        if object.insert(key.trim().to_owned(), value).is_some() {
            return Err(wrong("the key is there twice"));
        }
    }
    Ok(object.into())
}

fn action(written: &Written) -> Result<RuleAction, RuleError> {
    let verdict = || {
        let name = written.verdict.as_deref().unwrap_or_default();
        Verdict::from_name(name)
            .ok_or(RuleError::Action("verdict must be one that the API knows, such as phishing"))
    };
    let (hours, sample) = (written.hours, written.sample_percent);
    match written.action.as_str() {
        "confirm" if sample.is_some() => Err(RuleError::Action(
            "sample_percent belongs to close: every confirmation is looked at",
        )),
        "confirm" => match verdict()? {
            verdict if verdict.category().is_some() => Ok(RuleAction::Confirm { verdict, hours }),
            _ => {
                Err(RuleError::Action("confirm takes phishing, malware, fake-shop or other-fraud"))
            }
        },
        "close" if hours.is_some() => Err(RuleError::Action("hours belongs to confirm and attach")),
        "close" => match verdict()? {
            verdict @ (Verdict::Spam | Verdict::Benign) => {
                let sample_percent = sample.unwrap_or(SAMPLE_PERCENT);
                if !(1..=100).contains(&sample_percent) {
                    return Err(RuleError::Action("sample_percent must be 1 to 100"));
                }
                Ok(RuleAction::Close { verdict, sample_percent })
            }
            _ => Err(RuleError::Action("close takes spam or benign")),
        },
        "attach" if written.verdict.is_some() || sample.is_some() => {
            Err(RuleError::Action("attach takes the verdict of the case that it attaches to"))
        }
        "attach" => Ok(RuleAction::Attach { hours }),
        _ => Err(RuleError::Action("action must be confirm, close or attach")),
    }
}

/// Left to a person of a hundred closed, unless a rule says otherwise.
const SAMPLE_PERCENT: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RuleAction, String> {
        let rule = format!("when = \"host\"\n{text}");
        Definition::parse(&rule).map(|rule| rule.action).map_err(|error| error.to_string())
    }

    #[test]
    fn each_action_takes_what_belongs_to_it() {
        let phishing = Verdict::Phishing;
        let confirm = "action = \"confirm\"\nverdict = \"phishing\"";
        assert_eq!(read(confirm), Ok(RuleAction::Confirm { verdict: phishing, hours: None }));
        let short = format!("{confirm}\nhours = 2");
        assert_eq!(read(&short), Ok(RuleAction::Confirm { verdict: phishing, hours: Some(2) }));
        let close = "action = \"close\"\nverdict = \"spam\"";
        let expected = RuleAction::Close { verdict: Verdict::Spam, sample_percent: 2 };
        assert_eq!(read(close), Ok(expected));
        assert_eq!(read("action = \"attach\""), Ok(RuleAction::Attach { hours: None }));
    }

    #[test]
    fn lines_are_keys_and_values_with_comments() {
        let text = "# sure\n\naction = \"attach\" # as kin = has it\nhours = 3\n";
        assert_eq!(read(text), Ok(RuleAction::Attach { hours: Some(3) }));
        let refused = |text: &str, part: &str| {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        };
        refused("action", "line 2: it is not `key = value`");
        refused("action = attach", "line 2: the value is no text");
        refused("action = \"attach\" \"close\"", "line 2: something follows");
        refused("action = \"attach\"\naction = \"close\"", "line 3: the key is there twice");
        refused("action = [\"attach\"]", "expected a string");
    }

    #[test]
    fn what_no_rule_has_is_refused() {
        let check = |text: &str, part: &str| {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("action = \"confirm\"", "verdict must be");
        check("action = \"confirm\"\nverdict = \"benign\"", "confirm takes phishing");
        check("action = \"confirm\"\nverdict = \"phishing\"\nhours = 0", "at least 1");
        check(
            "action = \"confirm\"\nverdict = \"phishing\"\nsample_percent = 2",
            "belongs to close",
        );
        check("action = \"close\"\nverdict = \"phishing\"", "spam or benign");
        check("action = \"close\"\nverdict = \"spam\"\nsample_percent = 0", "1 to 100");
        check("action = \"close\"\nverdict = \"spam\"\nhours = 1", "belongs to confirm");
        check("action = \"attach\"\nverdict = \"phishing\"", "verdict of the case");
        check("action = \"block\"", "confirm, close or attach");
        check("action = \"attach\"\ncolour = 1", "colour");
        assert!(matches!(
            Definition::parse("when = \"hots\"\naction = \"attach\""),
            Err(RuleError::Condition(_))
        ));
    }
}
