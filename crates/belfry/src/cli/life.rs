//! What can be said about a case beside its verdict, about rules and the brake, and to
//! the guard.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArgs;

/// A change of a case, and why.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// The case's number.
    pub(crate) case: u64,
    /// Why; never published.
    #[arg(long)]
    pub(crate) reason: String,
    /// Refuse if the case has changed since this version.
    #[arg(long)]
    pub(crate) version: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LifeVerb {
    /// Let an open case wait for a day.
    Park {
        #[command(flatten)]
        change: ChangeArgs,
        /// Until when: a day (its first moment in UTC) or a time in RFC 3339.
        #[arg(long, value_name = "DATE")]
        until: String,
    },
    /// Take a case up again: parked, closed, refused, released, reversed or benign.
    TakeUp(ChangeArgs),
    /// Have a case judged together with another.
    Merge {
        #[command(flatten)]
        change: ChangeArgs,
        /// The case that it follows from now on.
        #[arg(long)]
        into: u64,
    },
    /// Have it judged alone again.
    Unmerge(ChangeArgs),
    /// Move reports to the case of another target.
    Split {
        #[command(flatten)]
        change: ChangeArgs,
        /// What they are about: a host name or a URL.
        #[arg(long)]
        target: String,
        /// Their receipts.
        #[arg(long = "receipt", required = true)]
        receipts: Vec<String>,
    },
    /// Renew a block before it ends, or make a short one by a rule a usual one.
    Renew {
        #[command(flatten)]
        change: ChangeArgs,
        /// How many days from now it holds.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List blocks that end soon, and those of rules that nobody has seen.
    Recheck,
    /// Raise a case for each name or URL of a file, and decide them with --verdict.
    Import {
        /// One a line, CSV with the target in its first column, or MISP's attributes as
        /// JSON; `-` for standard input.
        file: PathBuf,
        /// What all of them are: phishing, malware…; without it, cases are only raised.
        #[arg(long)]
        verdict: Option<String>,
        /// Why; never published.
        #[arg(long)]
        reason: String,
        /// How many days blocks hold.
        #[arg(long)]
        days: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    #[command(subcommand)]
    pub(crate) verb: RuleVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// List rules.
    List,
    /// Keep a new version of a rule; it is off.
    Add {
        /// Its name: small letters, digits and hyphens.
        name: String,
        /// The file with its text, `-` for standard input.
        file: PathBuf,
    },
    /// Let it run in shadow: it is noted what it would do.
    Shadow {
        /// Its name.
        name: String,
    },
    /// Let it act.
    Live {
        /// Its name.
        name: String,
    },
    /// Switch it off.
    Off {
        /// Its name.
        name: String,
    },
    /// What it would have done over the last days, beside what persons found.
    Report {
        /// Its name.
        name: String,
        /// Over how many days.
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BrakeArgs {
    #[command(subcommand)]
    pub(crate) verb: BrakeVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BrakeVerb {
    /// Whether it is pulled.
    Show,
    /// Stop all rules, and take back what they ordered of late.
    Pull {
        /// Take back what they ordered in so many minutes.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Let the rules act again.
    Release {
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    #[command(subcommand)]
    pub(crate) verb: GuardVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GuardVerb {
    /// What it would say to a block of a name.
    Check {
        /// The name.
        name: String,
        /// Of the domain with all below it, not only the host.
        #[arg(long)]
        whole_domain: bool,
    },
    /// The lists in force, with their versions.
    Lists,
}

#[derive(Debug, Args)]
pub(crate) struct AlarmsArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
