//! `belfry backup` and `belfry restore`.

use std::path::PathBuf;

use belfry_casebook::access::{Admin, Principal, Proof, Role};
use belfry_casebook::backup::{BackupKey, RestoreOrder, Restored, restore as restore_books};
use belfry_journal::Serial;
use rustix::process::getuid;
use serde_json::{Value, json};

use crate::cli::{BackupArgs, RestoreArgs};
use crate::client::Client;
use crate::clock::now;
use crate::commands::{Failure, print};
use crate::config::{Config, load};
use crate::hub::{passed, user_name};

/// Makes a key, or a backup by the running hub, or over the data folder where none runs.
pub(crate) async fn backup(args: &BackupArgs) -> Result<(), Failure> {
    if let Some(file) = &args.new_key {
        BackupKey::create(file)?;
        return print(format!(
            "the backup key is in {}\nKeep a copy of it apart from hub and backups: without it no backup can be opened.\n",
            file.display()
        ));
    }
    let config = load(&args.data, &[])?.config;
    let to = path(args.to.as_ref().or(config.backup.folder.as_ref()), "--to", "backup.folder")?;
    let key = args.key_file.as_ref().or(config.backup.key_file.as_ref());
    let key = path(key, "--key-file", "backup.key_file")?;
    let keep = args.keep.unwrap_or(config.backup.keep);
    let body = json!({ "to": to, "key_file": key, "keep": keep });
    let done: Value = Client::connect(&config).await?.post("/api/v1/backups", &body).await?;
    print(if args.json {
        format!("{done}\n")
    } else {
        format!(
            "books {} up to entry {}, {} octets; evidence: {} new, {} removed, {} missing; {} older books removed\n",
            done["name"].as_str().unwrap_or_default(),
            done["serial"],
            done["bytes"],
            done["objects_new"],
            done["objects_removed"],
            done["objects_missing"],
            done["books_removed"]
        )
    })
}

/// An absolute path: the hub has a folder of its own that it runs in.
fn path(given: Option<&PathBuf>, flag: &str, key: &str) -> Result<PathBuf, Failure> {
    let needed = || Failure::new(format!("give {flag}, or set {key} in the configuration"));
    Ok(std::path::absolute(given.ok_or_else(needed)?)?)
}

/// Restores a backup into a data folder that has no database.
pub(crate) async fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let config = load(&args.data, &[])?.config;
    let key = args.key_file.as_ref().or(config.backup.key_file.as_ref());
    let key = path(key, "--key-file", "backup.key_file")?;
    let known = passed_by(args, &config)?;
    let order = RestoreOrder {
        from: &args.from,
        key: BackupKey::read(&key)?,
        name: args.name.as_deref(),
        data: &config.data,
        passed: known,
    };
    let done = restore_books(&local_admin(), order, now()).await?;
    print(if args.json {
        format!("{}\n", restored_json(&done))
    } else {
        restored_text(&done, known)
    })
}

/// The furthest serial that a follower is known to have, by flag and by file.
fn passed_by(args: &RestoreArgs, config: &Config) -> Result<Option<Serial>, Failure> {
    let file = args.passed_file.clone().unwrap_or_else(|| config.passed_file());
    let by_file = match passed::read(&file) {
        Some((journal, serial)) => {
            let marker = args.from.join("belfry-backup");
            let ours = std::fs::read_to_string(&marker)
                .map_err(|error| Failure::new(format!("{}: {error}", marker.display())))?;
            if ours.trim() != journal.to_string() {
                let file = file.display();
                return Err(Failure::new(format!("{file} is of another journal than the backup")));
            }
            Some(Serial(serial.0.saturating_add(passed::UNWRITTEN_MAX)))
        }
        None if args.passed_file.is_some() => {
            return Err(Failure::new(format!("{} can't be read", file.display())));
        }
        None => None,
    };
    Ok(args.passed.map(Serial).max(by_file))
}

fn local_admin() -> Admin {
    let name = format!("local:{}", user_name(getuid().as_raw()));
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }
        .authorize()
        .expect("an administrator may administer")
}

fn restored_json(done: &Restored) -> Value {
    json!({
        "name": done.name, "kept": done.kept.0, "voids": done.voids, "guessed": done.guessed,
        "serial": done.serial.0, "erased_again": done.erased.reports, "objects": done.objects,
        "objects_missing": done.objects_missing,
    })
}

fn restored_text(done: &Restored, known: Option<Serial>) -> String {
    let mut text = format!(
        "restored {} up to entry {}; {} voids follow, entry {} declares it to all followers\n\
         evidence: {} put back, {} missing; {} reports erased since were erased again\n",
        done.name,
        done.kept,
        done.voids,
        done.serial,
        done.objects,
        done.objects_missing,
        done.erased.reports
    );
    if known.is_none() {
        text.push_str(
            "Nobody said how far followers are: the voids are a guess, by how fast the journal grew.\n\
             If /readyz says that a follower is ahead, run `belfry journal void`.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_path_is_needed_and_made_absolute() {
        assert!(path(None, "--to", "backup.folder").is_err());
        let given = PathBuf::from("backups");
        let found = path(Some(&given), "--to", "backup.folder");
        assert!(found.is_ok_and(|path| path.is_absolute() && path.ends_with(Path::new("backups"))));
    }
}
