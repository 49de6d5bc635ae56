//! Rules and the emergency brake: who wrote which rule, how far it may go, what it would
//! have done beside what people found; and the lever that stops them all.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::access::{Action, Admin, Analyst, Reader, allows};
use belfry_casebook::rules::{RuleMode, RuleRecord};
use belfry_desk::Desk;
use belfry_desk::rules::{ReportError, RuleReport, SetRuleError};
use belfry_web::Problem;
use serde::Deserialize;

use crate::decisions::problem;
use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::texts::{Duty, Moment, grouped};

/// Days of a report.
const REPORT_DAYS: u32 = 14;
/// Minutes that the brake takes back, unless a person says otherwise; a week at most.
const BRAKE_MINUTES: u32 = 60;
const BRAKE_MINUTES_MAX: u32 = 7 * 24 * 60;

#[derive(Debug, Deserialize)]
pub(super) struct RulesQuery {
    report: Option<String>,
    said: Option<String>,
    released: Option<u64>,
    failed: Option<u64>,
}

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    f: Frame,
    d: &'static Duty,
    rules: Vec<View>,
    report: Option<ReportView>,
    brake: Option<(String, String, Moment)>,
    minutes: u32,
    said: Option<String>,
    administers: bool,
    judges: bool,
    csrf: String,
}

/// A rule in force.
struct View {
    name: String,
    version: u64,
    text: String,
    author: String,
    mode: &'static str,
    mode_text: &'static str,
    mode_by: String,
    mode_at: Moment,
    /// The modes that it may be set to now.
    steps: Vec<(&'static str, &'static str)>,
}

impl View {
    fn new(rule: &RuleRecord, f: &Frame, d: &'static Duty) -> Self {
        let steps = match rule.mode {
            RuleMode::Off => &[RuleMode::Shadow][..],
            RuleMode::Shadow => &[RuleMode::Live, RuleMode::Off],
            RuleMode::Live => &[RuleMode::Shadow, RuleMode::Off],
        };
        Self {
            name: rule.name.clone(),
            version: rule.version,
            text: shown::text(&rule.text, 10_000),
            author: shown::line(&rule.author),
            mode: rule.mode.name(),
            mode_text: mode_text(rule.mode, d),
            mode_by: shown::line(&rule.mode_by),
            mode_at: Moment::of(rule.mode_at, f.language),
            steps: steps.iter().map(|mode| (mode.name(), mode_text(*mode, d))).collect(),
        }
    }
}

