//! The pages' words, one value a language: a text that is missing in one of them does
//! not compile. Plain words, short sentences, no blame. Each text stands in all four
//! languages side by side, so that a change of one is seen beside the others.

mod campaigns;
mod citizen;
mod console;
mod dossier;
mod duty;
mod operators;
mod warnings;

use belfry_journal::UnixMillis;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use self::campaigns::Campaigns;
pub(crate) use self::citizen::Citizen;
pub(crate) use self::console::Words;
pub(crate) use self::dossier::Dossier;
pub(crate) use self::duty::Duty;
pub(crate) use self::operators::Operators;
pub(crate) use self::warnings::{Drafts, Warnings};
use crate::language::Language;

/// Makes a struct of texts and its four values.
macro_rules! texts {
    ($name:ident: $($key:ident { $nl:literal $fr:literal $de:literal $en:literal })*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub(crate) struct $name { $(pub(crate) $key: &'static str),* }
        impl $name {
            const ALL: [Self; 4] = [
                Self { $($key: $nl),* },
                Self { $($key: $fr),* },
                Self { $($key: $de),* },
                Self { $($key: $en),* },
            ];

            /// Those of `language`.
            pub(crate) fn of(language: $crate::language::Language) -> &'static Self {
                use $crate::language::Language::{De, En, Fr, Nl};
                const ALL: &[$name; 4] = &$name::ALL;
                match language { Nl => &ALL[0], Fr => &ALL[1], De => &ALL[2], En => &ALL[3] }
            }

            /// Every text by its key, in all languages.
            #[cfg(test)]
            pub(super) fn table() -> Vec<(&'static str, [&'static str; 4])> {
                vec![$((stringify!($key), [$nl, $fr, $de, $en])),*]
            }
        }
    };
}
pub(crate) use texts;

const MONTHS: [[&str; 12]; 4] = [
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
];

/// A time for people: `24 November 2026, 09:05 UTC`, and for machines.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) text: String,
    pub(crate) machine: String,
}

impl Moment {
    /// The day alone: `24 November 2026`.
    pub(crate) fn day(time: UnixMillis, language: Language) -> String {
        let text = Self::of(time, language).text;
        text.split_once(',').map_or(text.clone(), |(day, _)| day.to_owned())
    }

    /// `time` as `language` writes it. One that no calendar holds becomes the last that one does.
    pub(crate) fn of(time: UnixMillis, language: Language) -> Self {
        let millis = i64::try_from(time.0).unwrap_or(i64::MAX);
        let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        let at = time.to_zoned_datetime(TimeZone::UTC);
        let place = Language::ALL.iter().position(|one| *one == language).unwrap_or(0);
        let month = usize::try_from(at.month() - 1).ok().and_then(|month| MONTHS[place].get(month));
        let day = match (language, at.day()) {
            (Language::Fr, 1) => "1er".to_owned(),
            (Language::De, day) => format!("{day}."),
            (_, day) => day.to_string(),
        };
        let (year, hour, minute) = (at.year(), at.hour(), at.minute());
        let month = month.copied().unwrap_or_default();
        Self {
            text: format!("{day} {month} {year}, {hour:02}:{minute:02} UTC"),
            machine: format!("{time:.0}"),
        }
    }
}

/// A number with spaces between thousands, as all four languages may be read.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_empty_or_left_in_another_language() {
        let tables = [
            Citizen::table(),
            Words::table(),
            Campaigns::table(),
            Dossier::table(),
            Duty::table(),
            Warnings::table(),
            Drafts::table(),
            Operators::table(),
        ]
        .concat();
        // Words that are the same in several languages.
        for (key, texts) in tables {
            for text in texts {
                assert!(!text.trim().is_empty() && text == text.trim(), "{key}: {text:?}");
                assert_eq!(text.matches("{}").count(), texts[0].matches("{}").count(), "{key}");
            }
            let long = texts.iter().all(|text| text.len() > 24);
            for (at, text) in texts.iter().enumerate().filter(|_| long) {
                assert!(!texts[..at].contains(text), "{key} is not translated: {text:?}");
            }
        }
    }

    #[test]
    fn dates_are_written_as_each_language_does() {
        let first = UnixMillis(1_793_523_900_000);
        for (language, expect) in [
            (Language::Nl, "1 november 2026, 09:05 UTC"),
            (Language::Fr, "1er novembre 2026, 09:05 UTC"),
            (Language::De, "1. November 2026, 09:05 UTC"),
            (Language::En, "1 November 2026, 09:05 UTC"),
        ] {
            assert_eq!(Moment::of(first, language).text, expect);
        }
        assert!(Moment::of(UnixMillis(u64::MAX), Language::En).text.contains("9999"));
        assert_eq!(Moment::of(first, Language::En).machine, "2026-11-01T09:05:00Z");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(412), "412");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
