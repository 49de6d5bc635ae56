//! Values of columns: words for closed sets, checked numbers and names.
//!
//! SQL knows signed 64-bit integers and text only. What a row holds that this
//! version would not write is an error that names table and column, never a
//! panic and never a guess.

use belfry_guard::Rule;
use belfry_indicator::Domain;
use belfry_journal::{Category, Mode, Serial, UnixMillis};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;

/// A closed set of values, each with the one word that rows hold.
pub(crate) trait Word: Copy + 'static {
    /// All values.
    const ALL: &'static [Self];
    /// The word.
    fn word(self) -> &'static str;
    /// The value of a word.
    fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }
}

impl Word for Category {
    const ALL: &'static [Self] = Category::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Word for Mode {
    const ALL: &'static [Self] = Mode::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Word for Rule {
    const ALL: &'static [Self] = &Rule::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

/// A number as SQL holds it.
pub(crate) fn big(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value)
        .map_err(|_| StoreError::Invalid { what: "number", why: "it must be below 2^63" })
}

/// A time as SQL holds it.
pub(crate) fn millis(at: UnixMillis) -> Result<i64, StoreError> {
    big(at.0)
}

/// A time that may be missing as SQL holds it.
pub(crate) fn millis_maybe(at: Option<UnixMillis>) -> Result<Option<i64>, StoreError> {
    at.map(millis).transpose()
}

/// Reads columns of one row of `table`.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    table: &'static str,
}

impl<'r> Columns<'r> {
    /// The columns of `row`, which came from `table`.
    pub(crate) fn new(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { row, table }
    }

    /// The error for a value that this version does not write.
    pub(crate) fn unknown(&self, column: &'static str, value: impl Into<String>) -> StoreError {
        StoreError::Column { table: self.table, column, value: value.into() }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn text_maybe(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn bytes_maybe(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], StoreError> {
        let bytes = self.bytes(column)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| self.unknown(column, format!("{length} bytes")))
    }

    pub(crate) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        let value: i64 = self.row.try_get(column)?;
        u64::try_from(value).map_err(|_| self.unknown(column, value.to_string()))
    }

    pub(crate) fn number_maybe(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let value: Option<i64> = self.row.try_get(column)?;
        value
            .map(|value| u64::try_from(value).map_err(|_| self.unknown(column, value.to_string())))
            .transpose()
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<UnixMillis, StoreError> {
        self.number(column).map(UnixMillis)
    }

    pub(crate) fn time_maybe(
        &self,
        column: &'static str,
    ) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.number_maybe(column)?.map(UnixMillis))
    }

    pub(crate) fn serial(&self, column: &'static str) -> Result<Serial, StoreError> {
        self.number(column).map(Serial)
    }

    pub(crate) fn word<T: Word>(&self, column: &'static str) -> Result<T, StoreError> {
        let word = self.text(column)?;
        T::of(&word).ok_or_else(|| self.unknown(column, word))
    }

    pub(crate) fn domain(&self, column: &'static str) -> Result<Domain, StoreError> {
        let name = self.text(column)?;
        Domain::parse(&name).map_err(|_| self.unknown(column, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_read_back<T: Word + PartialEq + std::fmt::Debug>() {
        for value in T::ALL {
            assert_eq!(T::of(value.word()), Some(*value));
        }
        assert_eq!(T::of("no such word"), None);
    }

    #[test]
    fn every_word_reads_back() {
        words_read_back::<Category>();
        words_read_back::<Mode>();
        words_read_back::<Rule>();
        words_read_back::<crate::access::Role>();
        words_read_back::<crate::report::Channel>();
        words_read_back::<crate::report::Content>();
        words_read_back::<crate::report::CheckResult>();
        words_read_back::<crate::correspondence::Stage>();
        words_read_back::<crate::verdict::Verdict>();
        words_read_back::<crate::rules::RuleMode>();
        words_read_back::<crate::inspection::Device>();
        words_read_back::<crate::warning::WarningAct>();
    }

    #[test]
    fn numbers_past_sql_are_refused() {
        assert_eq!(big(7).unwrap(), 7);
        assert!(big(u64::MAX).is_err());
        assert!(millis(UnixMillis(1 << 63)).is_err());
    }
}
