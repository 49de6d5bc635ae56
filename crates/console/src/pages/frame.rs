//! What all pages share: the language, the headers that protect them, and how a
//! refusal looks.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderName, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use belfry_casebook::StoreError;
use belfry_web::Problem;

use crate::language::{COOKIE_NAME, Language, Reader};
use crate::pages::assets;
use crate::state::Site;
use crate::texts::{Citizen, Words};

/// Only what we serve ourselves, and nobody around us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// What every template has as `f`.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) language: Language,
    pub(super) t: &'static Citizen,
    pub(super) w: &'static Words,
    pub(super) assets: &'static str,
    /// Whose page it is, where that is configured.
    pub(super) authority: String,
    /// Who is signed in.
    pub(super) person: Option<Signed>,
}

/// Who is signed in, as the console's bar shows it.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) csrf: String,
    pub(super) judges: bool,
    /// The pages that this person may see: address, name, and whether it is this one.
    pub(super) pages: Vec<(&'static str, &'static str, bool)>,
}

impl Frame {
    pub(super) fn new(language: Language, site: &Site) -> Self {
        let (t, w) = (Citizen::of(language), Words::of(language));
        Self {
            language,
            t,
            w,
            assets: assets::VERSION.as_str(),
            authority: site.authority.clone(),
            person: None,
        }
    }
}

/// A page that was written.
pub(super) fn show(page: &impl Template) -> Result<Response, Refusal> {
    match page.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => Err(Problem::internal(&error).into()),
    }
}

/// A request that is not done, to be told on a page in the reader's language.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub(super) Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    /// Bare; [`dress`] makes the page of it, which knows the language.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    f: Frame,
    title: &'static str,
    detail: String,
}

/// Sets the headers of every answer, and dresses refusals.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let reader = Reader::of(request.uri().query(), request.headers());
    let mut response = next.run(request).await;
    if let Some(Refusal(problem)) = response.extensions_mut().remove::<Refusal>() {
        response = refusal_page(&problem, reader.language);
    }
    protect(response.headers_mut(), reader);
    response
}

fn refusal_page(problem: &Problem, language: Language) -> Response {
    let w = Words::of(language);
    let title = match problem.status {
        StatusCode::NOT_FOUND => w.refusal_missing,
        StatusCode::FORBIDDEN => w.refusal_forbidden,
        StatusCode::CONFLICT => w.refusal_changed,
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::SERVICE_UNAVAILABLE => w.refusal_fault,
        _ => w.refusal_other,
    };
    let detail = problem.detail.as_ref().map(|detail| format!(" {detail}")).unwrap_or_default();
    let f = Frame {
        language,
        t: Citizen::of(language),
        w,
        assets: assets::VERSION.as_str(),
        authority: String::new(),
        person: None,
    };
    let page = RefusalPage { f, title, detail: format!("{}.{detail}", problem.title) };
    let html = page.render().unwrap_or_else(|_| problem.status.to_string());
    (problem.status, Html(html)).into_response()
}

fn protect(headers: &mut HeaderMap, reader: Reader) {
    const FIXED: [(HeaderName, &str); 3] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (VARY, "Accept-Language, Cookie"),
    ];
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page that others may frame says so in its policy, and is the only one.
    let framed = headers
        .get(CONTENT_SECURITY_POLICY)
        .is_some_and(|policy| policy.as_bytes().ends_with(b"frame-ancestors *"));
    let unless_set: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_LANGUAGE, reader.language.tag()),
    ];
    for (name, value) in unless_set {
        if framed && name == X_FRAME_OPTIONS {
            continue;
        }
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if reader.switched {
        let tag = reader.language.tag();
        let cookie = format!("{COOKIE_NAME}={tag}; Path=/; SameSite=Lax; Max-Age=31536000");
        let cookie = HeaderValue::try_from(cookie).expect("two letters and our own words");
        headers.append(SET_COOKIE, cookie);
    }
}

/// Refuses what a page of another site has a browser send: the cookie's `SameSite` and the
/// form's token hold as well, this holds where there is no session yet.
pub(super) async fn refuse_foreign(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    if is_foreign(request.method(), request.headers(), &site.party.origin) {
        let title = "this was sent by a page of another site";
        return Refusal(Problem::new(StatusCode::FORBIDDEN, "foreign", title)).into_response();
    }
    next.run(request).await
}

fn is_foreign(method: &Method, headers: &HeaderMap, origin: &str) -> bool {
    if method.is_safe() {
        return false;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(from)) => from != origin,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, headers: &[(&str, &str)], foreign: bool) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
            })
            .collect();
        let found = is_foreign(method, &headers, "https://belfry.example");
        assert_eq!(found, foreign, "{method} {headers:?}");
    }

    #[test]
    fn only_our_own_pages_send_what_changes_something() {
        check(&Method::GET, &[("sec-fetch-site", "cross-site")], false);
        check(&Method::POST, &[("sec-fetch-site", "cross-site")], true);
        check(&Method::POST, &[("sec-fetch-site", "same-site")], true);
        check(&Method::POST, &[("sec-fetch-site", "same-origin")], false);
        check(&Method::POST, &[("origin", "https://evil.example")], true);
        check(&Method::POST, &[("origin", "null")], true);
        check(&Method::POST, &[("origin", "https://belfry.example")], false);
        check(&Method::POST, &[], false);
    }

    #[test]
    fn every_answer_forbids_framing_and_foreign_hosts() {
        let mut headers = HeaderMap::new();
        protect(&mut headers, Reader { language: Language::De, switched: true });
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{part}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
        assert!(headers[SET_COOKIE].to_str().unwrap().starts_with("belfry_lang=de"));
    }
}