fn mode_text(mode: RuleMode, d: &'static Duty) -> &'static str {
    match mode {
        RuleMode::Off => d.mode_off,
        RuleMode::Shadow => d.mode_shadow,
        RuleMode::Live => d.mode_live,
    }
}

/// What a rule would have done; `None` where its text is not understood.
struct ReportView {
    name: String,
    figures: Option<Vec<(&'static str, String)>>,
    left: Vec<(String, u64)>,
    disagreed: Vec<u64>,
    acts: Vec<String>,
}

impl ReportView {
    fn new(name: &str, report: Option<RuleReport>, d: &'static Duty) -> Self {
        let Some(report) = report else {
            let name = shown::line(name);
            return Self { name, figures: None, left: vec![], disagreed: vec![], acts: vec![] };
        };
        let figures = [
            (d.report_cases, report.cases),
            (d.report_matched, report.matched),
            (d.report_agreed, report.tally.agreed),
            (d.report_disagreed, report.tally.disagreed),
            (d.report_undecided, report.tally.undecided),
        ];
        let acts = report.acts.iter().map(|one| {
            let mode = mode_text(one.mode, d);
            format!("{mode}: {} × {}", grouped(one.acts), shown::line(&one.outcome))
        });
        Self {
            name: shown::line(name),
            figures: Some(figures.map(|(name, count)| (name, grouped(count))).into()),
            left: report.left.into_iter().map(|(why, count)| (shown::line(&why), count)).collect(),
            disagreed: report.disagreed,
            acts: acts.collect(),
        }
    }
}

pub(super) async fn page(
    person: Person,
    State(desk): State<Desk>,
    Query(query): Query<RulesQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let role = person.principal.role;
    let csrf = person.session.csrf();
    let f = person.frame;
    let d = Duty::of(f.language);
    let report = match &query.report {
        None => None,
        Some(name) => Some(match desk.rule_report(name, REPORT_DAYS).await {
            Ok(report) => ReportView::new(name, Some(report), d),
            Err(ReportError::Rule(_)) => ReportView::new(name, None, d),
            Err(ReportError::Store(error)) => return Err(error.into()),
        }),
    };
    let rules = desk.casebook().rules().await?;
    let brake = desk.casebook().brake().await?.map(|brake| {
        let at = Moment::of(brake.at, f.language);
        (shown::line(&brake.by), shown::line(&brake.reason), at)
    });
    show(&RulesPage {
        rules: rules.iter().map(|rule| View::new(rule, &f, d)).collect(),
        report,
        brake,
        minutes: BRAKE_MINUTES,
        said: said_text(&query, d),
        administers: allows(role, Action::Administer),
        judges: allows(role, Action::Judge),
        csrf,
        d,
        f,
    })
}

fn said_text(query: &RulesQuery, d: &'static Duty) -> Option<String> {
    Some(match query.said.as_deref()? {
        "kept" => d.said_kept.to_owned(),
        "mode" => d.said_mode.to_owned(),
        "let-go" => d.said_let_go.to_owned(),
        "braked" => {
            let counts = [query.released, query.failed].map(|count| count.unwrap_or(0).to_string());
            d.said_braked.replacen("{}", &counts[0], 1).replacen("{}", &counts[1], 1)
        }
        _ => return None,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeForm {
    act: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    reason: String,
    minutes: Option<u32>,
}

/// Keeps a rule, lets it go further, pulls the brake or lets it go. Whoever may judge may
/// pull; the rest is an administrator's.
pub(super) async fn change(
    State(desk): State<Desk>,
    act: Act<Analyst, ChangeForm>,
) -> Result<Response, Refusal> {
    let form = &act.form;
    let said = match form.act.as_str() {
        "pull" => {
            let minutes = form.minutes.unwrap_or(BRAKE_MINUTES).min(BRAKE_MINUTES_MAX);
            let pulled = desk.pull_brake(&act.by, minutes, &form.reason).await;
            let braked = pulled.map_err(problem)?;
            let (released, failed) = (braked.released.len(), braked.failed.len());
            format!("braked&released={released}&failed={failed}")
        }
        "let-go" => {
            let admin: Admin = act.person.authorize()?;
            desk.release_brake(&admin, &form.reason).await.map_err(problem)?;
            "let-go".into()
        }
        "mode" => {
            let admin: Admin = act.person.authorize()?;
            let unknown = || Problem::unprocessable("mode", "choose a mode", String::new());
            let mode = RuleMode::from_name(&form.mode).ok_or_else(unknown)?;
            desk.set_rule_mode(&admin, &form.name, mode).await?;
            "mode".into()
        }
        _ => {
            let admin: Admin = act.person.authorize()?;
            keep(&desk, &admin, form).await?;
            "kept".into()
        }
    };
    Ok(Redirect::to(&format!("/console/rules?said={said}")).into_response())
}

async fn keep(desk: &Desk, admin: &Admin, form: &ChangeForm) -> Result<(), Refusal> {
    // A form's lines end in CR LF; a rule's in LF.
    let text = form.text.replace("\r\n", "\n");
    match desk.put_rule(admin, form.name.trim(), &text).await {
        Ok(_) => Ok(()),
        Err(SetRuleError::Store(error)) => Err(error.into()),
        Err(SetRuleError::Rule(error)) => {
            Err(Problem::unprocessable("rule", "this is no rule", error.to_string()).into())
        }
    }
}
