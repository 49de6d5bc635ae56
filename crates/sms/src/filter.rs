//! `Filter`: what becomes of a text, by the templates that hold now.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use belfry_indicator::OperatorName;
use belfry_journal::{Mode, Serial};
use belfry_likeness::Scratch;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::HashMap;

use crate::live::Live;

/// What happens to a message that a live template matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMatch {
    /// It is refused, and its sender told so.
    #[default]
    Reject,
    /// It is dropped, and its sender given a receipt.
    Drop,
    /// It passes and is counted.
    Count,
}

/// What happens while the templates have never been known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Without {
    /// Messages pass.
    #[default]
    Open,
    /// Messages are refused, to be sent again.
    Closed,
}

/// How a filter is set.
#[derive(Clone, Debug)]
pub struct FilterSettings {
    /// Whose filter it is: templates of others are never looked for.
    pub operator: OperatorName,
    /// What happens on a match.
    pub on_match: OnMatch,
    /// Other than that for single templates, by their entries.
    pub templates: HashMap<u64, OnMatch>,
    /// What happens while no templates have ever been known.
    pub without: Without,
}

/// What becomes of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on.
    Pass,
    /// It goes on; a template in shadow, or one that only counts, matched it.
    Counted(Serial),
    /// It is refused.
    Reject(Serial),
    /// It goes nowhere, and its sender is told that it did.
    Drop(Serial),
    /// Nothing can be decided yet.
    Unavailable,
}

/// The filter of a process. Clones share it.
#[derive(Clone, Debug)]
pub struct Filter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: FilterSettings,
    live: ArcSwap<Option<Live>>,
    figures: Figures,
}

#[derive(Debug, Default)]
struct Figures {
    passed: Counter,
    counted: Counter,
    rejected: Counter,
    dropped: Counter,
    unavailable: Counter,
    templates: Gauge,
    ignored: AtomicU64,
}

impl Filter {
    /// A filter that knows no templates yet.
    pub fn new(settings: FilterSettings) -> Self {
        let live = ArcSwap::from_pointee(None);
        Self(Arc::new(Shared { settings, live, figures: Figures::default() }))
    }

    /// Whose it is.
    pub fn operator(&self) -> &OperatorName {
        &self.0.settings.operator
    }

    /// Registers its figures: numbers of messages, never what was in them.
    pub fn register(&self, registry: &mut Registry) {
        let figures = &self.0.figures;
        let messages = registry.sub_registry_with_prefix("sms");
        for (name, help, counter) in [
            ("passed", "Messages that passed", &figures.passed),
            ("counted", "Messages that passed although a template matched", &figures.counted),
            ("rejected", "Messages refused by a template", &figures.rejected),
            ("dropped", "Messages dropped by a template", &figures.dropped),
            ("unavailable", "Messages refused for want of templates", &figures.unavailable),
        ] {
            messages.register(name, help, counter.clone());
        }
        let help = "Templates of this operator that hold";
        messages.register("templates", help, figures.templates.clone());
    }

    /// Decides on one text, and counts.
    pub fn decide(&self, text: &str, scratch: &mut Scratch) -> Decision {
        let decision = self.look(text, scratch);
        let figures = &self.0.figures;
        match decision {
            Decision::Pass => &figures.passed,
            Decision::Counted(_) => &figures.counted,
            Decision::Reject(_) => &figures.rejected,
            Decision::Drop(_) => &figures.dropped,
            Decision::Unavailable => &figures.unavailable,
        }
        .inc();
        decision
    }

    fn look(&self, text: &str, scratch: &mut Scratch) -> Decision {
        let settings = &self.0.settings;
        let live = self.0.live.load();
        let Some(live) = live.as_ref() else {
            return match settings.without {
                Without::Open => Decision::Pass,
                Without::Closed => Decision::Unavailable,
            };
        };
        let Some((serial, mode)) = live.find(text, scratch) else { return Decision::Pass };
        let on_match = settings.templates.get(&serial.0).copied().unwrap_or(settings.on_match);
        match (mode, on_match) {
            (Mode::Shadow, _) | (Mode::Live, OnMatch::Count) => Decision::Counted(serial),
            (Mode::Live, OnMatch::Reject) => Decision::Reject(serial),
            (Mode::Live, OnMatch::Drop) => Decision::Drop(serial),
        }
    }

    /// Why a text is like the template that matches it, in words; `None` where none does.
    pub fn explain(&self, text: &str) -> Option<(Serial, String)> {
        self.0.live.load().as_ref().as_ref()?.explain(text)
    }

    /// Looks for these templates from now on.
    pub(crate) fn replace(&self, live: Live) {
        self.0.figures.templates.set(i64::try_from(live.len()).unwrap_or(i64::MAX));
        self.0.figures.ignored.store(live.ignored(), Ordering::Relaxed);
        self.0.live.store(Arc::new(Some(live)));
    }

    /// What is counted of each template since this process began.
    pub(crate) fn with_live<T>(&self, look: impl FnOnce(&Live) -> T) -> Option<T> {
        self.0.live.load().as_ref().as_ref().map(look)
    }
}
