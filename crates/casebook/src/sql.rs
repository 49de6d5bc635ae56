//! Every SQL statement of the casebook, one file a table.
//!
//! The text is what SQLite and PostgreSQL both take: `$1` parameters, `BIGINT`,
//! `CAST` where PostgreSQL could not tell a parameter's type, no function or
//! clause of one of them alone. A test prepares each statement on a real
//! PostgreSQL; nothing outside this folder holds SQL.

/// Named statements, and the list of them that the test walks.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $text;)*
        /// All statements of this table.
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}

pub(crate) mod access;
pub(crate) mod assessments;
pub(crate) mod campaigns;
pub(crate) mod cases;
pub(crate) mod correspondence;
pub(crate) mod effects;
pub(crate) mod erasure;
pub(crate) mod followers;
pub(crate) mod inspections;
pub(crate) mod journal;
pub(crate) mod letters_sent;
pub(crate) mod life;
pub(crate) mod objections;
pub(crate) mod operators;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod record;
pub(crate) mod reports;
pub(crate) mod sms;
pub(crate) mod sqlite;
pub(crate) mod standing;
pub(crate) mod warnings;
pub(crate) mod work;

/// Every statement: its file, the statements' names and texts.
pub const ALL: &[(&str, &[(&str, &str)])] = &[
    ("access", access::ALL),
    ("assessments", assessments::ALL),
    ("campaigns", campaigns::ALL),
    ("cases", cases::ALL),
    ("correspondence", correspondence::ALL),
    ("effects", effects::ALL),
    ("erasure", erasure::ALL),
    ("followers", followers::ALL),
    ("inspections", inspections::ALL),
    ("journal", journal::ALL),
    ("letters_sent", letters_sent::ALL),
    ("life", life::ALL),
    ("objections", objections::ALL),
    ("operators", operators::ALL),
    ("orders", orders::ALL),
    ("people", people::ALL),
    ("record", record::ALL),
    ("reports", reports::ALL),
    ("sms", sms::ALL),
    ("sqlite", sqlite::ALL),
    ("standing", standing::ALL),
    ("warnings", warnings::ALL),
    ("work", work::ALL),
];
