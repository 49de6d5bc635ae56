//! What was asked and what was promised, as the clients saw it.

use std::collections::BTreeMap;

/// What is known of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked<T> {
    /// No answer came: it may have been done, once.
    Unanswered,
    /// It was promised.
    Promised(T),
}

/// Everything asked, by the number of its mail. Survives every kill.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    seed: u64,
    mails: BTreeMap<u64, Asked<String>>,
    blocks: BTreeMap<u64, Asked<u64>>,
    releases: BTreeMap<u64, Asked<u64>>,
}

impl Ledger {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The number that the next mail gets.
    pub(super) fn next_mail(&self) -> u64 {
        self.mails.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// A new mail is about to be sent; gives its number.
    pub(super) fn mail_begins(&mut self) -> u64 {
        let number = self.next_mail();
        self.mails.insert(number, Asked::Unanswered);
        number
    }

    pub(super) fn mail_received(&mut self, number: u64, receipt: String) {
        self.mails.insert(number, Asked::Promised(receipt));
    }

    /// The server said no: then it must not be there.
    pub(super) fn mail_refused(&mut self, number: u64) {
        self.mails.remove(&number);
    }

    pub(super) fn block_begins(&mut self, number: u64) {
        self.blocks.entry(number).or_insert(Asked::Unanswered);
    }

    pub(super) fn block_ordered(&mut self, number: u64, serial: u64) {
        self.blocks.insert(number, Asked::Promised(serial));
    }

    pub(super) fn release_begins(&mut self, number: u64) {
        self.releases.entry(number).or_insert(Asked::Unanswered);
    }

    pub(super) fn release_ordered(&mut self, number: u64, serial: u64) {
        self.releases.insert(number, Asked::Promised(serial));
    }

    /// Mails from number `first` on.
    pub(super) fn mails(&self, first: u64) -> impl Iterator<Item = (u64, &Asked<String>)> {
        self.mails.range(first..).map(|(number, asked)| (*number, asked))
    }

    pub(super) fn blocks(&self) -> &BTreeMap<u64, Asked<u64>> {
        &self.blocks
    }

    pub(super) fn releases(&self) -> &BTreeMap<u64, Asked<u64>> {
        &self.releases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_replaces_a_question_and_is_never_taken_back() {
        let mut ledger = Ledger::new(1);
        assert_eq!((ledger.mail_begins(), ledger.mail_begins()), (1, 2));
        ledger.mail_received(2, "R".into());
        ledger.block_begins(2);
        ledger.block_ordered(2, 9);
        ledger.block_begins(2);
        assert_eq!(ledger.blocks()[&2], Asked::Promised(9));
        let mails: Vec<_> = ledger.mails(1).collect();
        assert_eq!(mails, [(1, &Asked::Unanswered), (2, &Asked::Promised("R".into()))]);
        assert_eq!(ledger.next_mail(), 3);
    }

    #[test]
    fn a_refused_mail_was_never_asked() {
        let mut ledger = Ledger::new(1);
        let number = ledger.mail_begins();
        ledger.mail_refused(number);
        assert_eq!(ledger.mails(0).count(), 0);
    }
}
