//! The judge out of the configuration: a model and brands of an organisation's own.

use std::path::Path;

use belfry_judge::{Brands, Judge, Model};

use crate::config::{Config, ConfigError};

/// The judge that `config` asks for.
pub(crate) fn judge(config: &Config) -> Result<Judge, ConfigError> {
    let mut judge = Judge::built_in();
    if let Some(path) = &config.judge.model {
        judge = judge.with_url_model(model(path)?);
    }
    if let Some(path) = &config.judge.brands {
        judge = judge.with_brands(brands(path)?);
    }
    Ok(judge)
}

/// A model file, by `belfry train`.
fn model(path: &Path) -> Result<Model, ConfigError> {
    let bytes = std::fs::read(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    Model::from_bytes(&bytes)
        .map_err(|error| ConfigError::Refused { path: path.to_owned(), message: error.to_string() })
}

/// Brands of one's own beside those built in.
pub(crate) fn brands(path: &Path) -> Result<Brands, ConfigError> {
    let own = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    Brands::with(&own)
        .map_err(|error| ConfigError::Refused { path: path.to_owned(), message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use belfry_indicator::{EmbeddedSuffixes, Url};

    use super::*;
    use crate::config::Judging;

    fn config(judge: Judging) -> Config {
        Config { judge, ..Config::default() }
    }

    #[test]
    fn brands_of_ones_own_are_seen_and_a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("brands.tsv");
        std::fs::write(&path, "town\ttown.example\ttownhall\n").unwrap();
        let own = Judging { brands: Some(path.clone()), ..Judging::default() };
        let judge = judge(&config(own.clone())).unwrap();
        let url = Url::parse("https://townhall-tax.example/").unwrap();
        let judged = judge.url(&url, &EmbeddedSuffixes);
        assert!(judged.reasons.iter().any(|reason| reason.why.starts_with("town: ")), "{judged:?}");
        std::fs::write(&path, "just one field").unwrap();
        let problem = super::judge(&config(own)).unwrap_err().to_string();
        assert!(problem.contains("line 1"), "{problem}");
    }

    #[test]
    fn a_file_that_is_no_model_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url.bin");
        std::fs::write(&path, "no model").unwrap();
        let judging = Judging { model: Some(path), ..Judging::default() };
        assert!(judge(&config(judging)).unwrap_err().to_string().contains("no model"));
    }
}
