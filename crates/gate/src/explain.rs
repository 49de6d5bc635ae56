//! What the gate would do about a name, and by which order or zone: for the operator,
//! and for the warning page. Says nothing that the journal and the zones do not.

use std::fmt;
use std::net::SocketAddr;

use belfry_indicator::{Domain, Target};
use belfry_journal::{Category, PublicReason, Serial, UnixMillis};

use crate::answer::{Engine, category_name};
use crate::blockset::{Finding, Hit};
use crate::primary::Age;
use crate::readiness::Stance;
use crate::rpz::{ZoneHit, ZoneSet};
use crate::settings::AnswerMode;

/// The order that covers a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedBy {
    /// Its entry.
    pub serial: Serial,
    /// What it names.
    pub target: Target,
    /// In which category.
    pub category: Category,
    /// What the public may read.
    pub reason: PublicReason,
    /// When it was ordered.
    pub issued_at: UnixMillis,
    /// Until when.
    pub valid_until: UnixMillis,
}

/// What a foreign zone says about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneSays {
    /// Which zone.
    pub zone: String,
    /// Its version, if it has any.
    pub serial: Option<u32>,
    /// Its primary, and how many seconds ago that said that this is its version.
    pub heard: Option<(SocketAddr, Option<u64>)>,
    /// The name that its policy is for.
    pub trigger: String,
    /// What it wants done.
    pub action: String,
}

/// What would happen to a query for a name, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The name.
    pub name: Domain,
    /// The order that allows it, over all blocks.
    pub allow: Option<BlockedBy>,
    /// The order that it is blocked by.
    pub block: Option<BlockedBy>,
    /// The order that would block it if it were live.
    pub shadow: Option<BlockedBy>,
    /// The zone that decides where no order does.
    pub zone: Option<ZoneSays>,
    /// The zone that would decide if it were live.
    pub zone_shadow: Option<ZoneSays>,
    /// What a client that asks for its address gets.
    pub answer: String,
    /// What is true of every name now, if that matters.
    pub stance: Option<&'static str>,
}

impl Explanation {
    pub(crate) fn of(engine: &Engine, name: &Domain, stance: Stance) -> Self {
        let state = engine.blockset.now();
        let finding = state.find(&name.to_wire());
        let by = |hit: Option<Hit>| hit.and_then(|hit| BlockedBy::of(name, &hit));
        let zone =
            |hit: Option<ZoneHit>| hit.map(|hit| ZoneSays::of(engine, state.zones(), name, hit));
        Self {
            name: name.clone(),
            allow: by(finding.allow),
            block: by(finding.block),
            shadow: by(finding.shadow),
            zone: zone(finding.zones.live),
            zone_shadow: zone(finding.zones.shadow),
            answer: answer(engine, &finding),
            stance: match (engine.blockset.is_paused(), stance) {
                (true, _) => Some("the gate is paused: nothing is blocked"),
                (_, Stance::Filtering) => None,
                (_, Stance::Silent) => Some("no block set holds yet: nothing is answered"),
                (_, Stance::Unfiltered) => Some("no block set holds: nothing is blocked"),
                (_, Stance::Closed) => Some("no block set holds: every answer is SERVFAIL"),
            },
        }
    }
}

fn answer(engine: &Engine, finding: &Finding) -> String {
    let Some(hit) = &finding.block else {
        return match finding.zones.live {
            Some(_) => "as that zone says".to_owned(),
            None => "what an upstream says".to_owned(),
        };
    };
    let redirect = engine.answers.of(hit.rule.slot.category) == AnswerMode::Redirect;
    match (redirect, engine.warning.ipv4, engine.warning.ipv6) {
        (true, Some(ip), _) => format!("the warning host, {ip}"),
        (true, None, Some(ip)) => format!("the warning host, {ip}"),
        _ => "that it does not exist".to_owned(),
    }
}

impl ZoneSays {
    fn of(engine: &Engine, zones: &ZoneSet, name: &Domain, hit: ZoneHit) -> Self {
        let trigger = name.as_str().get(usize::from(hit.at)..).unwrap_or_default();
        let below = if hit.at > 0 { "*." } else { "" };
        let zone = zones.zone(hit);
        let status = engine.primaries.status_of(&zone.name, (engine.now)());
        Self {
            zone: zone.name.clone(),
            serial: zone.serial(),
            heard: status.map(|status| (status.primary, status.age_seconds)),
            trigger: format!("{below}{trigger}"),
            action: zones.action(hit).as_str().to_owned(),
        }
    }
}

impl ZoneSays {
    fn write(&self, f: &mut fmt::Formatter<'_>, mode: &str) -> fmt::Result {
        let Self { zone, trigger, action, .. } = self;
        write!(f, "\nzone {zone} ({mode}")?;
        if let Some(serial) = self.serial {
            write!(f, ", serial {serial}")?;
        }
        match self.heard {
            Some((primary, Some(age))) => write!(f, ", heard from {primary} {} ago", Age(age))?,
            Some((primary, None)) => write!(f, ", {primary} not heard yet")?,
            None => {}
        }
        write!(f, ") says {action} for {trigger}")
    }
}

