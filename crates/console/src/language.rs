//! Which of our languages a reader gets: the switch in the address wins and is
//! remembered in a cookie that holds nothing but the language, then the browser's
//! wish, then the default.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;

/// Wishes read of one browser; real ones name fewer than ten.
const WISHES_MAX: usize = 32;
/// The cookie's name.
pub(crate) const COOKIE_NAME: &str = "belfry_lang";

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Nl,
    Fr,
    De,
    En,
}

impl Language {
    /// All, as the switch shows them.
    pub(crate) const ALL: [Self; 4] = [Self::Nl, Self::Fr, Self::De, Self::En];

    /// Its tag, as in `lang` and `?lang=`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::Fr => "fr",
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    pub(crate) fn name(self) -> &'static str {
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

/// A reader's language, and whether it was switched just now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) language: Language,
    pub(crate) switched: bool,
}

impl Reader {
    pub(crate) fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let pairs = query.into_iter().flat_map(|query| query.split('&'));
        let by_query =
            pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::by_tag);
        if let Some(language) = by_query {
            return Self { language, switched: true };
        }
        let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
        let by_cookie = headers.get_all(COOKIE).iter().filter_map(text).find_map(|line| {
            let mut pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find_map(|(name, value)| {
                (name == COOKIE_NAME).then(|| Language::by_tag(value)).flatten()
            })
        });
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(text);
        let wished = || accepted.as_deref().and_then(wished);
        Self { language: by_cookie.or_else(wished).unwrap_or_default(), switched: false }
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts.uri.query(), &parts.headers))
    }
}

/// The language of the highest weight, the first among equals (RFC 9110, 12.5.4).
fn wished(accepted: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for wish in accepted.split(',').take(WISHES_MAX) {
        let (range, parameters) = wish.split_once(';').unwrap_or((wish, ""));
        let primary = range.trim().split('-').next().unwrap_or_default();
        let Some(language) = Language::by_tag(primary) else { continue };
        let weight = weight(parameters);
        if weight > best.map_or(0, |(most, _)| most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `q=0.8` in thousandths; 1000 where there is none, 0 where it can't be read.
fn weight(parameters: &str) -> u16 {
    let Some(q) = parameters.split(';').find_map(|one| one.trim().strip_prefix("q=")) else {
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
    fn check(query: &str, cookie: &str, accepted: &str, expect: (Language, bool)) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(COOKIE, cookie), (ACCEPT_LANGUAGE, accepted)] {
            if !value.is_empty() {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let reader = Reader::of(Some(query), &headers);
        assert_eq!((reader.language, reader.switched), expect, "{query} {cookie} {accepted}");
    }

    #[test]
    fn the_switch_wins_then_the_cookie_then_the_browser() {
        use Language::{De, En, Fr, Nl};
        check("", "", "", (Nl, false));
        check("lang=de", "belfry_lang=fr", "en", (De, true));
        check("a=b&lang=en", "", "fr", (En, true));
        check("lang=xx", "x=y; belfry_lang=fr", "en", (Fr, false));
        check("", "belfry_lang=xx", "en;q=0.5, de-AT;q=0.75", (De, false));
        check("", "", "ja, fr;q=0, en;q=0.001", (En, false));
        check("", "", "FR-be", (Fr, false));
        check("", "", ";;;,,=", (Nl, false));
        check("", "", &format!("{}fr", "ja,".repeat(WISHES_MAX)), (Nl, false));
    }
}
