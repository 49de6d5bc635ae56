//! The phrases of mail programs, compiled in from `data/forward.txt`. What they
//! mean is decided by the readers beside this file.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A field of a quoted header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    From,
    To,
    Cc,
    Bcc,
    Date,
    Subject,
    ReplyTo,
    Other,
}

/// A label and its field, as a program writes it.
pub(super) struct Label {
    pub(super) language: &'static str,
    pub(super) text: &'static str,
    pub(super) field: Field,
}

/// All phrases, those that are looked up in lower case.
pub(super) struct Table {
    /// Each label in each language, longest first: `De la` before `De`.
    pub(super) labels: Vec<Label>,
    /// Templates with `{date}` and `{who}`.
    pub(super) attributions: Vec<&'static str>,
    fields: HashMap<String, Field>,
    forwarded: Vec<String>,
    forwarded_start: Vec<String>,
    quoted: Vec<String>,
    forward_prefix: Vec<String>,
    reply_prefix: Vec<String>,
}

/// The table.
pub(super) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("../../data/forward.txt")));

/// Octets of the longest label, with room for bold marks.
pub(super) const LABEL_BYTES_MAX: usize = 64;

impl Table {
    fn parse(source: &'static str) -> Self {
        let phrases: Vec<_> = phrases(source).collect();
        let of = |section: &str| -> Vec<&'static str> {
            let own = phrases.iter().filter(|(name, ..)| *name == section);
            own.map(|&(_, _, text)| text).collect()
        };
        let lower = |section: &str| of(section).iter().map(|text| text.to_lowercase()).collect();
        let mut labels: Vec<Label> = phrases
            .iter()
            .filter_map(|&(section, language, text)| {
                Some(Label { language, text, field: field(section)? })
            })
            .collect();
        labels.sort_by_key(|label| std::cmp::Reverse(label.text.len()));
        Self {
            fields: labels.iter().map(|l| (l.text.to_lowercase(), l.field)).collect(),
            labels,
            attributions: of("attribution"),
            forwarded: lower("forwarded"),
            forwarded_start: lower("forwarded-start"),
            quoted: lower("quoted"),
            forward_prefix: lower("forward-prefix"),
            reply_prefix: lower("reply-prefix"),
        }
    }

    /// The field that a label names.
    pub(super) fn field(&self, label: &str) -> Option<Field> {
        self.fields.get(&label.to_lowercase()).copied()
    }

    /// Whether this line, bare of dashes, says that a forwarded mail follows.
    pub(super) fn is_forwarded(&self, bare: &str) -> bool {
        let bare = bare.to_lowercase();
        self.forwarded.contains(&bare)
            || self.forwarded_start.iter().any(|start| bare.starts_with(start.as_str()))
    }

    /// Whether this line, bare of dashes, says that a quoted mail follows.
    pub(super) fn is_quoted(&self, bare: &str) -> bool {
        self.quoted.contains(&bare.to_lowercase())
    }

    /// A subject without its `FW:`, if it has one.
    pub(super) fn without_forward<'s>(&self, subject: &'s str) -> Option<&'s str> {
        without(&self.forward_prefix, subject)
    }

    /// A subject without its `Re:`, if it has one.
    pub(super) fn without_reply<'s>(&self, subject: &'s str) -> Option<&'s str> {
        without(&self.reply_prefix, subject)
    }
}

fn without<'s>(prefixes: &[String], subject: &'s str) -> Option<&'s str> {
    let (prefix, rest) = subject.split_once([':', '：'])?;
    let prefix = prefix.trim();
    (prefix.len() < LABEL_BYTES_MAX && prefixes.contains(&prefix.to_lowercase()))
        .then(|| rest.trim())
}

fn field(section: &str) -> Option<Field> {
    Some(match section {
        "from" => Field::From,
        "to" => Field::To,
        "cc" => Field::Cc,
        "bcc" => Field::Bcc,
        "date" => Field::Date,
        "subject" => Field::Subject,
        "reply-to" => Field::ReplyTo,
        "other" => Field::Other,
        _ => return None,
    })
}

/// Section, language and phrase of each entry.
fn phrases(
    source: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let mut section = "";
    let mut rows = Vec::new();
    for line in source.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((language, list)) = line.split_once(char::is_whitespace) {
            rows.extend(list.split('|').map(|phrase| (section, language, phrase.trim())));
        }
    }
    rows.into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::{Field, LABEL_BYTES_MAX, TABLE, phrases};

    #[test]
    fn no_label_means_two_things() {
        let mut seen: HashMap<String, Field> = HashMap::new();
        for label in &TABLE.labels {
            let field = *seen.entry(label.text.to_lowercase()).or_insert(label.field);
            assert_eq!(field, label.field, "{}", label.text);
            assert!(label.text.len() < LABEL_BYTES_MAX && !label.text.is_empty());
        }
    }

    #[test]
    fn every_language_can_name_what_matters() {
        let languages: HashSet<_> = TABLE.labels.iter().map(|label| label.language).collect();
        assert!(languages.len() >= 25, "{languages:?}");
        for language in ["nl", "fr", "de", "en", "es", "it", "pt", "pl", "sv", "da", "ru"] {
            for field in [Field::From, Field::To, Field::Date, Field::Subject] {
                let has = TABLE.labels.iter().any(|l| l.language == language && l.field == field);
                assert!(has, "{language} {field:?}");
            }
        }
    }

    #[test]
    fn every_section_is_known() {
        let known = [
            "forwarded",
            "forwarded-start",
            "quoted",
            "forward-prefix",
            "reply-prefix",
            "attribution",
        ];
        for (section, language, phrase) in phrases(include_str!("../../data/forward.txt")) {
            assert!(super::field(section).is_some() || known.contains(&section), "{section}");
            assert!(language.len() <= 2 && !phrase.is_empty(), "{section} {language}");
        }
        for template in &TABLE.attributions {
            assert!(template.contains("{date}") && template.contains("{who}"), "{template}");
        }
    }

    #[test]
    fn prefixes_are_told_from_words() {
        assert_eq!(TABLE.without_forward("İLT: x"), Some("x"));
        assert_eq!(TABLE.without_forward("fwd : x"), Some("x"));
        assert_eq!(TABLE.without_forward("Invoice: x"), None);
        assert_eq!(TABLE.without_reply("AW: x"), Some("x"));
    }
}
