//! The command line: what can be said, and the help for it.

mod cases;
mod life;
mod sms;

use std::net::SocketAddr;
use std::path::PathBuf;

use belfry_gate::ZoneSettings;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::life::{
    AlarmsArgs, BrakeArgs, BrakeVerb, ChangeArgs, GuardArgs, GuardVerb, LifeVerb, RuleArgs,
    RuleVerb,
};
pub(crate) use crate::cli::cases::{CampaignArgs, CampaignVerb, CaseArgs, CaseVerb, TrainArgs};
pub(crate) use crate::cli::sms::{SmsArgs, SmsMatchArgs, SmsVerb};
use crate::commands::{InspectArgs, JournalArgs};

/// A national anti-phishing shield: from a forwarded mail to a blocked DNS answer.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    /// How the log is written to standard error.
    #[arg(long, global = true, value_enum, default_value = "text", help_heading = "Logging")]
    pub(crate) log_format: LogFormat,

    /// What is logged: error, warn, info, debug, or targets such as `belfry_gate=debug`.
    #[arg(long, global = true, default_value = "warn", help_heading = "Logging")]
    pub(crate) log: String,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in one process: intake, desk, API, gate and warning page.
    #[command(after_help = "Examples:
  belfry up
  belfry up --data /var/lib/belfry --upstream 9.9.9.9 --upstream 149.112.112.112
  belfry up --config belfry.toml

Prints one line per port, `NAME ADDRESS`, and `ready` once all of them answer.
Runs until SIGTERM or SIGINT, finishes what is under way, and exits 0.")]
    Up(UpArgs),

    /// Run the hub without a gate: intake, desk and API.
    #[command(after_help = "Example:
  belfry hub --config belfry.toml")]
    Hub(HubArgs),

    /// Run a gate at an operator: DNS, following a hub, zone files of RPZ, or both.
    #[command(after_help = "Examples:
  belfry gate --rpz /etc/rpz/blocked.zone --listen 127.0.0.1:5353 --upstream 192.0.2.53
  belfry gate --rpz 192.0.2.1#rpz.example --rpz-key /etc/belfry/rpz.key
  belfry token create --role operator --name isp-one > isp-one.token   # at the hub
  belfry gate --hub https://hub.example:8080 --token-file isp-one.token --listen 127.0.0.1:5353
  belfry gate explain www.shop.example        # what a running gate would do, and why
  belfry gate pause                           # block nothing until: belfry gate resume")]
    Gate(GateArgs),

    /// Show the main job: one phishing mail from report to blocked answer, each step timed.
    #[command(after_help = "Examples:
  belfry demo
  belfry demo suspicious.eml
  belfry demo --json")]
    Demo(DemoArgs),

    /// Read one mail or SMS and print what is in it. Nothing is sent or stored.
    #[command(after_help = "Examples:
  belfry read suspicious.eml
  cat suspicious.eml | belfry read - --json
  echo 'Your parcel waits: https://parcel.example/x' | belfry read - --sms")]
    Read(ReadArgs),

    /// Judge URLs, SMS texts and mails: JSON lines in, the same lines out with score and reasons.
    #[command(after_help = "Examples:
  echo '{\"url\":\"https://belfius-login.example/verify\"}' | belfry judge
  belfry judge questions.jsonl > answers.jsonl

Each line is an object with one of `url`, `sms` (a text) or `eml` (a file); other fields come
out as they went in. Added are `score` (0 to 1, for even odds), `verdict` (phishing, benign,
undecidable) and `reasons`, whose weights add up to the log-odds of the score.")]
    Judge(JudgeArgs),

    /// Run the SMS filter at an operator, between its peers and its SMSC; or ask about texts.
    #[command(after_help = "Examples:
  belfry sms --operator telco-1 --smsc 192.0.2.10:2775 --hub https://hub.example --token-file F
  belfry sms explain --operator telco-1 'Your parcel waits: https://parcel.example/x'
  belfry sms match --templates templates.jsonl < texts.jsonl > answers.jsonl")]
    Sms(Box<SmsArgs>),
    /// Open a suspected page in a bounded, isolated browser and say what it does.
    #[command(after_help = "Examples:
  belfry inspect hxxps://belfius-login[.]example/verify
  belfry inspect --phone --picture page.png --json https://parcel.example/x

