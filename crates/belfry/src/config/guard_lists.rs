//! The guard's lists out of the configuration and the files that it names.

use std::path::Path;

use belfry_guard::Lists;
use belfry_indicator::Domain;

use crate::config::{Config, ConfigError};

/// Reads every list; one bad line refuses all, with its place.
pub(crate) fn lists(config: &Config) -> Result<Lists, ConfigError> {
    let mut own = names("guard.own_names", &config.guard.own_names)?;
    own.extend(config.gate.warning.name.clone());
    let mut never = names("guard.never_block", &config.guard.never_block)?;
    for file in &config.guard.never_block_files {
        never.extend(read(file)?);
    }
    let mut two = names("guard.two_people", &config.guard.two_people)?;
    for file in &config.guard.two_people_files {
        two.extend(read(file)?);
    }
    Ok(Lists::new(own, never, two))
}

fn names(key: &str, texts: &[String]) -> Result<Vec<Domain>, ConfigError> {
    texts
        .iter()
        .map(|text| {
            Domain::parse(text)
                .map_err(|error| ConfigError::value(key, format!("holds {text:?}: {error}")))
        })
        .collect()
}

/// One name a line; blank lines and `#` comments are passed over.
fn read(path: &Path) -> Result<Vec<Domain>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    let lines = text.lines().enumerate();
    let mut names = Vec::new();
    for (index, line) in lines {
        let name = line.split('#').next().unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        names.push(Domain::parse(name).map_err(|error| ConfigError::Refused {
            path: path.to_owned(),
            message: format!("line {}: {name:?}: {error}", index + 1),
        })?);
    }
    Ok(names)
}
