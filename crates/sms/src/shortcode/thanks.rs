//! What a customer is told, and how often. Numbers are kept as hashes under a key that
//! never leaves memory, for an hour.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::session::Customer;

const HOUR: Duration = Duration::from_secs(3_600);
/// Numbers that are remembered at once; past them nobody new is thanked until some are an
/// hour old, so that no flood makes the memory grow.
const NUMBERS_MAX: usize = 100_000;
/// Characters of one SMS.
const CHARS_MAX: usize = 160;
/// Where the receipt stands.
const RECEIPT: &str = "{receipt}";
/// Characters of a receipt.
const RECEIPT_CHARS: usize = 23;

/// Why a text can't thank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThanksError {
    /// It does not say the receipt.
    #[error("the thanks must hold {RECEIPT}, where the receipt is to stand")]
    Receipt,
    /// It holds letters that the GSM alphabet writes otherwise.
    #[error("the thanks may hold letters, digits, spaces and .,:;!?()'/-+ of ASCII only")]
    Letters,
    /// It is more than one SMS.
    #[error("the thanks have more than {CHARS_MAX} characters with the receipt")]
    Length,
}

/// The thanks, and who had them of late.
#[derive(Clone, Debug)]
pub struct Thanks {
    text: String,
    per_hour: u32,
    key: RandomState,
    had: HashMap<u64, (Instant, u32)>,
}

impl Thanks {
    /// Thanks with this text, in which `{receipt}` stands for the receipt, at most so often an
    /// hour to one number.
    ///
    /// # Errors
    /// [`ThanksError`].
    pub fn new(text: &str, per_hour: u32) -> Result<Self, ThanksError> {
        let around = text.replacen(RECEIPT, "", 1);
        if around.len() == text.len() {
            return Err(ThanksError::Receipt);
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " .,:;!?()'/-+".contains(c);
        if !around.chars().all(is_plain) {
            return Err(ThanksError::Letters);
        }
        if around.len() + RECEIPT_CHARS > CHARS_MAX {
            return Err(ThanksError::Length);
        }
        let (key, had) = (RandomState::new(), HashMap::new());
        Ok(Self { text: text.to_owned(), per_hour, key, had })
    }

    /// What this customer is told now, if anything.
    pub(super) fn to(&mut self, who: &Customer, receipt: &str, now: Instant) -> Option<String> {
        let who = self.key.hash_one(&who.number);
        if !self.had.contains_key(&who) && self.had.len() >= NUMBERS_MAX {
            self.had.retain(|_, (since, _)| now.saturating_duration_since(*since) < HOUR);
            if self.had.len() >= NUMBERS_MAX {
                return None;
            }
        }
        let (since, count) = self.had.entry(who).or_insert((now, 0));
        if now.saturating_duration_since(*since) >= HOUR {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        (*count <= self.per_hour).then(|| self.text.replacen(RECEIPT, receipt, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT_OF_ONE: &str = "7K3QF-0D2MX-9GZ4T-C1V8B";

    fn customer(number: u32) -> Customer {
        Customer { ton: 1, npi: 1, number: number.to_string().into_bytes() }
    }

    #[test]
    fn a_customer_is_thanked_so_often_an_hour() {
        let mut thanks = Thanks::new("Thank you. Follow it: {receipt}", 2).unwrap();
        let now = Instant::now();
        let mut to = |who: u32, after: Duration| {
            thanks.to(&customer(who), RECEIPT_OF_ONE, now + after).is_some()
        };
        assert!(to(1, Duration::ZERO) && to(1, Duration::ZERO));
        assert!(!to(1, HOUR - Duration::from_secs(1)));
        assert!(to(2, Duration::ZERO));
        assert!(to(1, HOUR));
    }

    #[test]
    fn the_receipt_stands_where_it_was_wanted() {
        let mut thanks = Thanks::new("Bedankt! {receipt}", 1).unwrap();
        let said = thanks.to(&customer(1), RECEIPT_OF_ONE, Instant::now());
        assert_eq!(said.as_deref(), Some("Bedankt! 7K3QF-0D2MX-9GZ4T-C1V8B"));
        assert_eq!(RECEIPT_OF_ONE.len(), RECEIPT_CHARS);
    }

    #[test]
    fn what_is_not_one_plain_sms_is_refused() {
        let check = |text: &str, expected| {
            assert_eq!(Thanks::new(text, 1).err(), expected, "{text}");
        };
        check("{receipt}", None);
        check(&format!("{}{{receipt}}", "a".repeat(137)), None);
        check(&format!("{}{{receipt}}", "a".repeat(138)), Some(ThanksError::Length));
        check("Thank you", Some(ThanksError::Receipt));
        check("Merci à vous {receipt}", Some(ThanksError::Letters));
        check("a@b {receipt}", Some(ThanksError::Letters));
    }

    #[test]
    fn memory_is_bounded() {
        let mut thanks = Thanks::new("{receipt}", 1).unwrap();
        let now = Instant::now();
        for number in 0..u32::try_from(NUMBERS_MAX).unwrap() {
            assert!(thanks.to(&customer(number), RECEIPT_OF_ONE, now).is_some());
        }
        assert!(thanks.to(&customer(u32::MAX), RECEIPT_OF_ONE, now).is_none());
        assert!(thanks.to(&customer(u32::MAX), RECEIPT_OF_ONE, now + HOUR).is_some());
        assert_eq!(thanks.had.len(), 1);
    }
}
