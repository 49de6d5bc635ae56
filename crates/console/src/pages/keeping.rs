//! The pages of those who keep the service: the shift at a glance, people, audit log.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use belfry_casebook::Casebook;
use belfry_casebook::access::{Admin, Reader, Role};
use belfry_casebook::case::{CASES_MAX, CaseFilter};
use belfry_desk::Desk;
use belfry_web::{Clock, Problem};
use serde::Deserialize;

use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::pages::queue::{Row, status_text};
use crate::shown;
use crate::state::Site;
use crate::texts::{Moment, grouped};

const LINES: u32 = 100;

#[derive(Template)]
#[template(path = "shift.html")]
struct ShiftPage {
    f: Frame,
    alarms: Vec<(Moment, String)>,
    waiting: Vec<Row>,
    ending: Vec<(u64, String, Moment)>,
    states: Vec<(&'static str, String)>,
    objections: usize,
    unread: String,
    head: u64,
    followers: Vec<(String, u64, u64, Moment)>,
}

/// What whoever comes on duty must know.
pub(super) async fn shift(
    person: Person,
    State(desk): State<Desk>,
    State(clock): State<Clock>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let (f, casebook) = (person.frame, desk.casebook());
    let filter = CaseFilter {
        status: Some("awaiting-second".into()),
        limit: CASES_MAX,
        ..CaseFilter::default()
    };
    let waiting = casebook.cases(&filter).await?;
    let soon = clock.now().plus(std::time::Duration::from_secs(24 * 3_600));
    let ending = casebook.orders_ending_before(soon, LINES).await?;
    let head = casebook.head().serial.0;
    let moment = |at| Moment::of(at, f.language);
    let followers = casebook.followers().await?;
    show(&ShiftPage {
        alarms: desk.alarms().all().into_iter().map(|a| (moment(a.since), a.text)).collect(),
        waiting: waiting.iter().map(|case| Row::new(case, &f)).collect(),
        ending: ending
            .iter()
            .map(|order| (order.case, order.target.name().defanged(), moment(order.valid_until)))
            .collect(),
        states: casebook
            .cases_by_status()
            .await?
            .iter()
            .map(|(status, count)| (status_text(status, f.w), grouped(*count)))
            .collect(),
        objections: casebook
            .objections()
            .await?
            .iter()
            .filter(|one| one.decided_at.is_none())
            .count(),
        unread: grouped(casebook.statistics().await?.unread),
        followers: followers
            .iter()
            .map(|follower| {
                let behind = head.saturating_sub(follower.serial.0);
                (shown::line(&follower.name), follower.serial.0, behind, moment(follower.seen_at))
            })
            .collect(),
        head,
        f,
    })
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    f: Frame,
    people: Vec<PersonRow>,
    roles: [Role; 6],
    link: Option<String>,
    csrf: String,
}

struct PersonRow {
    name: String,
    role: &'static str,
    passkeys: u64,
    sessions: u64,
    invited: bool,
    last: Option<Moment>,
}

const ROLES: [Role; 6] =
    [Role::Analyst, Role::Approver, Role::Reader, Role::Reporter, Role::Operator, Role::Admin];

/// Everyone who may sign in.
pub(super) async fn people(
    person: Person,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
) -> Result<Response, Refusal> {
    let admin = person.authorize::<Admin>()?;
    show(&people_page(person, &admin, &casebook, clock, None).await?)
}

async fn people_page(
    person: Person,
    admin: &Admin,
    casebook: &Casebook,
    clock: Clock,
    link: Option<String>,
) -> Result<PeoplePage, Refusal> {
    let f = person.frame;
    let row = |one: belfry_casebook::access::PersonRecord| PersonRow {
        role: one.role.name(),
        passkeys: one.passkeys,
        sessions: one.sessions,
        invited: one.invited,
        last: one.last_used_at.map(|at| Moment::of(at, f.language)),
        name: one.name,
    };
    let people = casebook.people(admin, clock.now()).await?.into_iter().map(row).collect();
    let csrf = person.session.csrf();
    Ok(PeoplePage { people, roles: ROLES, link, csrf, f })
}

#[derive(Debug, Deserialize)]
pub(super) struct PersonForm {
    act: String,
    name: String,
    #[serde(default)]
    role: String,
}

/// Invites, signs out everywhere, or removes. An invitation's link is on the answer only.
pub(super) async fn change_people(
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    State(site): State<Site>,
    act: Act<Admin, PersonForm>,
) -> Result<Response, Refusal> {
    let (form, now) = (&act.form, clock.now());
    let link = match form.act.as_str() {
        "invite" => {
            let unknown = || Problem::unprocessable("person", "choose a role", String::new());
            let role = Role::from_name(&form.role).ok_or_else(unknown)?;
            let invitation = casebook.invite(&act.by, form.name.trim(), role, now).await?;
            Some(site.set_up_link(&invitation.secret))
        }
        "end-sessions" => {
            casebook.end_sessions(&act.by, &form.name, now).await?;
            None
        }
        _ => {
            casebook.remove_person(&act.by, &form.name, now).await?;
            None
        }
    };
    if link.is_none() {
        return Ok(axum::response::IntoResponse::into_response(Redirect::to("/console/people")));
    }
    show(&people_page(act.person, &act.by, &casebook, clock, link).await?)
}

#[derive(Debug, Deserialize)]
pub(super) struct AuditQuery {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    f: Frame,
    lines: Vec<(u64, Moment, String, String, String, String)>,
    next: Option<u64>,
}

/// Who did what, the latest first.
pub(super) async fn audit(
    person: Person,
    State(casebook): State<Casebook>,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Refusal> {
    let admin = person.authorize::<Admin>()?;
    let f = person.frame;
    let mut lines = casebook.audit(&admin, query.before, LINES + 1).await?;
    let more = lines.len() > LINES as usize;
    lines.truncate(LINES as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id);
    let lines = lines
        .into_iter()
        .map(|line| {
            let at = Moment::of(line.at, f.language);
            let [who, object, detail] =
                [&line.who, &line.object, &line.detail].map(|text| shown::line(text));
            (line.id, at, who, line.action, object, detail)
        })
        .collect();
    show(&AuditPage { f, lines, next })
}
