//! `belfry journal`: the journal checked by its own bytes, proofs of entries, and its
//! filling up after a restore.

use belfry_casebook::{Casebook, Settings};
use belfry_journal::merkle::{Hash, inclusion_proof, root, verify_inclusion};
use belfry_journal::{Entry, JournalId, Serial};
use data_encoding::BASE64;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::{JournalArgs, JournalVerb};
use crate::client::Client;
use crate::clock::now;
use crate::commands::{Failure, print};
use crate::config::{Config, load};
use crate::hub::socket_path;

const PAGE: u32 = 1_000;

/// Verifies, or proves one entry. Takes nobody's word: every leaf is computed anew.
pub(crate) async fn journal(args: &JournalArgs) -> Result<(), Failure> {
    let config = load(&args.data, &[])?.config;
    if let JournalVerb::Void { through, reason } = &args.verb {
        return void(&config, *through, reason, args.json).await;
    }
    let (journal, entries) = read(&config).await?;
    match args.verb {
        JournalVerb::Prove { serial } => prove(journal, &entries, serial, args.json),
        JournalVerb::Verify | JournalVerb::Void { .. } => verify(journal, &entries, args.json),
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

fn verify(journal: JournalId, entries: &[Entry], as_json: bool) -> Result<(), Failure> {
    let mut leaves = Vec::with_capacity(entries.len());
    for (entry, expected) in entries.iter().zip(1..) {
        if entry.serial != Serial(expected) {
            let found = entry.serial;
            return Err(Failure::new(format!("entry {expected} is missing: {found} follows")));
        }
        entry.decode().map_err(|error| Failure::new(format!("entry {expected}: {error}")))?;
        leaves.push(entry.leaf_hash());
    }
    let (count, root) = (leaves.len(), root(&leaves));
    print(if as_json {
        format!(
            "{}\n",
            json!({"journal": journal.to_string(), "entries": count, "root": root.to_string()})
        )
    } else {
        format!(
            "journal {journal}\nentries {count}, without gaps, each in canonical form\nroot    {root}\n"
        )
    })
}

fn prove(journal: JournalId, entries: &[Entry], serial: u64, as_json: bool) -> Result<(), Failure> {
    let leaves: Vec<Hash> = entries.iter().map(Entry::leaf_hash).collect();
    let index = serial.checked_sub(1).filter(|index| *index < leaves.len() as u64);
    let Some(index) = index else {
        return Err(Failure::new(format!(
            "there is no entry {serial}: they go from 1 to {}",
            leaves.len()
        )));
    };
    let (size, root) = (leaves.len() as u64, root(&leaves));
    let position = usize::try_from(index)?;
    let leaf = leaves[position];
    let proof = inclusion_proof(&leaves, position).unwrap_or_default();
    if !verify_inclusion(leaf, index, size, &proof, root) {
        return Err(Failure::new(format!("the proof of entry {serial} does not verify")));
    }
    let path: Vec<String> = proof.iter().map(ToString::to_string).collect();
    print(if as_json {
        let entry = BASE64.encode(&entries[position].to_bytes());
        format!(
            "{}\n",
            json!({"journal": journal.to_string(), "serial": serial, "entry": entry,
            "leaf": leaf.to_string(), "tree_size": size, "root": root.to_string(), "path": path})
        )
    } else {
        let path = path.join("\n        ");
        format!(
            "journal {journal}\nentry   {serial}\nleaf    {leaf}\nsize    {size}\nroot    {root}\npath    {path}\nthe proof verifies\n"
        )
    })
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
