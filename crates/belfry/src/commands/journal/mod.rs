//! `belfry journal`: the journal checked by its own bytes and by signed checkpoints, proofs of
//! entries, and its filling up after a restore.

mod proof;

use std::path::PathBuf;

use belfry_casebook::{Casebook, Settings};
use belfry_journal::checkpoint::Checkpoint;
use belfry_journal::merkle::{Hash, root};
use belfry_journal::{Entry, JournalId, Serial};
use clap::{Args, Subcommand};
use data_encoding::BASE64;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::DataArgs;
use crate::client::Client;
use crate::clock::now;
use crate::commands::{Failure, print};
use crate::config::{Config, load};
use crate::hub::socket_path;

const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct JournalArgs {
    #[command(subcommand)]
    verb: JournalVerb,
    #[command(flatten)]
    data: DataArgs,
    /// JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum JournalVerb {
    /// Recompute every leaf, the chain of serials and the tree.
    Verify {
        /// A signed checkpoint of before: the journal must have begun so.
        #[arg(long, value_name = "FILE", requires = "key")]
        checkpoint: Option<PathBuf>,
        /// The key that it must be signed by, as `belfry journal checkpoint --key` prints it.
        #[arg(long)]
        key: Option<String>,
    },
    /// Print a proof of one entry, and check it. As JSON it is what `check` reads.
    Prove {
        /// The entry's number.
        serial: u64,
        /// The tree of so many entries; of all unless given.
        #[arg(long)]
        size: Option<u64>,
        /// Also prove that the tree of so many entries is how this one began.
        #[arg(long, value_name = "SIZE")]
        from: Option<u64>,
    },
    /// Check a proof from elsewhere: this command's own, or the API's. Needs no journal.
    Check {
        /// The proof, JSON.
        proof: PathBuf,
        /// The key that its checkpoint must be signed by.
        #[arg(long)]
        key: String,
        /// A signed checkpoint of before: the proof must show that the journal began so.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Print a signed checkpoint, or the key that it is signed by.
    Checkpoint {
        /// The tree of so many entries; of all unless given.
        #[arg(long)]
        size: Option<u64>,
        /// The key instead.
        #[arg(long)]
        key: bool,
    },
    /// Fill the journal up past every follower, with entries that say nothing. For after a restore
    /// from backup, when a follower is ahead of the journal.
    Void {
        /// The last serial that must not be given out again; the furthest follower's unless given.
        #[arg(long, value_name = "SERIAL")]
        through: Option<u64>,
        /// Why; it goes into the audit log.
        #[arg(long)]
        reason: String,
    },
}

/// Verifies, proves, or fills up. Takes nobody's word: every leaf is computed anew.
pub(crate) async fn journal(args: &JournalArgs) -> Result<(), Failure> {
    let as_json = args.json;
    if let JournalVerb::Check { proof, key, checkpoint } = &args.verb {
        return proof::check(proof, key, checkpoint.as_deref(), as_json);
    }
    let config = load(&args.data, &[])?.config;
    match &args.verb {
        JournalVerb::Verify { checkpoint, key } => {
            let signed = match (checkpoint, key) {
                (Some(file), Some(key)) => Some(proof::signed(file, key)?),
                _ => None,
            };
            let (journal, entries) = read(&config).await?;
            verify(journal, &entries, signed, as_json)
        }
        JournalVerb::Prove { serial, size, from } => {
            let (journal, entries) = read(&config).await?;
            let size = size.unwrap_or(entries.len() as u64);
            let note = proof::note(&Client::connect(&config).await?, Some(size)).await?;
            proof::prove(
                journal,
                &entries,
                &proof::Wanted { serial: *serial, size, from: *from, note },
                as_json,
            )
        }
        JournalVerb::Checkpoint { size, key } => checkpoint(&config, *size, *key).await,
        JournalVerb::Void { through, reason } => void(&config, *through, reason, as_json).await,
        JournalVerb::Check { .. } => Ok(()),
    }
}

async fn void(
    config: &Config,
    through: Option<u64>,
    reason: &str,
    as_json: bool,
) -> Result<(), Failure> {
    let client = Client::connect(config).await?;
    let body = json!({ "through": through, "reason": reason });
    let done: Value = client.post("/api/v1/journal/void", &body).await?;
    print(if as_json {
        format!("{done}\n")
    } else {
        let (voids, kept, serial) = (&done["voids"], &done["kept"], &done["serial"]);
        format!("{voids} voids after entry {kept}; entry {serial} declares it to all followers\n")
    })
}

fn verify(
    journal: JournalId,
    entries: &[Entry],
    signed: Option<Checkpoint>,
    as_json: bool,
) -> Result<(), Failure> {
    let mut leaves = Vec::with_capacity(entries.len());
    for (entry, expected) in entries.iter().zip(1..) {
        if entry.serial != Serial(expected) {
            let found = entry.serial;
            return Err(Failure::new(format!("entry {expected} is missing: {found} follows")));
        }
        entry.decode().map_err(|error| Failure::new(format!("entry {expected}: {error}")))?;
        leaves.push(entry.leaf_hash());
    }
    if let Some(checkpoint) = signed {
        begins_with(journal, &leaves, &checkpoint)?;
    }
    let (count, root) = (leaves.len(), root(&leaves));
    let from = signed.map(|checkpoint| checkpoint.size);
    print(if as_json {
        let found = json!({"journal": journal.to_string(), "entries": count,
            "root": root.to_string(), "consistent_from": from});
        format!("{found}\n")
    } else {
        let from = from.map_or_else(String::new, |size| {
            format!("the checkpoint of {size} entries is signed, and is how this journal began\n")
        });
        format!(
            "journal {journal}\nentries {count}, without gaps, each in canonical form\nroot    {root}\n{from}"
        )
    })
}

/// Whether the journal still is what it was when the checkpoint was signed.
fn begins_with(
    journal: JournalId,
    leaves: &[Hash],
    checkpoint: &Checkpoint,
) -> Result<(), Failure> {
    let Checkpoint { journal: of, size, root: signed } = checkpoint;
    if *of != journal {
        return Err(Failure::new(format!("the checkpoint is of journal {of}, this is {journal}")));
    }
    let Some(part) = usize::try_from(*size).ok().and_then(|size| leaves.get(..size)) else {
        let count = leaves.len();
        return Err(Failure::new(format!(
            "the checkpoint is of {size} entries, and there are {count}: entries are gone"
        )));
    };
    if root(part) != *signed {
        return Err(Failure::new(format!(
            "the first {size} entries are not those that the checkpoint was signed for: \
             the journal was rewritten"
        )));
    }
    Ok(())
}

async fn checkpoint(config: &Config, size: Option<u64>, key: bool) -> Result<(), Failure> {
    let client = Client::connect(config).await?;
    if key {
        let about: Value = client.get("/api/v1/record").await?;
        return print(format!("{}\n", about["key"].as_str().unwrap_or_default()));
    }
    print(proof::note(&client, size).await?)
}

/// All entries: from the running hub where there is one, else from the data folder.
async fn read(config: &Config) -> Result<(JournalId, Vec<Entry>), Failure> {
    if tokio::net::UnixStream::connect(socket_path(&config.data)).await.is_ok() {
        return read_from_hub(&Client::connect(config).await?).await;
    }
    let casebook = Casebook::open(&Settings { data: config.data.clone() }, now()).await?;
    let mut entries = Vec::new();
    let progress = progress(casebook.head().serial.0);
    loop {
        let after = entries.last().map_or(Serial(0), |entry: &Entry| entry.serial);
        let page = casebook.entries(after, PAGE).await?;
        progress.set_position(after.0);
        if page.is_empty() {
            progress.finish_and_clear();
            return Ok((casebook.head().journal, entries));
        }
        entries.extend(page);
    }
}

async fn read_from_hub(client: &Client) -> Result<(JournalId, Vec<Entry>), Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    let progress = progress(0);
    loop {
        let after = entries.last().map_or(0, |entry| entry.serial.0);
        let page: Value = client.get(&format!("/api/v1/orders?after={after}&limit={PAGE}")).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        progress.set_length(page["head"].as_u64().unwrap_or_default());
        progress.set_position(after);
        if items.is_empty() {
            progress.finish_and_clear();
            let journal = page["journal"].as_str().unwrap_or_default();
            return Ok((journal.parse()?, entries));
        }
        for item in items {
            let bytes = BASE64.decode(item["entry"].as_str().unwrap_or_default().as_bytes())?;
            entries.push(Entry::from_bytes(&bytes)?);
        }
    }
}

/// A bar on standard error, where that is a terminal.
fn progress(entries: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} entries, {eta} to go");
    let bar = ProgressBar::new(entries);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