Nothing is stored. No address that is not public is reached. What is not seen clears nothing.")]
    Inspect(InspectArgs),

    /// List cases, look at one, and decide.
    #[command(after_help = "Examples:
  belfry case list --status open
  belfry case show 17
  belfry case confirm 17 --reason 'asks for card data under a bank name'
  belfry case benign 18 --reason 'the newsletter of a shop'
  belfry case release 17 --reason 'cleaned up by its owner'
  belfry case recheck
  belfry case import names.txt --verdict phishing --reason 'list of CSIRT X'")]
    Case(CaseArgs),

    /// Train the model of URLs further on cases that you decided.
    #[command(after_help = "Example:
  belfry train --out own.bin

Written only if it does better on the latest fifth of the cases. Then set judge.model.")]
    Train(TrainArgs),

    /// Look at campaigns: cases by the same hand, and why two cases are alike.
    #[command(after_help = "Examples:
  belfry campaign list
  belfry campaign show 3
  belfry campaign why 17 21
  belfry campaign register")]
    Campaign(CampaignArgs),

    /// Look a report up by its receipt, erase it, or keep it from being erased.
    #[command(after_help = "Examples:
  belfry report show 7K3QF-XXXXX-XXXXX-XXXXX
  belfry report original 7K3QF-XXXXX-XXXXX-XXXXX > report.eml   # logged
  belfry report erase 7K3QF-XXXXX-XXXXX-XXXXX
  belfry report hold 7K3QF-XXXXX-XXXXX-XXXXX --reason 'court order 17'")]
    Report(ReportArgs),

    /// Create, list and revoke API tokens.
    #[command(after_help = "Examples:
  belfry token create --role analyst --name alice
  belfry token create --role operator --name isp-one --days 365
  belfry token create --role reader --name audit-firm --expires 2027-01-31
  belfry token list
  belfry token revoke alice")]
    Token(TokenArgs),

    /// Verify the journal offline, prove that it holds an entry, or fill it up after a restore.
    #[command(after_help = "Examples:
  belfry journal verify
  belfry journal prove 42
  belfry journal void --reason 'restored from the backup of Tuesday'")]
    Journal(JournalArgs),

    /// Back the hub up while it works on.
    #[command(after_help = "Examples:
  belfry backup --new-key /etc/belfry-backup.key      # once; keep a copy of it elsewhere
  belfry backup --to /backup/belfry --key-file /etc/belfry-backup.key
  belfry backup                                        # by [backup] of the configuration")]
    Backup(BackupArgs),

    /// Restore a backup into a data folder that has no database.
    #[command(after_help = "Examples:
  belfry restore --from /backup/belfry --key-file belfry-backup.key --data /var/lib/belfry
  belfry restore --from /backup/belfry --key-file belfry-backup.key --passed 48211

