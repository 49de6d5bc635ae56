//! What clients are told beside a blocked answer: the code and words of each
//! category (RFC 8914), and for those that ask, the same as structured data
//! (draft-ietf-dnsop-structured-dns-error). Nothing here depends on who asks.

use belfry_journal::Category;
use domain::base::iana::ExtendedErrorCode;
use serde::{Deserialize, Serialize};

use crate::answer::category_name;
use crate::compose::Ede;
use crate::query::Query;
use crate::settings::SettingError;

/// The most octets of words, contacts together and names.
const WORDS_OCTETS_MAX: usize = 200;

/// Why a name is blocked, as clients' software tells it apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// By the operator's own policy: 15.
    #[default]
    Blocked,
    /// By somebody else's, such as a law: 16.
    Censored,
    /// Because the client asked for it: 17.
    Filtered,
}

/// What is said about one category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoryError {
    /// The code where nothing else is answered.
    pub kind: BlockKind,
    /// The operator's words; the category's name where there are none.
    pub words: String,
}

/// What is said about each category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CategoryErrors {
    /// Steals credentials or payments.
    pub phishing: CategoryError,
    /// Distributes malicious software.
    pub malware: CategoryError,
    /// Takes money for nothing.
    pub fake_shop: CategoryError,
    /// Any other fraud.
    pub other_fraud: CategoryError,
}

/// Structured data for clients that send the option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StructuredErrors {
    /// The EDNS option by which clients ask; 0 answers none. The number is for
    /// experiments until one is assigned.
    pub option_code: u16,
    /// Whom people turn to: `tel:` or `mailto:` and nothing else.
    pub contacts: Vec<String>,
    /// Who blocks.
    pub organization: String,
    /// The language of words and organization.
    pub language: String,
}

impl Default for StructuredErrors {
    fn default() -> Self {
        Self {
            option_code: 65_300,
            contacts: Vec::new(),
            organization: String::new(),
            language: "en".to_owned(),
        }
    }
}

impl CategoryErrors {
    /// What is said about `category`.
    pub(crate) fn of(&self, category: Category) -> &CategoryError {
        match category {
            Category::Phishing => &self.phishing,
            Category::Malware => &self.malware,
            Category::FakeShop => &self.fake_shop,
            Category::OtherFraud => &self.other_fraud,
        }
    }

    /// Whether each fits an answer.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        let all = [&self.phishing, &self.malware, &self.fake_shop, &self.other_fraud];
        if all.iter().any(|error| error.words.len() > WORDS_OCTETS_MAX) {
            return Err(SettingError {
                key: "errors",
                problem: "has more than 200 octets of words",
            });
        }
        Ok(())
    }
}

impl CategoryError {
    /// The code where nothing else is answered.
    pub(crate) fn code(&self) -> ExtendedErrorCode {
        match self.kind {
            BlockKind::Blocked => ExtendedErrorCode::BLOCKED,
            BlockKind::Censored => ExtendedErrorCode::CENSORED,
            BlockKind::Filtered => ExtendedErrorCode::FILTERED,
        }
    }

    /// The words for people.
    #[inline]
    pub(crate) fn words_of(&self, category: Category) -> &str {
        if self.words.is_empty() { category_name(category) } else { &self.words }
    }
}

impl StructuredErrors {
    /// Whether the client asks for structured data.
    pub(crate) fn is_asked(&self, query: &Query) -> bool {
        self.option_code != 0 && query.option(self.option_code).is_some()
    }

    /// The error as structured data; justification, then organization give way.
    pub(crate) fn error(&self, code: ExtendedErrorCode, category: Category, why: &str) -> Ede {
        let organization = Some(self.organization.as_str()).filter(|name| !name.is_empty());
        let mut ede = Ede::with_words(code, self.json(category, Some(why), organization));
        ede.shorter.push(self.json(category, None, organization));
        ede.shorter.push(self.json(category, None, None));
        ede
    }

    fn json(&self, category: Category, why: Option<&str>, organization: Option<&str>) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let contacts: Vec<_> = self.contacts.iter().map(|contact| quoted(contact)).collect();
        let mut members = vec![format!("\"c\":[{}]", contacts.join(","))];
        members.extend(why.map(|why| format!("\"j\":{}", quoted(why))));
        members.push(format!("\"s\":{}", sub_error(category)));
        members.extend(organization.map(|name| format!("\"o\":{}", quoted(name))));
        if why.or(organization).is_some() {
            members.push(format!("\"l\":{}", quoted(&self.language)));
        }
        format!("{{{}}}", members.join(","))
    }

    /// Whether these can be sent.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        let wrong = |problem| Err(SettingError { key: "structured", problem });
        let is_contact = |one: &String| one.starts_with("tel:") || one.starts_with("mailto:");
        if !self.contacts.iter().all(is_contact) {
            return wrong("has a contact that is neither tel: nor mailto:");
        }
        let octets: usize = self.contacts.iter().map(String::len).sum();
        let longest = octets.max(self.organization.len()).max(self.language.len());
        if longest > WORDS_OCTETS_MAX {
            return wrong("has more than 200 octets of contacts, organization or language");
        }
        Ok(())
    }
}

/// The draft's number: malware, phishing, or the operator's policy.
fn sub_error(category: Category) -> u8 {
    match category {
        Category::Malware => 1,
        Category::Phishing => 2,
        Category::FakeShop | Category::OtherFraud => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structured() -> StructuredErrors {
        StructuredErrors {
            contacts: vec!["tel:+32-2-5550100".into(), "mailto:help@isp.example".into()],
            organization: "Some \"ISP\"".into(),
            ..StructuredErrors::default()
        }
    }

    #[test]
    fn the_justification_gives_way_first_then_the_organization() {
        let ede = structured().error(ExtendedErrorCode::BLOCKED, Category::Phishing, "phishing");
        let contacts = "\"c\":[\"tel:+32-2-5550100\",\"mailto:help@isp.example\"]";
        let name = "\"o\":\"Some \\\"ISP\\\"\",\"l\":\"en\"";
        assert_eq!(ede.text, format!("{{{contacts},\"j\":\"phishing\",\"s\":2,{name}}}"));
        assert_eq!(ede.shorter[0], format!("{{{contacts},\"s\":2,{name}}}"));
        assert_eq!(ede.shorter[1], format!("{{{contacts},\"s\":2}}"));
        for text in ede.shorter.iter().chain([&ede.text]) {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
    }

    #[test]
    fn only_telephone_and_mail_are_contacts() {
        assert_eq!(structured().check(), Ok(()));
        let web = StructuredErrors { contacts: vec!["https://a.example".into()], ..structured() };
        assert_eq!(web.check().unwrap_err().key, "structured");
        let long = StructuredErrors { organization: "x".repeat(201), ..structured() };
        assert!(long.check().is_err());
    }

    #[test]
    fn each_kind_has_its_code_and_words_have_a_bound() {
        let error = |kind| CategoryError { kind, words: String::new() };
        assert_eq!(error(BlockKind::Blocked).code().to_int(), 15);
        assert_eq!(error(BlockKind::Censored).code().to_int(), 16);
        assert_eq!(error(BlockKind::Filtered).code().to_int(), 17);
        assert_eq!(error(BlockKind::Blocked).words_of(Category::FakeShop), "fake-shop");
        let mut errors = CategoryErrors::default();
        errors.malware.words = "x".repeat(201);
        assert_eq!(errors.check().unwrap_err().key, "errors");
    }
}
