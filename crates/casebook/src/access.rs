//! Who may do what: people, tokens, roles, and principals as types.
//!
//! A function that needs an analyst takes an [`Analyst`]; there is no way to
//! have one but through [`Principal::authorize`].

mod people;
mod tokens;

use belfry_journal::{OperatorName, UnixMillis};

use crate::column::Word;

pub use self::people::{Invitation, Invited, NewPasskey, NewSession, Passkey, PersonRecord};
pub(crate) use self::tokens::Uses;
pub use self::tokens::{NewToken, TokenRecord};

/// A role, as the contract names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads cases and statistics.
    Reader,
    /// Files reports and follows their receipts.
    Reporter,
    /// Judges cases.
    Analyst,
    /// Judges and gives second approvals.
    Approver,
    /// An operator's follower: stream, snapshot, effects.
    Operator,
    /// Everything but what the guard forbids.
    Admin,
}

impl Role {
    /// The lower-case name of the contract.
    pub fn name(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Reporter => "reporter",
            Role::Analyst => "analyst",
            Role::Approver => "approver",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        <Self as Word>::of(name)
    }
}

impl Word for Role {
    const ALL: &'static [Self] =
        &[Role::Reader, Role::Reporter, Role::Analyst, Role::Approver, Role::Operator, Role::Admin];
    fn word(self) -> &'static str {
        self.name()
    }
}

/// What can be asked for; [`allows`] is the role-by-action table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// File a report, read a receipt.
    Report,
    /// Read cases, orders, statistics.
    Read,
    /// Give a verdict, release a block.
    Judge,
    /// Follow the journal, send effects.
    Follow,
    /// Be the second of two people, with a fresh sign-in.
    Approve,
    /// Create tokens and operators.
    Administer,
}

/// The role-by-action table.
pub fn allows(role: Role, action: Action) -> bool {
    use Action::*;
    match role {
        Role::Reader => matches!(action, Read),
        Role::Reporter => matches!(action, Report),
        Role::Analyst => matches!(action, Report | Read | Judge),
        Role::Approver => matches!(action, Report | Read | Judge | Approve),
        Role::Operator => matches!(action, Follow),
        Role::Admin => true,
    }
}

/// How a principal proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An API token: never counts as one of two people.
    Token,
    /// The local user of the hub's own socket (0600).
    LocalUser,
    /// A person by a passkey, which was last touched `at`.
    Passkey {
        /// When.
        at: UnixMillis,
    },
}

/// Someone or something that has been authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its name, as records show it: `token:NAME`, `local:USER` or `person:NAME`.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// How it was authenticated.
    pub proof: Proof,
}

macro_rules! authority {
    ($(#[$doc:meta])* $name:ident, $action:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Principal);
        impl $name {
            /// The principal behind it.
            pub fn principal(&self) -> &Principal {
                &self.0
            }
        }
        impl Authority for $name {
            const ACTION: Action = Action::$action;
            fn from_authorized(principal: Principal) -> Self {
                Self(principal)
            }
        }
    };
}

mod sealed {
    pub trait Sealed {}
}

/// A principal that may take one [`Action`]; implemented by the six types below only.
pub trait Authority: sealed::Sealed + Sized {
    /// What it may do.
    const ACTION: Action;
    #[doc(hidden)]
    fn from_authorized(principal: Principal) -> Self;
}

authority!(
    /// May file reports.
    Reporter, Report);
authority!(
    /// May read cases.
    Reader, Read);
authority!(
    /// May judge.
    Analyst, Judge);
authority!(
    /// May be the second of two people.
    Approver, Approve);
authority!(
    /// May follow the journal.
    Follower, Follow);
authority!(
    /// May administer.
    Admin, Administer);
impl sealed::Sealed for Reporter {}
impl sealed::Sealed for Reader {}
impl sealed::Sealed for Analyst {}
impl sealed::Sealed for Approver {}
impl sealed::Sealed for Follower {}
impl sealed::Sealed for Admin {}

impl Principal {
    /// The operator whose software it is: its tokens are named `OPERATOR` or
    /// `OPERATOR.WHICH`, and have that role.
    pub fn operator(&self) -> Option<OperatorName> {
        let name = self.name.strip_prefix("token:")?.split('.').next()?;
        OperatorName::parse(name).ok().filter(|_| self.role == Role::Operator)
    }

    /// This principal as one that may do `A`, if its role allows it.
    pub fn authorize<A: Authority>(self) -> Option<A> {
        allows(self.role, A::ACTION).then(|| A::from_authorized(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(role: Role) -> Vec<Action> {
        use Action::{Administer, Approve, Follow, Judge, Read, Report};
        [Report, Read, Judge, Approve, Follow, Administer]
            .into_iter()
            .filter(|action| allows(role, *action))
            .collect()
    }

    #[test]
    fn the_table_of_roles() {
        use Action::{Administer, Approve, Follow, Judge, Read, Report};
        assert_eq!(may(Role::Reader), [Read]);
        assert_eq!(may(Role::Reporter), [Report]);
        assert_eq!(may(Role::Analyst), [Report, Read, Judge]);
        assert_eq!(may(Role::Approver), [Report, Read, Judge, Approve]);
        assert_eq!(may(Role::Operator), [Follow]);
        assert_eq!(may(Role::Admin), [Report, Read, Judge, Approve, Follow, Administer]);
    }

    #[test]
    fn an_operators_tokens_bear_its_name() {
        let check = |name: &str, role, expected: Option<&str>| {
            let principal = Principal { name: name.to_owned(), role, proof: Proof::Token };
            let expected = expected.map(|name| OperatorName::parse(name).unwrap());
            assert_eq!(principal.operator(), expected, "{name}");
        };
        check("token:telco-1", Role::Operator, Some("telco-1"));
        check("token:telco-1.short-code", Role::Operator, Some("telco-1"));
        check("token:telco-1", Role::Admin, None);
        check("person:telco-1", Role::Operator, None);
        check("token:Not an operator", Role::Operator, None);
        check("token:", Role::Operator, None);
    }

    #[test]
    fn a_principal_becomes_only_what_its_role_allows() {
        let operator =
            Principal { name: "token:gate".into(), role: Role::Operator, proof: Proof::Token };
        assert!(operator.clone().authorize::<Analyst>().is_none());
        assert!(operator.clone().authorize::<Admin>().is_none());
        let follower = operator.authorize::<Follower>().unwrap();
        assert_eq!(follower.principal().name, "token:gate");
    }
}