Give the furthest entry that any follower has (`belfry_follow_serial` in a gate's metrics), or the
file that keeps it (backup.passed_file); else the journal is filled up by a guess.")]
    Restore(RestoreArgs),

    /// Read the audit log, or check that nobody changed it.
    #[command(after_help = "Examples:
  belfry audit list --limit 20
  belfry audit verify")]
    Audit(AuditArgs),

    /// Ask what the guard would say of a name, and by which list; list its lists.
    #[command(after_help = "Examples:
  belfry guard check login.bank.example
  belfry guard check bank.example --whole-domain
  belfry guard lists

Lists are read from [guard] of the configuration: again on SIGHUP and when a file changes. A
malformed file is refused whole: the old lists stay, and `belfry alarms` says which line.")]
    Guard(GuardArgs),

    /// Rules that persons set: what is clear need not wait for a person.
    #[command(after_help = "Examples:
  belfry rule add sure-phishing rule.toml   # it is off
  belfry rule shadow sure-phishing          # it is noted what it would do
  belfry rule report sure-phishing --days 14
  belfry rule live sure-phishing

A rule is lines of `key = value`:
  when = \"score >= 0.97 and proven >= 3 and age_hours <= 48 and unranked and host\"
  action = \"confirm\"      # or close, or attach
  verdict = \"phishing\"
  hours = 6                 # until a person has seen it: `belfry case recheck`")]
    Rule(RuleArgs),

    /// Stop all rules, and take back what they ordered of late.
    #[command(after_help = "Examples:
  belfry brake pull --minutes 30 --reason 'a bank is blocked'
  belfry brake show
  belfry brake release --reason 'the rule is mended'")]
    Brake(BrakeArgs),

    /// List what someone must look at.
    #[command(after_help = "Example:
  belfry alarms")]
    Alarms(AlarmsArgs),

    /// Show whether anything ends by time at present, or let it.
    #[command(after_help = "Examples:
  belfry upkeep show
  belfry upkeep accept   # the clock is right, and what has ended may end, however much")]
    Upkeep(UpkeepArgs),

    /// Invite people to the console, list or remove them.
    #[command(after_help = "Examples:
  belfry person invite ann --role analyst   # prints a link, once; ann opens it on her device
  belfry person list
  belfry person remove ann")]
    Person(PersonArgs),

    /// Operators that load zones: add them, configure what they run, see how far each is.
    #[command(after_help = "Examples:
  belfry operator add isp-one --notify 192.0.2.53:53
  belfry operator add isp-two --address 198.51.100.0/28    # Unbound signs no transfer
  belfry operator config isp-one --for bind --listen 192.0.2.53:53 --dir /var/cache/bind
  belfry operator status
  belfry operator rotate isp-one && belfry operator config isp-one --for bind
  belfry operator suspend isp-two")]
    Operator(OperatorArgs),

    /// Keep the files of a server that reads what it blocks from files.
    #[command(after_help = "Examples:
  belfry operator config isp-one --for kresd --dir /var/lib/knot-resolver   # at the hub
  belfry feed mirror --config mirror.toml --hub https://hub.example --token-file hub.token
  belfry feed mirror --config mirror.toml --hub https://hub.example --token-file F --once

Prints `ready` once the files are there. A hub that is gone leaves the last ones in place.")]
    Feed(FeedArgs),

    /// Show how far each follower is.
    #[command(after_help = "Examples:
  belfry follower list
  belfry follower forget token:isp-one   # gone for good, or it says what can't be")]
    Follower(FollowerArgs),

    /// Show every configuration key, or check a file.
    #[command(after_help = "Examples:
  belfry config show
  belfry config show --config belfry.toml
  belfry config check belfry.toml")]
    Config(ConfigArgs),

    /// The bounded child that reads hostile bytes; started by the hub.
    #[command(hide = true)]
    ReadWorker(ReadWorkerArgs),

    /// The limits under which text in pictures is recognised; started by the child.
    #[command(hide = true)]
    OcrWorker(OcrWorkerArgs),
}

/// Where the data is; shared by all commands on a hub's data.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "BELFRY_CONFIG", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, instead of the configuration's.
    #[arg(long, value_name = "DIR", env = "BELFRY_DATA", global = true)]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// A resolver to forward to, `ADDRESS` or `ADDRESS:PORT`; instead of the system's.
    #[arg(long = "upstream", value_name = "ADDR", value_parser = crate::address::upstream)]
    pub(crate) upstreams: Vec<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct HubArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What a running gate is asked, over its socket in the data folder.
