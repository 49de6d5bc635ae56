//! The letters' words, one value of [`Texts`] a language: a text that is missing in
//! one of them does not compile. Plain words, short sentences, no blame. `{receipt}`,
//! `{days}`, `{page}`, `{name}`, `{after}` and `{count}` are filled in.

mod de;
mod en;
mod fr;
mod nl;

/// Everything that letters say.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) arrived_subject: &'static str,
    pub(super) outcome_subject: &'static str,
    pub(super) arrived: &'static str,
    pub(super) number: &'static str,
    pub(super) advice: &'static str,
    pub(super) to_come: &'static str,
    pub(super) follow: &'static str,
    pub(super) blocked: &'static str,
    pub(super) after: &'static str,
    pub(super) before: &'static str,
    pub(super) one_of: &'static str,
    pub(super) among_first: &'static str,
    pub(super) not_blockable: &'static str,
    pub(super) ended: &'static str,
    pub(super) undecided: &'static str,
    pub(super) spam: &'static str,
    pub(super) benign: &'static str,
    pub(super) deleted: &'static str,
    pub(super) closing: &'static str,
    pub(super) under_a_minute: &'static str,
    /// One, and more.
    pub(super) minutes: [&'static str; 2],
    pub(super) hours: [&'static str; 2],
    pub(super) days: [&'static str; 2],
}

impl Texts {
    /// The words of a language; English for one that we don't write.
    pub(super) fn of(language: &str) -> &'static Self {
        match language {
            "nl" => &nl::TEXTS,
            "fr" => &fr::TEXTS,
            "de" => &de::TEXTS,
            _ => &en::TEXTS,
        }
    }
}
