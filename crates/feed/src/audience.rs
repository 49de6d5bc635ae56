//! Whom an entry is for. A text that one operator looks for is that operator's, and an order
//! for some operators is theirs: everyone else gets the entry sealed, so that no serial is
//! missing, the tree still verifies and nothing can be read.

use belfry_casebook::access::{Follower, Principal, Reader, Role};
use belfry_journal::{
    Audience as OrderAudience, Body, Entry, Kind, OperatorName, Order, TemplateEntry, TemplateOrder,
};
use belfry_web::AuthorizedAny;

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// An administrator, who may check every entry by its bytes.
    All,
    /// The followers of one operator: their tokens are named `OPERATOR` or `OPERATOR.WHICH`.
    Operator(OperatorName),
    /// People and programs of the hub: every order, no text that is an operator's.
    Staff,
    /// Whoever else may follow the journal.
    Others,
}

impl Audience {
    /// Of whoever has proven who it is.
    pub(crate) fn of(principal: &Principal) -> Self {
        match (principal.role, principal.operator()) {
            (Role::Admin, _) => Self::All,
            (_, Some(operator)) => Self::Operator(operator),
            (Role::Operator, None) => Self::Others,
            _ => Self::Staff,
        }
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
            Audience::Staff | Audience::Others => false,
        }
    }

    /// Whether an order is for it.
    pub(crate) fn may_read_order(&self, order: &Order) -> bool {
        match (&order.audience, self) {
            (OrderAudience::Everyone, _) | (_, Audience::All | Audience::Staff) => true,
            (OrderAudience::Operators(names), Audience::Operator(ours)) => names.contains(ours),
            (OrderAudience::Operators(_), Audience::Others) => false,
        }
    }

    /// The entry as it is for this audience.
    pub(crate) fn view(&self, entry: Entry) -> Entry {
        let open = match entry.kind {
            Kind::Template => self.opens_template(&entry),
            Kind::Order => self.opens_order(&entry),
            _ => true,
        };
        if open { entry } else { entry.sealed() }
    }

    fn opens_template(&self, entry: &Entry) -> bool {
        match TemplateEntry::from_bytes(&entry.body) {
            Ok(TemplateEntry::Match(order)) => self.may_read(&order),
            // Nothing of a text is in a release.
            Ok(TemplateEntry::Release { .. }) => true,
            Err(_) => *self == Audience::All,
        }
    }

    fn opens_order(&self, entry: &Entry) -> bool {
        match entry.decode() {
            Ok(Body::Order(order)) => self.may_read_order(&order),
            // Damaged: whoever reads it finds out, whoever it was for.
            _ => true,
        }
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
    fn an_order_for_some_operators_is_theirs_and_the_hubs() {
        let names = ["telco-1", "telco-3"].map(|name| OperatorName::parse(name).unwrap());
        let order = |audience| Order {
            action: belfry_journal::Action::Block,
            target: belfry_indicator::Target::Host("evil.example".parse().unwrap()),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        };
        let theirs = order(OrderAudience::Operators(names.into()));
        let entry = Entry::new(Serial(3), [1; 32], &Body::Order(theirs));
        let everyones = order(OrderAudience::Everyone);
        let everyones = Entry::new(Serial(4), [1; 32], &Body::Order(everyones));
        for (name, role, reads) in [
            ("token:telco-1", Role::Operator, true),
            ("token:telco-3.gate", Role::Operator, true),
            ("token:telco-2", Role::Operator, false),
            ("token:Gate One", Role::Operator, false),
            ("person:ann", Role::Analyst, true),
            ("local:root", Role::Admin, true),
        ] {
            let audience = Audience::of(&principal(name, role));
            let seen = audience.view(entry.clone());
            assert_eq!(seen.sealed.is_none(), reads, "{name} as {role:?}");
            assert_eq!((seen.leaf_hash(), seen.serial), (entry.leaf_hash(), Serial(3)));
            let told = seen.to_bytes().windows(4).any(|window| window == b"evil");
            assert_eq!(told, reads, "{name} as {role:?}");
            assert_eq!(audience.view(everyones.clone()), everyones);
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