#[derive(Debug, Subcommand)]
pub(crate) enum GateVerb {
    /// What would happen to a query for NAME, and why.
    Explain {
        /// The name.
        name: String,
    },
    /// Block nothing until `resume`, over restarts too.
    Pause,
    /// Block again.
    Resume,
    /// Take the change of the orders that is held.
    Confirm,
    /// How the gate stands, and what is held.
    Status,
}

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct GateArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<GateVerb>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The hub to follow.
    #[arg(long, value_name = "URL", required_unless_present = "rpz", requires = "token_file")]
    pub(crate) hub: Option<String>,
    /// A file with this gate's token (role operator).
    #[arg(long, value_name = "FILE", requires = "hub")]
    pub(crate) token_file: Option<PathBuf>,
    /// A zone of RPZ: its file, or its primary as ADDRESS#ZONE or ADDRESS:PORT#ZONE. Several in
    /// order of precedence, instead of the configuration's.
    #[arg(long, value_name = "FILE_OR_PRIMARY", value_parser = crate::address::zone)]
    pub(crate) rpz: Vec<ZoneSettings>,
    /// The key that these primaries and the gate sign by: a file as `tsig-keygen` prints it.
    #[arg(long, value_name = "FILE", requires = "rpz")]
    pub(crate) rpz_key: Option<PathBuf>,
    /// Threads that answer over UDP, one a core unless given.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// A PEM file with the certificates that vouch for the hub, instead of the system's.
    #[arg(long, value_name = "FILE", requires = "hub")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Where to answer DNS, instead of the configuration's.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Vec<SocketAddr>,
    /// A resolver to forward to, `ADDRESS` or `ADDRESS:PORT`; instead of the system's.
    #[arg(long = "upstream", value_name = "ADDR", value_parser = crate::address::upstream)]
    pub(crate) upstreams: Vec<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The mail to show it with; a sample of our own unless given.
    pub(crate) file: Option<PathBuf>,
    /// One JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// The file, or `-` for standard input.
    pub(crate) file: PathBuf,
    /// The reading as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// It is the text of an SMS, its first line perhaps `From: SENDER`. What is JSON
    /// with a `text`, or short and no mail, is taken for one anyway.
    #[arg(long)]
    pub(crate) sms: bool,
    /// The configuration file, for the limits of `[reader]`.
    #[arg(long, value_name = "FILE", env = "BELFRY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct JudgeArgs {
    /// The file, or `-` for standard input.
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// Brands of one's own beside the built-in ones: lines of `key TAB domains TAB words`.
    #[arg(long, value_name = "FILE")]
    pub(crate) brands: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) verb: ReportVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Where a report is, and in which cases.
    Show {
        /// Its receipt.
        receipt: String,
    },
    /// What was read in it.
    Reading {
        /// Its receipt.
        receipt: String,
    },
    /// Its bytes, to standard output. This is logged.
    Original {
        /// Its receipt.
        receipt: String,
    },
    /// Erase it for good: its key, its bytes, and whatever was known from it alone.
    Erase {
        /// Its receipt, or an objection's number.
        receipt: String,
    },
    /// Put it under legal hold: it is not erased until the hold is lifted.
    Hold {
        /// Its receipt.
        receipt: String,
        /// Why; told to whoever tries to erase it.
        #[arg(long)]
        reason: String,
    },
    /// Lift the hold.
    Unhold {
        /// Its receipt.
        receipt: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The backup folder, instead of the configuration's; made where it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// The file with the backup key, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// How many books stay, instead of the configuration's.
    #[arg(long)]
    pub(crate) keep: Option<usize>,
    /// Make a backup key in this file, and no backup.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "key_file", "keep"])]
    pub(crate) new_key: Option<PathBuf>,
    /// JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The backup folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The file with the backup key, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Which books; the newest unless given.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The furthest entry that any follower has.
    #[arg(long, value_name = "SERIAL")]
    pub(crate) passed: Option<u64>,
    /// The file that keeps it, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    pub(crate) passed_file: Option<PathBuf>,
    /// JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) verb: AuditVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// List lines, the latest first.
    List {
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=999))]
        limit: u32,
        /// Continue after the page that ended with this line.
        #[arg(long)]
        cursor: Option<u64>,
    },
    /// Recompute every line's hash, and compare with what the journal says of the log.
    Verify,
}

