//! The guard's lists out of the configuration and the files that it names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use belfry_guard::{FILE_BYTES_MAX, Format, Kind, List, Lists, Reach};
use belfry_indicator::Domain;
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError};

/// One file of `[[guard.lists]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardList {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// What it is for: never-block, two-people, popular, old, shared or own.
    pub(crate) kind: String,
    /// What it is called; the file's name unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// plain, tranco or misp; by its first line unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
    /// Only the first so many names of a ranking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) top: Option<usize>,
    /// Each name alone and its `www`, not what lies below it.
    #[serde(default)]
    pub(crate) exact: bool,
}

/// Reads every list; one bad line refuses all, with its place.
pub(crate) fn lists(config: &Config) -> Result<Lists, ConfigError> {
    let guard = &config.guard;
    let mut own = names("guard.own_names", &guard.own_names)?;
    own.extend(config.gate.warning.name.clone());
    let mut lists = vec![
        configured(Kind::Own, own),
        configured(Kind::NeverBlock, names("guard.never_block", &guard.never_block)?),
        configured(Kind::TwoPeople, names("guard.two_people", &guard.two_people)?),
    ];
    for list in files(config) {
        lists.push(read(&list)?);
    }
    Ok(Lists::of(lists.into_iter().map(Arc::new)))
}

/// Every file that the lists are read from.
pub(crate) fn list_files(config: &Config) -> Vec<PathBuf> {
    files(config).map(|list| list.file).collect()
}

fn files(config: &Config) -> impl Iterator<Item = GuardList> {
    let plain = |file: &PathBuf, kind: Kind| GuardList {
        file: file.clone(),
        kind: kind.name().to_owned(),
        name: None,
        format: None,
        top: None,
        exact: false,
    };
    let guard = &config.guard;
    let never = guard.never_block_files.iter().map(move |file| plain(file, Kind::NeverBlock));
    let two = guard.two_people_files.iter().map(move |file| plain(file, Kind::TwoPeople));
    never.chain(two).chain(guard.lists.iter().cloned())
}

fn configured(kind: Kind, names: Vec<Domain>) -> List {
    List::new("configured", kind, None, names.into_iter().map(|name| (name, Reach::Subtree)))
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

fn read(list: &GuardList) -> Result<List, ConfigError> {
    let unknown = |what: &str, word: &str, known: Vec<&str>| {
        let problem = format!("names the {what} {word:?}: give one of {}", known.join(", "));
        ConfigError::value("guard.lists", problem)
    };
    let kinds = || Kind::ALL.iter().map(|kind| kind.name()).collect();
    let formats = || Format::ALL.iter().map(|format| format.name()).collect();
    let kind = Kind::from_name(&list.kind).ok_or_else(|| unknown("kind", &list.kind, kinds()))?;
    let format = match &list.format {
        Some(name) => {
            Some(Format::from_name(name).ok_or_else(|| unknown("format", name, formats()))?)
        }
        None => None,
    };
    let bytes = bytes(&list.file)?;
    let format = format.unwrap_or_else(|| Format::guess(&bytes));
    let parsed = format.read(&bytes, list.top).map_err(|error| ConfigError::Refused {
        path: list.file.clone(),
        message: error.to_string(),
    })?;
    let entries = parsed.entries.into_iter();
    let entries =
        entries.map(|(name, reach)| (name, if list.exact { Reach::Exact } else { reach }));
    Ok(List::new(title(list), kind, parsed.stated.as_deref(), entries))
}

/// A file that is too long is refused by its length, before it is read.
fn bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    let failed = |source| ConfigError::File { path: path.to_owned(), source };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > FILE_BYTES_MAX as u64 {
        let message = format!("it has {length} octets, more than {FILE_BYTES_MAX}");
        return Err(ConfigError::Refused { path: path.to_owned(), message });
    }
    std::fs::read(path).map_err(failed)
}

fn title(list: &GuardList) -> String {
    let file = || list.file.file_name().unwrap_or(list.file.as_os_str());
    list.name.clone().unwrap_or_else(|| file().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use belfry_guard::Opinion;
    use belfry_indicator::{EmbeddedSuffixes, Target};

    use super::*;

    fn list(file: &Path, kind: &str) -> GuardList {
        GuardList {
            file: file.to_owned(),
            kind: kind.into(),
            name: None,
            format: None,
            top: None,
            exact: false,
        }
    }

    fn config(lists: Vec<GuardList>) -> Config {
        let mut config = Config::default();
        config.guard.lists = lists;
        config
    }

    #[test]
    fn files_of_each_format_are_lists_with_name_and_version() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ranking = write("top.csv", "1,popular.example\n2,rare.example\n");
        let misp =
            write("banks.json", r#"{"type":"hostname","version":9,"list":[".bank.example"]}"#);
        let old = write("old.txt", "old.example\n");
        let config = config(vec![
            GuardList { top: Some(1), name: Some("Tranco".into()), ..list(&ranking, "popular") },
            list(&misp, "two-people"),
            GuardList { exact: true, ..list(&old, "old") },
        ]);
        let lists = lists(&config).unwrap();
        let check = |name: &str, expect: &str| {
            let target = Target::Host(Domain::parse(name).unwrap());
            let said = match lists.opinion(&target, &EmbeddedSuffixes) {
                Opinion::TwoPeople(findings) => findings[0].list.clone().unwrap().to_string(),
                other => format!("{other:?}"),
            };
            assert!(said.starts_with(expect), "{name}: {said}");
        };
        check("a.popular.example", "Tranco (popular, version ");
        check("rare.example", "Free");
        check("login.bank.example", "banks.json (two-people, version ");
        check("old.example", "old.txt (old, version ");
        check("a.old.example", "Free");
        let stated = lists.each().find(|(list, _)| list.name == "banks.json").unwrap().0;
        assert!(stated.version.ends_with("its own 9"), "{}", stated.version);
    }

    #[test]
    fn one_bad_line_refuses_all_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("never.txt");
        std::fs::write(&path, "good.example\nbad name\n").unwrap();
        let error = lists(&config(vec![list(&path, "never-block")])).unwrap_err().to_string();
        assert!(error.contains("never.txt") && error.contains("line 2"), "{error}");
        std::fs::write(&path, "good.example\n").unwrap();
        let error = lists(&config(vec![list(&path, "never")])).unwrap_err().to_string();
        assert!(error.contains("guard.lists names the kind \"never\""), "{error}");
        let odd = GuardList { format: Some("xml".into()), ..list(&path, "never-block") };
        assert!(lists(&config(vec![odd])).unwrap_err().to_string().contains("plain, tranco, misp"));
    }
}
