//! What is in a list, and its texts: no sockets, no storage.
//!
//! A list has each name that is blocked for everyone, for real, and that no allow covers. It
//! is not the zones' view: a narrower name stands beside the wider one that covers it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use belfry_indicator::{Domain, Target};
use belfry_journal::{Action, Audience, Category, EffectiveSet, Mode, Serial, UnixMillis};
use belfry_web::rfc3339;
use serde_json::json;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// A name a line.
    Text,
    /// For `/etc/hosts`.
    Hosts,
    /// For ad blockers.
    AdBlock,
    /// With the dates of insertion and deletion.
    Json,
    /// The same, with tabs.
    Csv,
}

/// A name that is in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) serial: Serial,
    /// All below it too.
    pub(crate) whole: bool,
    pub(crate) inserted: UnixMillis,
}

/// A name that was taken out of late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deleted {
    pub(crate) serial: Serial,
    pub(crate) name: Domain,
    pub(crate) category: Category,
    pub(crate) inserted: UnixMillis,
    pub(crate) deleted: UnixMillis,
}

/// A list's names.
pub(crate) type Names = BTreeMap<Domain, Listed>;

impl Format {
    /// The format of a file's name in a path.
    pub(crate) fn of(file: &str) -> Option<Self> {
        match file {
            "domains.txt" => Some(Format::Text),
            "hosts.txt" => Some(Format::Hosts),
            "adblock.txt" => Some(Format::AdBlock),
            "domains.json" => Some(Format::Json),
            "domains.csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Format::Text | Format::Hosts | Format::AdBlock => "text/plain; charset=utf-8",
            Format::Json => "application/json",
            Format::Csv => "text/tab-separated-values; charset=utf-8",
        }
    }
}

/// The names of one category, or of all.
pub(crate) fn names(set: &EffectiveSet, category: Option<Category>) -> Names {
    let acting = |order: &belfry_journal::Order| {
        order.mode == Mode::Live && order.audience == Audience::Everyone
    };
    let allowed: BTreeSet<Target> = set
        .iter()
        .map(|(_, held)| held.order)
        .filter(|order| acting(order) && matches!(order.action, Action::Allow))
        .map(|order| order.target)
        .collect();
    let mut names = Names::new();
    for (_, held) in set.iter() {
        let order = &held.order;
        let ours = category.is_none_or(|category| category == order.category);
        let blocks = acting(order) && matches!(order.action, Action::Block);
        let name = order.target.name();
        if !ours || !blocks || is_allowed(&allowed, name) {
            continue;
        }
        let (serial, inserted) = (held.serial, order.issued_at);
        let whole = matches!(order.target, Target::Domain(_));
        let listed = names.entry(name.clone()).or_insert(Listed { serial, whole, inserted });
        listed.whole |= whole;
        if serial < listed.serial {
            (listed.serial, listed.inserted) = (serial, inserted);
        }
    }
    names
}

/// Whether an allow is for a name, or for one above it with all below.
fn is_allowed(allowed: &BTreeSet<Target>, name: &Domain) -> bool {
    if allowed.is_empty() {
        return false;
    }
    if allowed.contains(&Target::Host(name.clone())) {
        return true;
    }
    let mut above = Some(name.clone());
    while let Some(here) = above {
        let parent = here.as_str().split_once('.').and_then(|(_, rest)| Domain::parse(rest).ok());
        if allowed.contains(&Target::Domain(here)) {
            return true;
        }
        above = parent;
    }
    false
}

/// The whole text of a list; `deleted` is told by those formats that have dates.
pub(crate) fn text(format: Format, names: &Names, deleted: &[Deleted]) -> String {
    let mut out = String::new();
    match format {
        Format::Text => names.keys().for_each(|name| out += &format!("{name}\n")),
        Format::Hosts => names.keys().for_each(|name| out += &format!("0.0.0.0 {name}\n")),
        Format::AdBlock => {
            out.push_str("[Adblock Plus]\n! Title: Belfry\n");
            for (name, listed) in names {
                // `||name^` would cover what is below a host that alone is blocked.
                let _ = match listed.whole {
                    true => writeln!(out, "||{name}^"),
                    false => writeln!(out, "|http://{name}^\n|https://{name}^"),
                };
            }
        }
        Format::Json => {
            let rows = rows(names, deleted).map(|row| {
                json!({
                    "RegisterPositionId": row.serial.0,
                    "DomainAddress": row.name.as_str(),
                    "InsertDate": local(row.inserted),
                    "DeleteDate": row.deleted.map(local),
                })
            });
            out = serde_json::Value::Array(rows.collect()).to_string();
            out.push('\n');
        }
        Format::Csv => {
            out.push_str("RegisterPositionId\tDomainAddress\tInsertDate\tDeleteDate\n");
            for row in rows(names, deleted) {
                let deleted = row.deleted.map(local).unwrap_or_default();
                let inserted = local(row.inserted);
                let _ = writeln!(out, "{}\t{}\t{inserted}\t{deleted}", row.serial, row.name);
            }
        }
    }
    out
}

