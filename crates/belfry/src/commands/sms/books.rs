//! `belfry sms basis|handover|template`: by what right operators look for texts, over the API.

use std::fmt::Write;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::cli::DataArgs;
use crate::client::Client;
use crate::commands::case::words;
use crate::commands::token::first_moment;
use crate::commands::{Failure, print};
use crate::config::load;

const BASES: &str = "/api/v1/sms/bases";
const HANDOVERS: &str = "/api/v1/sms/handovers";
const TEMPLATES: &str = "/api/v1/sms/templates";

/// Legal bases.
#[derive(Debug, Subcommand)]
pub(crate) enum BasisVerb {
    /// Record by what right an operator looks for texts.
    Add {
        /// The operator, by its token's name.
        operator: String,
        /// The law, decree or decision.
        #[arg(long)]
        authority: String,
        /// Its first moment: a day, or a time in RFC 3339; now unless given.
        #[arg(long)]
        from: Option<String>,
        /// The first moment at which it no longer holds.
        #[arg(long)]
        until: String,
    },
    /// List them.
    List,
    /// End one now, and with it every template that rests on it.
    End {
        /// Its number.
        basis: u64,
    },
}

/// Hand-overs.
#[derive(Debug, Subcommand)]
pub(crate) enum HandoverVerb {
    /// List what customers handed over, without the texts.
    List,
    /// Show the text of one; the act is in the audit log.
    Text {
        /// Its number.
        handover: u64,
    },
}

/// Templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateVerb {
    /// Ask what the guard would say; nothing is ordered.
    Check(DraftArgs),
    /// Have the operator look for a text that its customer handed over.
    Order(DraftArgs),
    /// List those that hold, with what they matched.
    List,
    /// Take one back.
    Release {
        /// The entry that ordered it.
        serial: u64,
        /// Why.
        #[arg(long, value_enum)]
        reason: ReleaseReason,
    },
}

/// Why a template is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReleaseReason {
    /// An honest text was blocked
    Mistake,
    /// It is no longer about
    Resolved,
}

/// What a template is made of.
#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    /// The hand-over of its text.
    handover: u64,
    /// The case in which it was found to be fraud.
    #[arg(long)]
    case: u64,
    /// The legal basis.
    #[arg(long)]
    basis: u64,
    /// Count what it matches, and let it pass.
    #[arg(long)]
    shadow: bool,
    /// How long it holds, 1 to 90.
    #[arg(long)]
    days: Option<u32>,
}

impl DraftArgs {
    fn body(&self) -> Value {
        json!({
            "handover": self.handover, "case": self.case, "basis": self.basis,
            "mode": if self.shadow { "shadow" } else { "live" }, "days": self.days,
        })
    }
}

/// Records, lists or ends legal bases.
pub(crate) async fn basis(data: &DataArgs, verb: &BasisVerb) -> Result<(), Failure> {
    let client = Client::connect(&load(data, &[])?.config).await?;
    match verb {
        BasisVerb::Add { operator, authority, from, until } => {
            let from = from.as_deref().map(first_moment);
            let until = first_moment(until);
            let body = json!({
                "operator": operator, "authority": authority, "from": from, "until": until,
            });
            print(basis_line(&client.post(BASES, &body).await?))
        }
        BasisVerb::List => {
            let answer: Value = client.get(BASES).await?;
            print(lines(&answer, basis_line, "no legal basis was recorded\n"))
        }
        BasisVerb::End { basis } => {
            let path = format!("{BASES}/{basis}/end");
            let answer: Value = client.post(&path, &json!({})).await?;
            let released = answer["released"].as_array().map_or(0, Vec::len);
            print(format!("basis {basis} no longer holds; {released} templates ended with it\n"))
        }
    }
}

/// Lists hand-overs, or shows the text of one.
pub(crate) async fn handover(data: &DataArgs, verb: &HandoverVerb) -> Result<(), Failure> {
    let client = Client::connect(&load(data, &[])?.config).await?;
    match verb {
        HandoverVerb::List => {
            let answer: Value = client.get(HANDOVERS).await?;
            print(lines(&answer, handover_line, "nothing was handed over\n"))
        }
        HandoverVerb::Text { handover } => {
            let answer: Value = client.get(&format!("{HANDOVERS}/{handover}/text")).await?;
            print(format!("{}\n", defanged(&answer["text"])))
        }
    }
}

/// Tries, orders, lists or releases templates.
pub(crate) async fn template(data: &DataArgs, verb: &TemplateVerb) -> Result<(), Failure> {
    let client = Client::connect(&load(data, &[])?.config).await?;
    match verb {
        TemplateVerb::Check(draft) => {
            let path = format!("{TEMPLATES}/check");
            print(ruling_text(&client.post(&path, &draft.body()).await?))
        }
        TemplateVerb::Order(draft) => {
            print(ruling_text(&client.post(TEMPLATES, &draft.body()).await?))
        }
        TemplateVerb::List => {
            let answer: Value = client.get(TEMPLATES).await?;
            print(lines(&answer, template_line, "no template holds\n"))
        }
        TemplateVerb::Release { serial, reason } => {
            let reason = match reason {
                ReleaseReason::Mistake => "mistake",
                ReleaseReason::Resolved => "resolved",
            };
            let path = format!("{TEMPLATES}/{serial}/release");
            let answer: Value = client.post(&path, &json!({ "reason": reason })).await?;
            print(format!("template {serial} is released, entry {}\n", answer["serial"]))
        }
    }
}

