//! Trains the built-in models, or measures how well they would do on later data:
//! `cargo xtask train` and `cargo xtask bench judge` run it in release.
//!
//! Everything is seeded: the same corpora give the same bytes.

#![expect(clippy::print_stdout, reason = "figures are for the person who asked")]

mod campaigns;
mod data;
mod lists;
mod mails;
mod measure;
mod messages;
mod urls;

use std::error::Error;
use std::path::{Path, PathBuf};

use belfry_judge::{Brands, Judge};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    match std::env::args().nth(1).as_deref() {
        Some("measure") => {
            urls::measure()?;
            messages::measure()?;
            mails::measure(&Judge::built_in())?;
            campaigns::measure()
        }
        Some("campaigns") => campaigns::measure(),
        Some("mails") => mails::measure(&Judge::built_in()),
        Some("write-mails") => write_mails(&folder(), &Judge::built_in()).map(|_| ()),
        Some("write") => write(&folder()),
        _ => Err("say `write`, `write-mails`, `measure`, `mails` or `campaigns`".into()),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// Writes the weights of mails; answers their part of the card.
fn write_mails(folder: &Path, judge: &Judge) -> Result<String> {
    let (table, card) = mails::train_all(judge)?;
    std::fs::write(folder.join("mail.tsv"), table)?;
    println!("written to {}: mail.tsv", folder.display());
    Ok(card)
}

fn write(folder: &Path) -> Result {
    std::fs::write(folder.join("popular.bin"), lists::popular()?.to_bytes())?;
    let (url, card) = urls::train_all()?;
    std::fs::write(folder.join("url.bin"), url.to_bytes())?;
    let (text, more) = messages::train_all(&url)?;
    std::fs::write(folder.join("text.bin"), text.to_bytes())?;
    let judge = Judge::new(url, text, Brands::built_in()).with_popular(lists::popular()?);
    let mails = write_mails(folder, &judge)?;
    std::fs::write(folder.join("CARD.md"), format!("{card}\n{more}\n{mails}"))?;
    println!("written to {}", folder.display());
    Ok(())
}
