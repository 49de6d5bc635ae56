//! What a case is like: the brand that its name imitates, the campaign that it belongs to
//! and why, and the names that a wider block would hit.

use belfry_casebook::StoreError;
use belfry_casebook::campaign::Campaign;
use belfry_casebook::case::{Case, CaseFile, CaseFilter, Subject};
use belfry_desk::Desk;

use crate::pages::frame::Frame;
use crate::pages::queue::{Row, status_text};
use crate::shown;

/// Other cases of the campaign that are compared.
const COMPARED: usize = 3;
/// Names under the domain that are shown.
const NAMES: u32 = 20;

/// A brand beside the name.
pub(super) struct Lookalike {
    pub(super) name: String,
    pub(super) brand: String,
    pub(super) domains: String,
    pub(super) how: &'static str,
    pub(super) is_own: bool,
}

/// The brand that the case's name imitates or is.
pub(super) fn lookalike(desk: &Desk, file: &CaseFile) -> Option<Lookalike> {
    let Subject::Host { host, .. } = &file.case.subject else { return None };
    let found = desk.imitated(host)?;
    let domains: Vec<String> =
        found.domains.iter().take(3).map(|domain| domain.replace('.', "[.]")).collect();
    Some(Lookalike {
        name: host.defanged(),
        brand: shown::line(&found.brand),
        domains: domains.join(", "),
        how: found.how,
        is_own: found.is_own,
    })
}

/// The campaign of a case, and why others of it are like this one.
pub(super) struct Kin {
    pub(super) id: u64,
    pub(super) cases: u64,
    pub(super) brand: Option<String>,
    pub(super) others: Vec<(Row, Vec<String>)>,
}

/// The campaign, with the ties to its latest other cases.
pub(super) async fn kin(
    desk: &Desk,
    file: &CaseFile,
    f: &Frame,
) -> Result<Option<Kin>, StoreError> {
    let Some(id) = file.case.campaign else { return Ok(None) };
    let Some((campaign, members)) = desk.casebook().campaign(id).await? else { return Ok(None) };
    let mut others = Vec::new();
    for member in members.iter().filter(|member| member.id != file.case.id).take(COMPARED) {
        others.push((Row::new(member, f), ties(desk, file.case.id, member).await?));
    }
    let Campaign { cases, brand, .. } = campaign;
    Ok(Some(Kin { id, cases, brand: brand.as_deref().map(shown::line), others }))
}

/// Why two cases are alike, the strongest first.
pub(super) async fn ties(desk: &Desk, case: u64, other: &Case) -> Result<Vec<String>, StoreError> {
    let ties = desk.similar(case, other.id).await?;
    Ok(ties.iter().map(|tie| shown::line(&tie.shown)).collect())
}

/// A name under the domain that could be blocked whole.
pub(super) struct Below {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) status_text: &'static str,
    pub(super) reports: u64,
}

/// The names that a block of the whole domain would hit, as far as they are known here;
/// `None` where it can't be wider.
pub(super) async fn below(
    desk: &Desk,
    file: &CaseFile,
    f: &Frame,
) -> Result<Option<Vec<Below>>, StoreError> {
    let Subject::Host { registrable, .. } = &file.case.subject else { return Ok(None) };
    let filter =
        CaseFilter { name: Some(registrable.clone()), limit: NAMES + 1, ..CaseFilter::default() };
    let cases = desk.casebook().cases(&filter).await?;
    let others = cases.iter().filter(|case| case.id != file.case.id).take(NAMES as usize);
    let below = others.map(|case| Below {
        id: case.id,
        name: shown::subject(case),
        status: case.state.name(),
        status_text: status_text(case.state.name(), f.w),
        reports: case.reports,
    });
    Ok(Some(below.collect()))
}
