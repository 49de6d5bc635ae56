//! A first text in four languages from what is known of a campaign, for a person to mend.
//! Only names that are blocked stand in it: what is not confirmed is not published.

use belfry_casebook::StoreError;
use belfry_casebook::case::Case;
use belfry_casebook::warning::{WarningDraft, WarningText};
use belfry_desk::Desk;
use belfry_journal::UnixMillis;

use crate::language::Language;
use crate::shown;
use crate::state::Site;
use crate::texts::{Drafts, Moment};

/// Names in a text.
const NAMES_MAX: usize = 5;

/// What a text is made of.
struct Known<'a> {
    brand: Option<String>,
    since: UnixMillis,
    names: Vec<String>,
    site: &'a Site,
}

/// A first draft about a campaign, or about none.
pub(crate) async fn draft(
    desk: &Desk,
    site: &Site,
    campaign: Option<u64>,
) -> Result<WarningDraft, StoreError> {
    let mut known = Known { brand: None, since: desk.time(), names: Vec::new(), site };
    if let Some(id) = campaign {
        let missing = || StoreError::Missing { what: "campaign", id: id.to_string() };
        let (found, members) = desk.casebook().campaign(id).await?.ok_or_else(missing)?;
        known.since = members.iter().map(|case| case.opened_at).min().unwrap_or(found.opened_at);
        known.names = members.iter().filter_map(blocked).take(NAMES_MAX).collect();
        known.brand = found.brand;
    }
    let texts = Language::ALL.map(|language| known.text(language));
    Ok(WarningDraft { campaign, brand: known.brand, texts })
}

fn blocked(case: &Case) -> Option<String> {
    (case.state.name() == "blocked").then(|| shown::subject(case))
}

impl Known<'_> {
    fn text(&self, language: Language) -> WarningText {
        let d = Drafts::of(language);
        let title = self.brand.as_deref().map_or_else(
            || d.title_other.to_owned(),
            |brand| d.title_brand.replacen("{}", &as_name(brand), 1),
        );
        let day = Moment::day(self.since, language);
        let mut parts = vec![d.since.replacen("{}", &day, 1)];
        if !self.names.is_empty() {
            let names = self.names.iter().map(|name| format!("\n- {name}"));
            parts.push(d.names.to_owned() + &names.collect::<String>());
        }
        parts.push(d.act.to_owned());
        let (name, phone) = (&self.site.helpline_name, &self.site.helpline_phone);
        parts.push(if name.is_empty() || phone.is_empty() {
            d.harmed_bank.to_owned()
        } else {
            d.harmed.replacen("{}", name, 1).replacen("{}", phone, 1)
        });
        let report = format!("{}/report", self.site.party.origin);
        parts.push(d.report.replacen("{}", &report, 1));
        WarningText { title, body: parts.join("\n\n") }
    }
}

/// A brand's key as a name to begin with.
fn as_name(brand: &str) -> String {
    let mut chars = brand.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_says_in_each_language_what_is_known() {
        let site = Site::new("https://report.csirt.example").unwrap().by("", "Card Stop", "078");
        let since = UnixMillis(1_793_523_900_000);
        let names = vec!["evil[.]example".into()];
        let known = Known { brand: Some("bpost".into()), since, names, site: &site };
        for (language, title, day) in [
            (Language::Nl, "Opgelet: valse berichten in naam van Bpost", "1 november 2026."),
            (Language::Fr, "Attention : faux messages au nom de Bpost", "1er novembre 2026."),
            (Language::De, "Vorsicht: falsche Nachrichten im Namen von Bpost", "1. November 2026."),
            (Language::En, "Beware: false messages in the name of Bpost", "1 November 2026."),
        ] {
            let text = known.text(language);
            assert_eq!(text.title, title);
            for part in [day, "\n- evil[.]example\n\n", "Card Stop", "078", "csirt.example/report"]
            {
                assert!(text.body.contains(part), "{part}: {}", text.body);
            }
            assert!(!text.body.contains("{}"));
        }
        let bare = Site::new("https://report.csirt.example").unwrap();
        let known = Known { brand: None, names: Vec::new(), site: &bare, ..known };
        let text = known.text(Language::En);
        assert!(text.title.contains("going round") && text.body.contains("your bank"));
    }
}