struct Row<'a> {
    serial: Serial,
    name: &'a Domain,
    inserted: UnixMillis,
    deleted: Option<UnixMillis>,
}

/// What is listed, then what was deleted of late, each by name.
fn rows<'a>(names: &'a Names, deleted: &'a [Deleted]) -> impl Iterator<Item = Row<'a>> {
    let listed = names.iter().map(|(name, listed)| Row {
        serial: listed.serial,
        name,
        inserted: listed.inserted,
        deleted: None,
    });
    listed.chain(deleted.iter().map(|gone| Row {
        serial: gone.serial,
        name: &gone.name,
        inserted: gone.inserted,
        deleted: Some(gone.deleted),
    }))
}

/// A date as integrators of such lists read it: seconds, no zone. Ours are UTC.
fn local(time: UnixMillis) -> String {
    rfc3339(time).get(..19).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Body, Cause, Entry, Order, PublicReason};

    use super::*;

    fn order(action: Action, name: &str) -> Order {
        let target = match name.strip_prefix("*.") {
            Some(name) => Target::Domain(Domain::parse(name).unwrap()),
            None => Target::Host(Domain::parse(name).unwrap()),
        };
        Order {
            action,
            target,
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1_795_510_800_000),
            valid_until: UnixMillis(1_795_510_900_000),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        }
    }

    fn set(orders: &[Order]) -> EffectiveSet {
        let mut set = EffectiveSet::new();
        for (serial, order) in (1..).zip(orders) {
            set.apply(&Entry::new(Serial(serial), [1; 32], &Body::Order(order.clone()))).unwrap();
        }
        set
    }

    fn listed(orders: &[Order], category: Option<Category>) -> Vec<String> {
        names(&set(orders), category).keys().map(ToString::to_string).collect()
    }

    #[test]
    fn a_list_is_what_is_blocked_for_everyone_and_not_allowed() {
        let block = |name| order(Action::Block, name);
        let allow = |name| order(Action::Allow, name);
        let malware = Order { category: Category::Malware, ..block("m.example") };
        let shadow = Order { mode: Mode::Shadow, ..block("s.example") };
        let named = Order { audience: Audience::Operators([].into()), ..block("o.example") };
        let orders = [
            block("a.example"),
            block("*.b.example"),
            block("x.b.example"),
            malware,
            shadow,
            named,
            block("y.c.example"),
            allow("*.c.example"),
            block("*.d.example"),
            allow("d.example"),
            block("z.d.example"),
        ];
        let all = ["a.example", "b.example", "m.example", "x.b.example", "z.d.example"];
        let mut found = listed(&orders, None);
        found.sort_unstable();
        assert_eq!(found, all);
        assert_eq!(listed(&orders, Some(Category::Malware)), ["m.example"]);
        assert_eq!(listed(&orders, Some(Category::FakeShop)), [] as [&str; 0]);
    }

    #[test]
    fn each_format_is_as_its_readers_know_it() {
        let orders = [order(Action::Block, "a.example"), order(Action::Block, "*.b.example")];
        let names = names(&set(&orders), None);
        let deleted = [Deleted {
            serial: Serial(1),
            name: Domain::parse("old.example").unwrap(),
            category: Category::Phishing,
            inserted: UnixMillis(1_795_510_800_000),
            deleted: UnixMillis(1_795_514_400_500),
        }];
        let text = |format| super::text(format, &names, &deleted);
        insta::assert_snapshot!(text(Format::Text), @r"
        a.example
        b.example
        ");
        insta::assert_snapshot!(text(Format::Hosts), @r"
        0.0.0.0 a.example
        0.0.0.0 b.example
        ");
        insta::assert_snapshot!(text(Format::AdBlock), @r"
        [Adblock Plus]
        ! Title: Belfry
        |http://a.example^
        |https://a.example^
        ||b.example^
        ");
        insta::assert_snapshot!(text(Format::Json), @r#"[{"DeleteDate":null,"DomainAddress":"a.example","InsertDate":"2026-11-24T09:00:00","RegisterPositionId":1},{"DeleteDate":null,"DomainAddress":"b.example","InsertDate":"2026-11-24T09:00:00","RegisterPositionId":2},{"DeleteDate":"2026-11-24T10:00:00","DomainAddress":"old.example","InsertDate":"2026-11-24T09:00:00","RegisterPositionId":1}]"#);
        let csv = text(Format::Csv);
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.ends_with("1\told.example\t2026-11-24T09:00:00\t2026-11-24T10:00:00\n"));
    }

    #[test]
    fn files_have_names() {
        for file in ["domains.txt", "hosts.txt", "adblock.txt", "domains.json", "domains.csv"] {
            assert!(Format::of(file).is_some(), "{file}");
        }
        assert_eq!(Format::of("domains.xml"), None);
    }
}
