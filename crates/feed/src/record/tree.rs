//! The tree that answers: kept by its tiles, grown from the casebook when it is asked, and
//! the signing key. One question reads at most three tiles of 256 leaves.

use std::sync::{Arc, OnceLock};

use belfry_casebook::Casebook;
use belfry_casebook::journal::ENTRIES_MAX;
use belfry_journal::Serial;
use belfry_journal::merkle::{Missing, TILE, TileLeaves, Tiles};
use belfry_web::Problem;
use tokio::sync::Mutex;

use super::sign::Signer;

/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    tiles: Arc<Mutex<Tiles>>,
    signer: Arc<OnceLock<Signer>>,
}

impl Record {
    /// Who signs, the key read once.
    pub(crate) fn signer(&self, casebook: &Casebook) -> Result<&Signer, Problem> {
        if let Some(signer) = self.signer.get() {
            return Ok(signer);
        }
        let seed = casebook.signing_key().map_err(|error| super::unsigned(&error))?;
        let signer = Signer::new(&seed).ok_or_else(|| {
            Problem::internal(&std::io::Error::other("the signing key is not usable"))
        })?;
        Ok(self.signer.get_or_init(|| signer))
    }

    /// Answers a question about the tree as it is committed, with the leaves it needs.
    pub(crate) async fn prove<T>(
        &self,
        casebook: &Casebook,
        question: impl Fn(&Tiles, &TileLeaves) -> Result<Option<T>, Missing>,
    ) -> Result<Option<T>, Problem> {
        let mut tiles = self.tiles.lock().await;
        grow(&mut tiles, casebook).await?;
        let missing = match question(&tiles, &TileLeaves::new()) {
            Ok(found) => return Ok(found),
            Err(Missing(missing)) => missing,
        };
        let mut known = TileLeaves::new();
        for tile in missing {
            let most = u32::try_from(TILE).expect("a tile has 256 leaves, which 32 bits hold");
            known.insert(tile, casebook.leaves(Serial(tile * TILE), most).await?);
        }
        question(&tiles, &known).map_err(|Missing(tiles)| {
            let words = format!("leaves of tiles {tiles:?} are not in the casebook");
            Problem::internal(&std::io::Error::other(words))
        })
    }
}

async fn grow(tiles: &mut Tiles, casebook: &Casebook) -> Result<(), Problem> {
    while tiles.size() < casebook.head().serial.0 {
        let leaves = casebook.leaves(Serial(tiles.size()), ENTRIES_MAX).await?;
        if leaves.is_empty() {
            break;
        }
        leaves.into_iter().for_each(|leaf| tiles.push(leaf));
    }
    Ok(())
}