#[derive(Debug, Args)]
pub(crate) struct UpkeepArgs {
    #[command(subcommand)]
    pub(crate) verb: UpkeepVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum UpkeepVerb {
    /// The hub's time, the machine's clock, and why nothing ends, if so.
    Show,
    /// The clock is right, and what has ended by it may end, however much it is.
    Accept,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) verb: TokenVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Create a token and print it, alone on its line. It is shown this once.
    Create {
        /// reader, reporter, analyst, approver, operator or admin.
        #[arg(long)]
        role: String,
        /// A name to know it by.
        #[arg(long)]
        name: String,
        /// Days until it expires; never unless given.
        #[arg(long)]
        days: Option<u32>,
        /// When it expires: a day (its first moment in UTC) or a time in RFC 3339.
        #[arg(long, value_name = "DATE", conflicts_with = "days")]
        expires: Option<String>,
    },
    /// List tokens, without their secrets.
    List,
    /// Revoke a token, at once.
    Revoke {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PersonArgs {
    #[command(subcommand)]
    pub(crate) verb: PersonVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonVerb {
    /// Print a one-time link, alone on its line, by which a person makes a passkey. One who
    /// is there already gets another passkey, and the role.
    Invite {
        /// 1 to 64 letters, digits, `.`, `_`, `-`.
        name: String,
        /// reader, reporter, analyst, approver, operator or admin.
        #[arg(long)]
        role: String,
    },
    /// List everyone who may sign in.
    List,
    /// Take a person's passkeys and sessions away, at once.
    Remove {
        /// The name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OperatorArgs {
    #[command(subcommand)]
    pub(crate) verb: OperatorVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What can be set of an operator.
#[derive(Clone, Debug, Args)]
pub(crate) struct OperatorSettingsArgs {
    /// An address prefix that may take zones without a signature.
    #[arg(long = "address", value_name = "PREFIX")]
    pub(crate) addresses: Vec<String>,
    /// A server that is told of each change by NOTIFY.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) notify: Vec<String>,
    /// A resolver whose answers are probed.
    #[arg(long = "probe", value_name = "ADDR:PORT")]
    pub(crate) probes: Vec<String>,
    /// A category of its own zone; the public zones only unless given.
    #[arg(long = "category", value_name = "NAME")]
    pub(crate) categories: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorVerb {
    /// Add an operator; its first key is in its configuration.
    Add {
        /// 1 to 32 of a-z, 0-9 and -.
        name: String,
        #[command(flatten)]
        settings: OperatorSettingsArgs,
    },
    /// Set an operator's addresses and selection anew, all of them.
    Set {
        /// Its name.
        name: String,
        #[command(flatten)]
        settings: OperatorSettingsArgs,
    },
    /// Print a complete configuration for what it runs, key and all.
    Config {
        /// Its name.
        name: String,
        /// bind, unbound, pdns, kresd, dnsdist or gate.
        #[arg(long = "for", value_name = "SOFTWARE")]
        software: String,
        /// Where the server answers; 127.0.0.1:53 unless given.
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// The server's folder; all files of the configuration are written there too.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// A resolver that it forwards to; it resolves itself unless given.
        #[arg(long, value_name = "ADDR")]
        upstream: Option<String>,
    },
    /// List operators.
    List,
    /// How far each operator's servers are, or those of one.
    Status {
        /// Its name.
        name: Option<String>,
    },
    /// Make a new key; those before it hold a while longer.
    Rotate {
        /// Its name.
        name: String,
        /// For how long the old ones hold.
        #[arg(long, value_name = "HOURS", default_value_t = 72)]
        old_hours: u64,
    },
    /// Give it nothing from now on; transfers under way end.
    Suspend {
        /// Its name.
        name: String,
    },
    /// Give it everything again.
    Resume {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FeedArgs {
    #[command(subcommand)]
    pub(crate) verb: FeedVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedVerb {
    /// Follow a hub, and write what holds to files for Knot Resolver or dnsdist.
    Mirror(MirrorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct MirrorArgs {
    /// What is kept where: the `mirror.toml` of `belfry operator config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The hub to follow.
    #[arg(long, value_name = "URL")]
    pub(crate) hub: String,
    /// A file with this follower's token (role operator).
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,
    /// A PEM file with the certificates that vouch for the hub, instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Where metrics and health are served; nowhere unless given.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Write the files once, and end.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FollowerArgs {
    #[command(subcommand)]
    pub(crate) verb: FollowerVerb,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The API's JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FollowerVerb {
    /// List followers, the furthest first.
    List,
    /// Forget one, by its name in the list.
    Forget {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Every key with its value, meaning and origin.
    Show {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Refuse unknown keys and unusable values.
    Check {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReadWorkerArgs {
    /// Octets of address space.
    #[arg(long)]
    pub(crate) memory_bytes: u64,
    /// Seconds of CPU.
    #[arg(long)]
    pub(crate) cpu_seconds: u64,
    /// The program that recognises text in pictures.
    #[arg(long)]
    pub(crate) ocr_program: Option<PathBuf>,
    /// Its languages, `nld+fra`.
    #[arg(long, default_value = "")]
    pub(crate) ocr_languages: String,
}

#[derive(Debug, Args)]
pub(crate) struct OcrWorkerArgs {
    /// The program that recognises text in pictures.
    pub(crate) program: PathBuf,
    /// Its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<std::ffi::OsString>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
        }
    }
}