fn lines(answer: &Value, line: fn(&Value) -> String, none: &str) -> String {
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() { none.to_owned() } else { items.iter().map(line).collect() }
}

fn basis_line(basis: &Value) -> String {
    let holds = if basis["holds"] == true { "holds" } else { "does not hold" };
    let (operator, authority) = (words(&basis["operator"]), words(&basis["authority"]));
    let (from, until) = (words(&basis["from"]), words(&basis["until"]));
    format!("basis {} of {operator} {holds}, {from} to {until}: {authority}\n", basis["id"])
}

fn handover_line(handover: &Value) -> String {
    let (operator, at) = (words(&handover["operator"]), words(&handover["at"]));
    format!("hand-over {} to {operator} at {at}, {}\n", handover["id"], words(&handover["receipt"]))
}

fn template_line(template: &Value) -> String {
    let (operator, mode) = (words(&template["operator"]), words(&template["mode"]));
    let mut line = format!("template {} of {operator}, {mode}", template["serial"]);
    let _ = write!(line, ", until {}", words(&template["valid_until"]));
    if template["matches"].is_u64() {
        let _ = write!(line, ", {} matches", template["matches"]);
    }
    let _ = writeln!(line, ": {}", defanged(&template["text"]));
    line
}

fn ruling_text(ruling: &Value) -> String {
    let text = template_line(&ruling["template"]);
    match (&ruling["cleared"], &ruling["template"]["serial"]) {
        (Value::Bool(true), Value::Null) => format!("it may be ordered\n{text}"),
        (Value::Bool(true), serial) => format!("ordered, entry {serial}\n{text}"),
        _ => {
            let (rule, why) = (words(&ruling["rule"]), words(&ruling["why"]));
            format!("refused by {rule}: {why}\n{text}")
        }
    }
}

/// A text in which no terminal finds a link.
fn defanged(text: &Value) -> String {
    let letters: Vec<char> = words(text).replace("http", "hxxp").chars().collect();
    let mut shown = String::with_capacity(letters.len());
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1).is_some_and(|next| next.is_alphanumeric());
        let within = at > 0 && letters[at - 1].is_alphanumeric() && next;
        if *letter == '.' && within { shown.push_str("[.]") } else { shown.push(*letter) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Value {
        json!({
            "serial": 9, "operator": "telco-1", "mode": "live", "matches": 12,
            "valid_until": "2026-12-24T09:00:00.000Z", "text": "Pay at https://a.example/x. Now.",
        })
    }

    #[test]
    fn a_text_is_shown_without_links() {
        let check = |text: &str, expected: &str| assert_eq!(defanged(&json!(text)), expected);
        check("Pay at https://a.b.example/x. Now.", "Pay at hxxps://a[.]b[.]example/x. Now.");
        check("2.99 euro.", "2[.]99 euro.");
        check("a\u{1b}[2Jb", "a\\u{1b}[2Jb");
        check("", "");
    }

    #[test]
    fn a_template_is_one_line() {
        assert_eq!(
            template_line(&template()),
            "template 9 of telco-1, live, until 2026-12-24T09:00:00.000Z, 12 matches: \
             Pay at hxxps://a[.]example/x. Now.\n"
        );
    }

    #[test]
    fn what_the_guard_says_comes_first() {
        let mut ruling = json!({"template": template(), "cleared": true, "rule": null});
        assert!(ruling_text(&ruling).starts_with("ordered, entry 9\ntemplate 9"));
        ruling["template"]["serial"] = Value::Null;
        assert!(ruling_text(&ruling).starts_with("it may be ordered\n"));
        ruling["cleared"] = json!(false);
        ruling["rule"] = json!("template");
        ruling["why"] = json!("It is too short.");
        assert!(ruling_text(&ruling).starts_with("refused by template: It is too short.\n"));
    }

    #[test]
    fn bases_and_hand_overs_are_one_line_each() {
        let basis = json!({
            "id": 1, "operator": "telco-1", "authority": "Act 121/8", "holds": false,
            "from": "2026-01-01T00:00:00.000Z", "until": "2027-01-01T00:00:00.000Z",
        });
        assert_eq!(
            basis_line(&basis),
            "basis 1 of telco-1 does not hold, 2026-01-01T00:00:00.000Z to \
             2027-01-01T00:00:00.000Z: Act 121/8\n"
        );
        let handover = json!({"id": 3, "operator": "telco-1", "at": "then", "receipt": "7K3QF"});
        assert_eq!(handover_line(&handover), "hand-over 3 to telco-1 at then, 7K3QF\n");
        assert_eq!(lines(&json!({"items": []}), basis_line, "none\n"), "none\n");
    }

    #[test]
    fn a_draft_is_for_real_unless_it_is_not() {
        let draft = DraftArgs { handover: 1, case: 2, basis: 3, shadow: false, days: None };
        assert_eq!(draft.body()["mode"], "live");
        assert_eq!(DraftArgs { shadow: true, ..draft }.body()["mode"], "shadow");
    }
}
