//! The page's words, one value of [`Texts`] a language: a text that is missing
//! in one of them does not compile. Plain words, short sentences, no blame.

mod de;
mod en;
mod fr;
mod nl;

use belfry_journal::{Category, PublicReason, UnixMillis};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::warning::language::Language;

/// Everything that the page says.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) switch: &'static str,
    /// Between a name and its value.
    pub(super) colon: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) not_read: &'static str,
    pub(super) facts: &'static str,
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    pub(super) since: &'static str,
    pub(super) until: &'static str,
    pub(super) until_note: &'static str,
    pub(super) by: &'static str,
    pub(super) by_unnamed: &'static str,
    pub(super) number: &'static str,
    pub(super) typed: &'static str,
    pub(super) typed_card: &'static str,
    pub(super) typed_bank: &'static str,
    pub(super) typed_password: &'static str,
    pub(super) typed_police: &'static str,
    pub(super) message: &'static str,
    pub(super) message_plain: &'static str,
    pub(super) message_link: &'static str,
    pub(super) owner: &'static str,
    pub(super) owner_plain: &'static str,
    pub(super) owner_link: &'static str,
    pub(super) honest: &'static str,
    pub(super) honest_counts: &'static str,
    pub(super) honest_https: &'static str,
    pub(super) honest_wrong: &'static str,
    pub(super) free_title: &'static str,
    pub(super) free: &'static str,
    pub(super) free_hint: &'static str,
    pub(super) plain_blocked: &'static str,
    pub(super) plain_free: &'static str,
    pub(super) phishing: &'static str,
    pub(super) malware: &'static str,
    pub(super) fake_shop: &'static str,
    pub(super) other_fraud: &'static str,
    pub(super) because_impersonation: &'static str,
    pub(super) because_malware: &'static str,
    pub(super) because_fake_shop: &'static str,
    pub(super) because_fraud: &'static str,
    pub(super) because_ended: &'static str,
    /// From January.
    pub(super) months: [&'static str; 12],
    /// "1", "1er" or "1.".
    pub(super) first_of_month: &'static str,
    /// After any other day's number.
    pub(super) after_day: &'static str,
}

impl Texts {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Nl => &nl::TEXTS,
            Language::Fr => &fr::TEXTS,
            Language::De => &de::TEXTS,
            Language::En => &en::TEXTS,
        }
    }

    pub(super) fn category(&self, category: Category) -> &'static str {
        match category {
            Category::Phishing => self.phishing,
            Category::Malware => self.malware,
            Category::FakeShop => self.fake_shop,
            Category::OtherFraud => self.other_fraud,
        }
    }

    pub(super) fn reason(&self, reason: PublicReason) -> &'static str {
        match reason {
            PublicReason::Impersonation => self.because_impersonation,
            PublicReason::Malware => self.because_malware,
            PublicReason::FakeShop => self.because_fake_shop,
            PublicReason::Fraud => self.because_fraud,
            // Reasons of releases: seen only in the instant between a lookup and its end.
            PublicReason::Ended | PublicReason::Mistake | PublicReason::Resolved => {
                self.because_ended
            }
        }
    }

    /// "24 November 2026, 09:05 UTC".
    pub(super) fn date(&self, time: UnixMillis) -> String {
        let at = timestamp(time).to_zoned_datetime(TimeZone::UTC);
        let month = usize::try_from(at.month() - 1).ok().and_then(|month| self.months.get(month));
        let day = match at.day() {
            1 => self.first_of_month.to_owned(),
            day => format!("{day}{}", self.after_day),
        };
        let (year, hour, minute) = (at.year(), at.hour(), at.minute());
        format!("{day} {} {year}, {hour:02}:{minute:02} UTC", month.copied().unwrap_or_default())
    }
}

/// A time that no calendar holds becomes the last that one does.
pub(super) fn timestamp(time: UnixMillis) -> Timestamp {
    let millis = i64::try_from(time.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_each_language_does() {
        let first = UnixMillis(1_793_523_900_000);
        for (language, expect) in [
            (Language::Nl, "1 november 2026, 09:05 UTC"),
            (Language::Fr, "1er novembre 2026, 09:05 UTC"),
            (Language::De, "1. November 2026, 09:05 UTC"),
            (Language::En, "1 November 2026, 09:05 UTC"),
        ] {
            assert_eq!(Texts::of(language).date(first), expect);
        }
        let german = Texts::of(Language::De).date(UnixMillis(0));
        assert_eq!(german, "1. Januar 1970, 00:00 UTC");
        assert!(Texts::of(Language::En).date(UnixMillis(u64::MAX)).contains("9999"));
    }

    #[test]
    fn no_two_categories_read_the_same() {
        for language in Language::ALL {
            let texts = Texts::of(language);
            let mut all = [texts.phishing, texts.malware, texts.fake_shop, texts.other_fraud];
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] != pair[1] && !pair[0].is_empty()));
        }
    }
}
