//! Which of the page's languages a reader gets: the switch in the address wins,
//! then the browser's wish, then the operator's default. Nothing is remembered.

use serde::{Deserialize, Serialize};

/// Wishes read of one browser; real ones name fewer than ten.
const WISHES_MAX: usize = 32;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// French.
    Fr,
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    /// All, as the page's switch shows them.
    pub const ALL: [Self; 4] = [Self::Nl, Self::Fr, Self::De, Self::En];

    /// Its tag, as in `lang` and `?lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::Fr => "fr",
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nl => "Nederlands",
            Self::Fr => "Français",
            Self::De => "Deutsch",
            Self::En => "English",
        }
    }

    fn by_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }
}

/// By a query's `lang`, else by `Accept-Language`, else `default`.
pub(super) fn choose(query: Option<&str>, accepted: Option<&str>, default: Language) -> Language {
    let switched = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("lang=").and_then(Language::by_tag));
    switched.or_else(|| wished(accepted?, default)).unwrap_or(default)
}

/// The language of the highest weight, the first among equals (RFC 9110, 12.5.4).
fn wished(accepted: &str, default: Language) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for wish in accepted.split(',').take(WISHES_MAX) {
        let (range, parameters) = wish.split_once(';').unwrap_or((wish, ""));
        let primary = range.trim().split('-').next().unwrap_or_default();
        let language = if primary == "*" { Some(default) } else { Language::by_tag(primary) };
        let Some(language) = language else { continue };
        let weight = weight(parameters);
        if weight > best.map_or(0, |(most, _)| most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `q=0.8` in thousandths; 1000 where there is none, 0 where it can't be read.
pub(super) fn weight(parameters: &str) -> u16 {
    let mut all = parameters.split(';').map(str::trim);
    let Some(q) = all.find_map(|one| one.strip_prefix("q=").or(one.strip_prefix("Q="))) else {
        return 1_000;
    };
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" => 1_000,
        "0" => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: Option<&str>, accepted: Option<&str>, expect: Language) {
        assert_eq!(choose(query, accepted, Language::Nl), expect, "{query:?} {accepted:?}");
    }

    #[test]
    fn the_browsers_strongest_wish_that_we_speak() {
        use Language::{De, En, Fr, Nl};
        check(None, None, Nl);
        check(None, Some("fr-BE,fr;q=0.9,en;q=0.8"), Fr);
        check(None, Some("en;q=0.5, de-AT;q=0.75, fr;q=0.7"), De);
        check(None, Some("en; q=0.8, fr ;q=0.8"), En);
        check(None, Some("FR"), Fr);
        check(None, Some("ja, en;q=0.1"), En);
        check(None, Some("ja"), Nl);
        check(None, Some("*, en;q=0.5"), Nl);
        check(None, Some("fr;q=0, en;q=0.001"), En);
        check(None, Some("fr;q=0"), Nl);
        check(None, Some("fr;q=9, en;q=0.3"), En);
        check(None, Some("fr;q=0.99999, en;q=, de;q=0.2"), De);
        check(None, Some(";;;,,,=é"), Nl);
        check(None, Some("french"), Nl);
    }

    #[test]
    fn the_switch_wins_if_it_names_one_of_ours() {
        use Language::{De, En, Fr};
        check(Some("lang=de"), Some("fr"), De);
        check(Some("a=b&lang=en&lang=fr"), Some("fr"), En);
        check(Some("lang=xx"), Some("fr"), Fr);
        check(Some("slang=de"), Some("fr"), Fr);
        check(Some(""), Some("fr"), Fr);
    }

    #[test]
    fn wishes_are_read_up_to_a_bound() {
        let many = "ja,".repeat(WISHES_MAX) + "fr";
        check(None, Some(&many), Language::Nl);
    }
}
