//! Who is signed in, for pages: a stranger is led to the sign-in and back.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::Casebook;
use belfry_casebook::access::{Action, Authority, Principal, Role, allows};
use belfry_web::{Clock, Problem, Session};

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, Signed};
use crate::state::{ConsoleState, Site};
use crate::texts::Words;

/// A person with a session that holds.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) principal: Principal,
    pub(super) session: Session,
    /// The frame of their pages.
    pub(super) frame: Frame,
}

impl Person {
    /// The person as one that may do `A`.
    pub(super) fn authorize<A: Authority>(&self) -> Result<A, Refusal> {
        let title = format!("the role {} does not allow this", self.principal.role.name());
        let refusal = || Problem::new(StatusCode::FORBIDDEN, "forbidden", title);
        Ok(self.principal.clone().authorize().ok_or_else(refusal)?)
    }
}

impl FromRequestParts<ConsoleState> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &ConsoleState) -> Result<Self, Response> {
        let stranger = || {
            let path = parts.uri.path_and_query().map_or("/console", |path| path.as_str());
            let next = if parts.method.is_safe() { path } else { "/console" };
            Redirect::to(&sign_in_path(next)).into_response()
        };
        let session = Session::of(&parts.headers).ok_or_else(stranger)?;
        let now = Clock::from_ref(state).now();
        let principal = Casebook::from_ref(state).session(session.secret(), now).await;
        let principal = principal.map_err(|error| Refusal::from(error).into_response())?;
        let principal = principal.ok_or_else(stranger)?;
        let reader = Reader::of(parts.uri.query(), &parts.headers);
        let mut frame = Frame::new(reader.language, &Site::from_ref(state));
        frame.person = Some(Signed {
            name: principal.name.trim_start_matches("person:").to_owned(),
            role: principal.role.name(),
            csrf: session.csrf(),
            judges: allows(principal.role, Action::Judge),
            pages: pages(principal.role, parts.uri.path(), frame.w),
        });
        Ok(Self { principal, session, frame })
    }
}

/// The pages of a role, as the bar shows them; where a person is counts as its list.
fn pages(role: Role, here: &str, w: &'static Words) -> Vec<(&'static str, &'static str, bool)> {
    let all = [
        ("/console", w.nav_queue, Action::Read),
        ("/console/approvals", w.nav_approvals, Action::Read),
        ("/console/objections", w.nav_objections, Action::Read),
        ("/console/shift", w.nav_shift, Action::Read),
        ("/console/campaigns", w.nav_campaigns, Action::Read),
        ("/console/warnings", w.nav_warnings, Action::Read),
        ("/console/operators", w.nav_operators, Action::Read),
        ("/console/rules", w.nav_rules, Action::Read),
        ("/console/lists", w.nav_lists, Action::Read),
        ("/console/people", w.nav_people, Action::Administer),
        ("/console/audit", w.nav_audit, Action::Administer),
    ];
    let is_here = |page: &str| here == page || page != "/console" && here.starts_with(page);
    let may = all.into_iter().filter(|(_, _, action)| allows(role, *action));
    may.map(|(page, name, _)| (page, name, is_here(page))).collect()
}

/// The sign-in that leads back to `next`, a path of ours.
pub(super) fn sign_in_path(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/console/sign-in?next={next}")
}

/// `next` if it is a path of the console, and else the console: never another site.
pub(super) fn safe_next(next: Option<&str>) -> &str {
    let within = |next: &&str| {
        let rest = next.strip_prefix("/console");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
            && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(within).unwrap_or("/console")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn the_bar_has_what_a_role_may_see_and_says_where_it_is() {
        let w = Words::of(Language::En);
        let of = |role, here| pages(role, here, w);
        let here = |path| -> Vec<&str> {
            let here = of(Role::Admin, path).into_iter().filter(|(_, _, here)| *here);
            here.map(|(page, _, _)| page).collect()
        };
        assert_eq!(here("/console"), ["/console"]);
        assert_eq!(here("/console/cases/7"), [""; 0]);
        assert_eq!(here("/console/approvals"), ["/console/approvals"]);
        assert!(of(Role::Operator, "/console").is_empty());
        let administers = |role| of(role, "/").iter().any(|(page, ..)| *page == "/console/audit");
        assert!(administers(Role::Admin) && !administers(Role::Approver));
    }

    #[test]
    fn the_way_back_stays_here() {
        assert_eq!(safe_next(Some("/console/cases/7?x=1")), "/console/cases/7?x=1");
        for bad in ["//evil.example", "https://evil.example", "/consoles", "/console\\x", "/"] {
            assert_eq!(safe_next(Some(bad)), "/console", "{bad}");
        }
        assert_eq!(safe_next(None), "/console");
        assert_eq!(sign_in_path("/console?a=b&c"), "/console/sign-in?next=%2Fconsole%3Fa%3Db%26c");
    }
}
