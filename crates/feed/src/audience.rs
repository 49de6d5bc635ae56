//! Whom an entry is for. A text that one operator looks for is that operator's: everyone
//! else gets the entry sealed, so that the tree still verifies and nothing can be read.

use belfry_casebook::access::{Follower, Principal, Reader, Role};
use belfry_journal::{Entry, Kind, OperatorName, TemplateEntry, TemplateOrder};
use belfry_web::AuthorizedAny;

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// An administrator, who may check every entry by its bytes.
    All,
    /// The followers of one operator: their tokens are named `OPERATOR` or `OPERATOR.WHICH`.
    Operator(OperatorName),
    /// Whoever else may follow the journal.
    Others,
}

impl Audience {
    /// Of whoever has proven who it is.
    pub(crate) fn of(principal: &Principal) -> Self {
        if principal.role == Role::Admin {
            return Self::All;
        }
        principal.operator().map_or(Self::Others, Self::Operator)
    }

    /// Of a reader of pages or of the stream.
    pub(crate) fn of_bearer(bearer: &AuthorizedAny<Follower, Reader>) -> Self {
        Self::of(match bearer {
            AuthorizedAny::First(follower) => follower.principal(),
            AuthorizedAny::Second(reader) => reader.principal(),
        })
    }

    /// Whether a template is for it.
    pub(crate) fn may_read(&self, order: &TemplateOrder) -> bool {
        match self {
            Audience::All => true,
            Audience::Operator(operator) => order.operator() == operator,
            Audience::Others => false,
        }
    }

    /// The entry as it is for this audience.
    pub(crate) fn view(&self, entry: Entry) -> Entry {
        if entry.kind != Kind::Template {
            return entry;
        }
        let open = match TemplateEntry::from_bytes(&entry.body) {
            Ok(TemplateEntry::Match(order)) => self.may_read(&order),
            // Nothing of a text is in a release.
            Ok(TemplateEntry::Release { .. }) => true,
            Err(_) => *self == Audience::All,
        };
        if open { entry } else { entry.sealed() }
    }
}

#[cfg(test)]
mod tests {
    use belfry_casebook::access::Proof;
    use belfry_indicator::{Confirmation, Handover, LegalBasis, Provenance, Scope, Template};
    use belfry_journal::{Body, Category, Cause, Mode, PublicReason, Serial, UnixMillis};

    use super::*;

    fn principal(name: &str, role: Role) -> Principal {
        Principal { name: name.to_owned(), role, proof: Proof::LocalUser }
    }

    fn entry() -> Entry {
        let operator = OperatorName::parse("telco-1").unwrap();
        let basis = LegalBasis {
            operator: operator.clone(),
            number: 3,
            authority: "Act 121/8".to_owned(),
            scope: Scope::SimilarTexts,
            from: UnixMillis(1_000),
            until: UnixMillis(9_000),
        };
        let handover = Handover { operator, number: 7, at: UnixMillis(2_000) };
        let confirmation = Confirmation { case: 17, at: UnixMillis(3_000) };
        let provenance = Provenance::new(handover, confirmation, basis).unwrap();
        let order = TemplateOrder {
            template: Template::new("Uw pakket wacht", provenance).unwrap(),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(3_000),
            valid_until: UnixMillis(8_000),
        };
        let body = Body::Template(TemplateEntry::Match(Box::new(order)));
        Entry::new(Serial(4), [1; 32], &body)
    }

    #[test]
    fn a_text_travels_to_its_operator_and_to_nobody_else() {
        for (name, role, reads) in [
            ("token:telco-1", Role::Operator, true),
            ("token:telco-1.sms-2", Role::Operator, true),
            ("local:root", Role::Admin, true),
            ("token:telco-2", Role::Operator, false),
            ("token:telco-1", Role::Reader, false),
            ("person:telco-1", Role::Analyst, false),
            ("token:Gate One", Role::Operator, false),
        ] {
            let seen = Audience::of(&principal(name, role)).view(entry());
            assert_eq!(seen.sealed.is_none(), reads, "{name} as {role:?}");
            assert_eq!(seen.leaf_hash(), entry().leaf_hash());
            let text = b"pakket";
            let told = seen.to_bytes().windows(text.len()).any(|window| window == text);
            assert_eq!(told, reads, "{name} as {role:?}");
        }
    }

    #[test]
    fn all_else_is_for_everyone() {
        let (of, at) = (Serial(4), UnixMillis(5));
        let release =
            TemplateEntry::Release { of, at, cause: Cause::Expiry, reason: PublicReason::Ended };
        for body in [Body::Void, Body::Template(release)] {
            let entry = Entry::new(Serial(1), [1; 32], &body);
            assert_eq!(Audience::Others.view(entry.clone()), entry);
        }
    }
}
