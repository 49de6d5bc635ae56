//! By what a page is known again under another name: its form, and where that posts.
//!
//! A kit keeps its title, its fields and its drop while hosts and lures change. Nothing here
//! judges: a page that shows nothing has no marks, and the page of a domain that many use has
//! none either, since a form at a big platform is the platform's.

use belfry_indicator::{Domain, EmbeddedSuffixes, Host, Suffixes, Url};

use super::{Mark, Marks, defanged, structure};
use crate::judge::Judge;
use crate::page::{PageForm, PageSeen};

/// A form whose fields and title have so many letters is a kit's own.
const TELLING: usize = 20;
/// Forms that are looked at, fields of each, and letters of a title.
const FORMS_MAX: usize = 8;
const FIELDS_MAX: usize = 40;
const TITLE_MAX: usize = 80;

impl Judge {
    /// The marks of a case's page.
    pub fn page_marks(&self, seen: &PageSeen<'_>) -> Vec<Mark> {
        let own = registrable(seen.landed);
        let popular = |name: &Domain| self.popular().holds(name.as_str());
        if Url::parse(seen.landed).is_err() || own.as_ref().is_some_and(popular) {
            return Vec::new();
        }
        let mut found = Marks::default();
        let title = title(seen.title);
        for form in seen.forms.iter().take(FORMS_MAX) {
            let (fields, told) = fields(form);
            let action = structure(form.action);
            if form.fields.len() >= 2 || form.password {
                let value = format!("{title}|{action}|{fields}");
                let weight = if told + title.len() >= TELLING { 1.0 } else { 0.5 };
                found.add("form", value.as_bytes(), shown(form, &title), weight);
            }
            let drop = registrable(form.action).filter(|drop| own.as_ref() != Some(drop));
            if let Some(drop) = drop.filter(|drop| !popular(drop)) {
                let shown = format!("posts to {}", defanged(drop.as_str()));
                found.add("drop", drop.as_str().as_bytes(), shown, 1.0);
            }
        }
        found.marks
    }
}

fn registrable(url: &str) -> Option<Domain> {
    match Url::parse(url).ok()?.host() {
        Host::Domain(name) => EmbeddedSuffixes.registrable(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// Letters of a title in lower case: numbers and signs change from victim to victim.
fn title(title: &str) -> String {
    let letters = title.chars().filter(|c| c.is_alphabetic());
    letters.flat_map(char::to_lowercase).take(TITLE_MAX).collect()
}

/// Type and name of each field, digits as `0`, and how many letters those names have.
fn fields(form: &PageForm<'_>) -> (String, usize) {
    let mut all = Vec::new();
    let mut told = 0;
    for field in form.fields.iter().take(FIELDS_MAX) {
        let mut words = field.split_whitespace().take(2);
        let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        // Long random names are made anew for each visitor.
        let name: String = super::segment(name).to_lowercase().chars().take(40).collect();
        told += name.chars().filter(|c| c.is_alphabetic()).count();
        all.push(format!("{kind} {name}"));
    }
    (all.join(","), told)
}

fn shown(form: &PageForm<'_>, title: &str) -> String {
    let count = form.fields.len();
    let password = if form.password { ", a password among them" } else { "" };
    let title = if title.is_empty() { "" } else { ", under the same title" };
    format!("the same form of {count} fields{password}{title}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form<'a>(action: &'a str, fields: &[&'a str]) -> PageForm<'a> {
        PageForm { action, password: true, fields: fields.to_vec() }
    }

    fn marks(landed: &str, title: &str, form: PageForm<'_>) -> Vec<Mark> {
        let seen = PageSeen { landed, title, forms: vec![form], ..PageSeen::default() };
        Judge::built_in().page_marks(&seen)
    }

    const FIELDS: [&str; 3] =
        ["text kaartnummer Nr", "password pincode PIN", "hidden 9xJJFfbO3MoV57 "];

    fn shared(one: &[Mark], other: &[Mark]) -> Vec<(&'static str, f64)> {
        let both = one.iter().filter(|mark| other.iter().any(|same| same.value == mark.value));
        both.map(|mark| (mark.kind, mark.weight)).collect()
    }

    #[test]
    fn a_kit_is_known_again_on_another_host_for_another_victim() {
        let one = form("https://a.example/be/step2.php?id=an", &FIELDS);
        let mut again = FIELDS;
        again[2] = "hidden 7aB81cd0Xo99Qa ";
        let other = form("https://b.test/be/step7.php?id=bo", &again);
        let one = marks("https://a.example/be/", "Mijn Bank 17", one);
        let other = marks("https://b.test/nl/", "mijn bank (3)", other);
        assert_eq!(shared(&one, &other), [("form", 1.0)]);
        assert_eq!(
            one[0].shown,
            "the same form of 3 fields, a password among them, under the same title"
        );
        let plain = form("https://b.test/", &["text q"]);
        let plain = marks("https://b.test/", "", plain);
        assert!(shared(&one, &plain).is_empty() && plain.iter().all(|mark| mark.weight < 1.0));
    }

    #[test]
    fn where_a_form_posts_is_a_mark_unless_many_use_it() {
        let to = |action| marks("https://a.example/", "", form(action, &[]));
        let drop = to("https://x.take.test/in");
        assert_eq!(drop.last().map(|mark| (mark.kind, mark.weight)), Some(("drop", 1.0)));
        assert_eq!(drop.last().unwrap().shown, "posts to take[.]test");
        assert_eq!(shared(&drop, &to("https://y.take.test/other")).last(), Some(&("drop", 1.0)));
        for action in ["https://google.com/forms", "https://www.a.example/in", "", "no url"] {
            assert!(to(action).iter().all(|mark| mark.kind != "drop"), "{action}");
        }
        // What is on a page of a big platform is the platform's.
        let theirs = form("https://take.test/", &FIELDS);
        assert!(marks("https://google.com/login", "Log in", theirs).is_empty());
        assert!(marks("about:blank", "", form("https://take.test/", &FIELDS)).is_empty());
    }
}
