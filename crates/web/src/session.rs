//! The session of a person's browser: its cookie, and the token that a request which
//! changes something must carry beside it, since a cookie is sent by any page's form.

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, Method, StatusCode};
use belfry_casebook::access::{Principal, Proof};
use belfry_journal::UnixMillis;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Problem;

/// The header that carries the token of a request made by a script.
pub const CSRF_HEADER: &str = "x-belfry-csrf";
const COOKIE_NAME: &str = "belfry_session";
/// 32 bytes in base64url.
const SECRET_CHARACTERS: usize = 43;
/// How long a touch of the passkey counts as fresh.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// Whether `principal` is a person whose passkey was touched within five minutes of `now`.
pub fn is_fresh(principal: &Principal, now: UnixMillis) -> bool {
    matches!(principal.proof, Proof::Passkey { at } if at.plus(FRESH) > now)
}

/// The secret that a request's cookie carries, whoever it is.
pub struct Session(String);

impl std::fmt::Debug for Session {
    /// Without the secret: it must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

impl Session {
    /// The session of a request's one cookie of ours; two of them are none.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut found = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(|(name, value)| (name == COOKIE_NAME).then_some(value));
        let secret = found.next().filter(|secret| secret.len() == SECRET_CHARACTERS)?;
        found.next().is_none().then(|| Self(secret.to_owned()))
    }

    /// The secret.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The token that forms and scripts of this session carry.
    pub fn csrf(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"belfry forms\0");
        hash.update(self.0.as_bytes());
        BASE64URL_NOPAD.encode(&hash.finalize())
    }

    /// Whether `token` is this session's.
    pub fn holds(&self, token: &str) -> bool {
        self.csrf().as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// The header Set-Cookie that begins a session in a browser.
    pub fn cookie(secret: &str, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }

    /// The header Set-Cookie that ends it there.
    pub fn gone() -> String {
        format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    /// Refuses a request that changes something without the session's token.
    pub(crate) fn check_forgery(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        let token = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        if method.is_safe() || token.is_some_and(|token| self.holds(token)) {
            return Ok(());
        }
        let title = "the request may come from another page";
        Err(Problem::new(StatusCode::FORBIDDEN, "forged", title)
            .detail(format!("With a session, send its form token in the header {CSRF_HEADER}.")))
    }
}

#[cfg(test)]
mod tests {
    use belfry_casebook::access::Role;

    use super::*;

    const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    fn check(cookies: &[&str], found: bool) {
        assert_eq!(Session::of(&headers(cookies)).is_some(), found, "{cookies:?}");
    }

    #[test]
    fn one_cookie_of_ours_is_a_session() {
        let ours = format!("belfry_session={SECRET}");
        check(&[&ours], true);
        check(&[&format!("a=b; {ours}; c=d")], true);
        check(&["a=b", &ours], true);
        check(&[], false);
        check(&["belfry_session=short"], false);
        check(&[&format!("xbelfry_session={SECRET}")], false);
        check(&[&ours, &ours], false);
        assert_eq!(format!("{:?}", Session(SECRET.into())), "Session(..)");
    }

    #[test]
    fn what_changes_something_carries_the_token() {
        let session = Session(SECRET.into());
        let mut with = HeaderMap::new();
        with.insert(CSRF_HEADER, session.csrf().parse().unwrap());
        let may = |method: Method, headers: &HeaderMap| session.check_forgery(&method, headers);
        assert!(may(Method::GET, &HeaderMap::new()).is_ok());
        assert!(may(Method::POST, &with).is_ok());
        assert_eq!(may(Method::POST, &HeaderMap::new()).unwrap_err().code, "forged");
        let other = Session("B".repeat(43));
        assert!(!other.holds(&session.csrf()) && !other.holds(""));
        assert!(!session.csrf().contains(SECRET));
    }

    #[test]
    fn a_touch_is_fresh_for_minutes_and_a_token_never() {
        let by = |proof| Principal { name: "x".into(), role: Role::Admin, proof };
        let touched = by(Proof::Passkey { at: UnixMillis(1_000) });
        assert!(is_fresh(&touched, UnixMillis(1_000)));
        assert!(!is_fresh(&touched, UnixMillis(1_000).plus(FRESH)));
        assert!(!is_fresh(&by(Proof::Token), UnixMillis(1_000)));
        assert!(!is_fresh(&by(Proof::LocalUser), UnixMillis(1_000)));
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites() {
        let cookie = Session::cookie(SECRET, true);
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{part}");
        }
        assert!(!Session::cookie(SECRET, false).contains("Secure"));
        assert!(Session::gone().contains("Max-Age=0"));
    }
}