impl BlockedBy {
    fn of(name: &Domain, hit: &Hit) -> Option<Self> {
        let rule = &hit.rule;
        // A label of the text is as long as on the wire, and so is its dot.
        let covering = Domain::parse(name.as_str().get(hit.at..)?).ok()?;
        let target =
            if rule.slot.subtree { Target::Domain(covering) } else { Target::Host(covering) };
        Some(Self {
            serial: rule.serial,
            target,
            category: rule.slot.category,
            reason: rule.reason,
            issued_at: rule.issued_at,
            valid_until: rule.valid_until,
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, answer, .. } = self;
        match (&self.allow, &self.block, &self.shadow) {
            (Some(by), ..) => write!(f, "{name} is never blocked: {by} allows it")?,
            (None, Some(by), _) => write!(f, "{name} is blocked by {by}; answer: {answer}")?,
            (None, None, Some(by)) => {
                write!(f, "{name} is not blocked: {by} is in shadow and only counts")?;
            }
            (None, None, None) => write!(f, "{name} is not blocked: no order covers it")?,
        }
        for (zone, mode) in [(&self.zone, "live"), (&self.zone_shadow, "in shadow")] {
            if let Some(says) = zone {
                says.write(f, mode)?;
            }
        }
        self.stance.map_or(Ok(()), |stance| write!(f, "\n{stance}"))
    }
}

impl fmt::Display for BlockedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, target) = (self.target.level(), self.target.name());
        let category = category_name(self.category);
        write!(f, "order {} for the {level} {target} ({category})", self.serial)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::blockset::{Effect, Rule, Slot};
    use crate::lastline::LastLine;
    use crate::names::Seed;
    use crate::rpz::Loader;
    use crate::settings::GateSettings;

    fn engine() -> Engine {
        let mut settings = GateSettings::default();
        settings.warning.ipv4 = Some(std::net::Ipv4Addr::new(192, 0, 2, 80));
        settings.answers.malware = AnswerMode::NxDomain;
        let engine = Engine::new(&settings, [0; 16], [7; 16], || UnixMillis(5));
        for (serial, name, category, effect) in [
            (1, "evil.example", Category::Phishing, Effect::Block),
            (2, "bad.example", Category::Malware, Effect::Block),
            (3, "good.evil.example", Category::Phishing, Effect::Allow),
            (4, "hush.example", Category::FakeShop, Effect::Shadow),
        ] {
            let slot = Slot { subtree: true, category, shadow: effect == Effect::Shadow };
            let rule = Rule {
                slot,
                effect,
                keeps_mail: false,
                serial: Serial(serial),
                reason: PublicReason::Impersonation,
                issued_at: UnixMillis(1),
                valid_until: UnixMillis(2),
            };
            engine.blockset.set(&Domain::parse(name).unwrap().to_wire(), rule);
        }
        let line = LastLine::new(None, Vec::new());
        let mut loader = Loader::new(Seed::new([7; 16]), &line, 0);
        loader.zone("one.test", true, &b"*.zoned.example CNAME .\n"[..]).unwrap();
        loader
            .zone("two.test", false, &b"@ SOA a. b. 7 2 3 4 5\nzoned.example CNAME *.\n"[..])
            .unwrap();
        engine.blockset.replace_zones(Arc::new(loader.finish().unwrap()));
        engine
    }

    #[test]
    fn each_reason_is_told() {
        let engine = engine();
        let check = |name: &str, expect: &str| {
            let name = Domain::parse(name).unwrap();
            let told = Explanation::of(&engine, &name, Stance::Filtering).to_string();
            assert_eq!(told, expect);
        };
        check(
            "www.evil.example",
            "www.evil.example is blocked by order 1 for the domain evil.example (phishing); \
             answer: the warning host, 192.0.2.80",
        );
        check(
            "bad.example",
            "bad.example is blocked by order 2 for the domain bad.example (malware); \
             answer: that it does not exist",
        );
        check(
            "good.evil.example",
            "good.evil.example is never blocked: order 3 for the domain good.evil.example \
             (phishing) allows it",
        );
        check(
            "hush.example",
            "hush.example is not blocked: order 4 for the domain hush.example (fake-shop) is in \
             shadow and only counts",
        );
        check(
            "www.zoned.example",
            "www.zoned.example is not blocked: no order covers it\n\
             zone one.test (live) says nxdomain for *.zoned.example",
        );
        check(
            "zoned.example",
            "zoned.example is not blocked: no order covers it\n\
             zone two.test (in shadow, serial 7) says nodata for zoned.example",
        );
        check("free.example", "free.example is not blocked: no order covers it");
    }

    #[test]
    fn a_pause_is_told_and_blocks_nothing() {
        let engine = engine();
        engine.blockset.pause(true);
        let name = Domain::parse("www.evil.example").unwrap();
        let told = Explanation::of(&engine, &name, Stance::Filtering).to_string();
        assert!(told.contains("not blocked") && told.contains("paused"), "{told}");
        engine.blockset.pause(false);
        let told = Explanation::of(&engine, &name, Stance::Filtering);
        assert!(told.block.is_some() && told.stance.is_none());
    }
}
