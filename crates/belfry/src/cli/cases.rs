//! Arguments about cases: to decide them, to see them together, to learn from them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArgs;

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Where the model is written.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CampaignArgs {
    #[command(subcommand)]
    pub(crate) verb: CampaignVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CampaignVerb {
    /// List campaigns, the latest first.
    List {
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Continue after the page that ended with this campaign.
        #[arg(long)]
        cursor: Option<u64>,
    },
    /// Show one campaign with its cases.
    Show {
        /// The campaign's number.
        campaign: u64,
    },
    /// Tell what two cases share, and whether that makes them one campaign.
    Why {
        /// One case's number.
        one: u64,
        /// The other's.
        other: u64,
    },
    /// Give the cases of a campaign that are to come one verdict, for some hours.
    Stand {
        /// The campaign's number.
        campaign: u64,
        /// What they are: phishing, malware, fake-shop, other-fraud, spam or benign.
        #[arg(long)]
        verdict: String,
        /// For so many hours: 1 to 72.
        #[arg(long)]
        hours: u32,
        /// Why; never published.
        #[arg(long)]
        reason: String,
    },
    /// End what stands for a campaign before its time.
    EndStanding {
        /// The campaign's number.
        campaign: u64,
    },
    /// Count cases and campaigns by month, brand and channel.
    Register,
}

#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    #[command(subcommand)]
    pub(crate) verb: CaseVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CaseVerb {
    #[command(flatten)]
    Life(super::LifeVerb),
    /// List cases, newest or most urgent first.
    List {
        /// In which order: newest, or urgency (by score, proven reporters and freshness).
        #[arg(long, default_value = "newest", value_parser = ["newest", "urgency"])]
        sort: String,
        /// Only in this state: open, awaiting-second, blocked, benign, released, reversed, refused, closed, parked, merged.
        #[arg(long)]
        status: Option<String>,
        /// Only of this host or registrable domain.
        #[arg(long)]
        name: Option<String>,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Continue after the page that ended with this case.
        #[arg(long)]
        cursor: Option<u64>,
    },
    /// Show one case with its score and why, reports, verdicts and orders.
    Show {
        /// The case's number.
        case: u64,
    },
    /// Open a case's page in a browser that can do no harm, and keep what is seen.
    Inspect(crate::commands::CaseInspectArgs),
    /// Confirm a fraud: orders the block in the same transaction.
    Confirm {
        /// The case's number.
        case: u64,
        /// Why; never published.
        #[arg(long)]
        reason: String,
        /// What it is: phishing, malware, fake-shop or other-fraud.
        #[arg(long, default_value = "phishing")]
        verdict: String,
        /// Block the whole registrable domain, not only the host.
        #[arg(long)]
        whole_domain: bool,
        /// A compromised site: its mail goes on, and the block is short.
        #[arg(long)]
        compromised: bool,
        /// How many days the block holds.
        #[arg(long)]
        days: Option<u32>,
        /// Refuse if the case has changed since this version.
        #[arg(long)]
        version: Option<u64>,
    },
    /// Mark a case benign.
    Benign {
        /// The case's number.
        case: u64,
        /// Why; never published.
        #[arg(long)]
        reason: String,
        /// Refuse if the case has changed since this version.
        #[arg(long)]
        version: Option<u64>,
    },
    /// Give a case's evidence out; the act and its reason are in the audit log.
    #[command(group = clap::ArgGroup::new("form").required(true))]
    Export {
        /// The case's number.
        case: u64,
        /// To whom and why.
        #[arg(long)]
        reason: String,
        /// Write an abuse report (XARF v4) for the host's provider here.
        #[arg(long, value_name = "FILE", group = "form")]
        xarf: Option<PathBuf>,
        /// Write a signed archive of reports, readings and decisions here.
        #[arg(long, value_name = "FILE", group = "form")]
        bundle: Option<PathBuf>,
    },
    /// Take a block back.
    Release {
        /// The case's number.
        case: u64,
        /// Why; never published.
        #[arg(long)]
        reason: String,
        /// The block was wrong.
        #[arg(long)]
        mistake: bool,
        /// Refuse if the case has changed since this version.
        #[arg(long)]
        version: Option<u64>,
    },
}
