//! Trains the built-in models, or measures how well they would do on later data:
//! `cargo xtask train` and `cargo xtask bench judge` run it in release.
//!
//! Everything is seeded: the same corpora give the same bytes.

#![expect(clippy::print_stdout, reason = "figures are for the person who asked")]

mod campaigns;
mod data;
mod lists;
mod measure;
mod messages;
mod urls;

use std::error::Error;
use std::path::Path;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    match std::env::args().nth(1).as_deref() {
        Some("measure") => {
            urls::measure()?;
            messages::measure()?;
            campaigns::measure()
        }
        Some("campaigns") => campaigns::measure(),
        Some("write") => write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models")),
        _ => Err("say `write`, `measure` or `campaigns`".into()),
    }
}

fn write(folder: &Path) -> Result {
    std::fs::write(folder.join("popular.bin"), lists::popular()?.to_bytes())?;
    let (url, card) = urls::train_all()?;
    std::fs::write(folder.join("url.bin"), url.to_bytes())?;
    let (text, more) = messages::train_all(&url)?;
    std::fs::write(folder.join("text.bin"), text.to_bytes())?;
    std::fs::write(folder.join("CARD.md"), format!("{card}\n{more}"))?;
    println!("written to {}", folder.display());
    Ok(())
}
