//! `[outgoing]`: letters to reporters. Nothing is sent unless a smarthost is named.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use belfry_intake::auth::Whom;
use belfry_intake::outgoing::{Encryption, LetterSettings, Sender, Smarthost};
use belfry_web::Secret;
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError};

const LANGUAGES: [&str; 4] = ["nl", "fr", "de", "en"];

/// The keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outgoing {
    pub(crate) smarthost: Option<String>,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) sender: Option<String>,
    pub(crate) authority: String,
    pub(crate) language: String,
    pub(crate) page: Option<String>,
    pub(crate) acknowledge: bool,
    pub(crate) per_hour_max: u32,
    pub(crate) give_up_days: u32,
    pub(crate) days: u32,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self {
            smarthost: None,
            port: 587,
            encryption: Encryption::Starttls,
            ca_file: None,
            user: None,
            password_file: None,
            sender: None,
            authority: String::new(),
            language: "en".into(),
            page: None,
            acknowledge: true,
            per_hour_max: 5,
            give_up_days: 5,
            days: 30,
        }
    }
}

/// What letters need, ready to be used.
#[derive(Debug)]
pub(crate) struct Letters {
    pub(crate) smarthost: Smarthost,
    pub(crate) settings: LetterSettings,
    pub(crate) whom: Whom,
}

/// Reads what `[outgoing]` asks for; `None` where it names no smarthost.
pub(crate) fn letters(config: &Config) -> Result<Option<Letters>, ConfigError> {
    let keys = &config.outgoing;
    let Some(host) = &keys.smarthost else { return Ok(None) };
    let sender = checked(config, host)?;
    let roots = keys.ca_file.as_deref().map(read).transpose()?;
    let login = match (&keys.user, &keys.password_file) {
        (Some(user), Some(file)) => Some((user.clone(), secret(file)?)),
        _ => None,
    };
    let hostname = &config.smtp.hostname;
    let smarthost =
        Smarthost::new(host, keys.port, keys.encryption, roots.as_deref(), login, hostname)
            .map_err(|error| ConfigError::value("outgoing", format!("can't be used: {error}")))?;
    let mut own = config.smtp.recipients.clone();
    own.push(sender.address().to_owned());
    let whom = Whom { own, acknowledge: keys.acknowledge, days: keys.days };
    let settings = LetterSettings {
        sender,
        language: keys.language.clone(),
        per_hour_max: keys.per_hour_max,
        give_up: Duration::from_secs(u64::from(keys.give_up_days) * 86_400),
        days: keys.days,
        page: keys.page.clone(),
        authority: keys.authority.clone(),
    };
    Ok(Some(Letters { smarthost, settings, whom }))
}

/// What no type can say; answers the sender.
fn checked(config: &Config, host: &str) -> Result<Sender, ConfigError> {
    let keys = &config.outgoing;
    let refused = |key: &str, problem: &str| Err(ConfigError::value(key, problem));
    if config.intake.authentication.resolvers.is_empty() {
        let problem = "must name resolvers: only senders that are proven are written to";
        return refused("intake.authentication.resolvers", problem);
    }
    if keys.encryption == Encryption::None && !is_this_machine(host) {
        let problem = "may be \"none\" only for a smarthost on this machine, by 127.0.0.1 or ::1";
        return refused("outgoing.encryption", problem);
    }
    if keys.user.is_some() != keys.password_file.is_some() {
        return refused("outgoing", "needs both user and password_file, or neither");
    }
    if !LANGUAGES.contains(&keys.language.as_str()) {
        return refused("outgoing.language", "is one of nl, fr, de and en");
    }
    if keys.page.as_ref().is_some_and(|page| !is_page(page)) {
        return refused("outgoing.page", "begins with https:// and has no blanks");
    }
    let Some(sender) = &keys.sender else {
        return refused("outgoing.sender", "is needed to write letters");
    };
    sender.parse().map_err(|error| ConfigError::value("outgoing.sender", format!("{error}")))
}

fn is_this_machine(host: &str) -> bool {
    host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn is_page(page: &str) -> bool {
    page.starts_with("https://") && page.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })
}

/// The secret in a file, which nobody else may read.
pub(crate) fn secret(path: &Path) -> Result<Secret, ConfigError> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |source| ConfigError::File { path: path.to_owned(), source };
    let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = "others may read it; take their rights away with chmod 600".to_owned();
        return Err(ConfigError::Refused { path: path.to_owned(), message });
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    if text.trim().is_empty() {
        let message = "it is empty".to_owned();
        return Err(ConfigError::Refused { path: path.to_owned(), message });
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn config(keys: &str) -> Config {
        let text = format!(
            "[intake.authentication]\nresolvers = [\"127.0.0.1:53\"]\n[outgoing]\n{keys}\n"
        );
        toml::from_str(&text).unwrap()
    }

    fn refused(keys: &str) -> String {
        letters(&config(keys)).map(drop).unwrap_err().to_string()
    }

    const GOOD: &str = "smarthost = \"127.0.0.1\"\nencryption = \"none\"\n\
                        sender = \"Belfry <report@csirt.example>\"";

    #[test]
    fn nothing_is_sent_unless_a_smarthost_is_named() {
        assert!(letters(&Config::default()).unwrap().is_none());
        let ready = letters(&config(GOOD)).unwrap().unwrap();
        assert_eq!(ready.whom.own, ["report@csirt.example"]);
    }

    #[test]
    fn what_would_leak_or_fail_later_is_refused_now() {
        let check = |keys: &str, words: &str| {
            let problem = refused(keys);
            assert!(problem.contains(words), "{keys}: {problem}");
        };
        check("smarthost = \"mail.example\"\nencryption = \"none\"", "outgoing.encryption");
        check("smarthost = \"127.0.0.1\"", "outgoing.sender");
        check("smarthost = \"127.0.0.1\"\nsender = \"nobody\"", "outgoing.sender");
        check(&format!("{GOOD}\nuser = \"x\""), "password_file");
        check(&format!("{GOOD}\nlanguage = \"es\""), "outgoing.language");
        check(&format!("{GOOD}\npage = \"http://a.example/\""), "outgoing.page");
        let mut unproven = config(GOOD);
        unproven.intake.authentication.resolvers.clear();
        let problem = letters(&unproven).map(drop).unwrap_err().to_string();
        assert!(problem.contains("intake.authentication.resolvers"), "{problem}");
    }

    #[test]
    fn a_password_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "hunter2\n").unwrap();
        let mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o644);
        assert!(secret(&path).unwrap_err().to_string().contains("chmod 600"));
        mode(0o600);
        assert_eq!(secret(&path).unwrap().expose(), "hunter2");
        std::fs::write(&path, "\n").unwrap();
        assert!(secret(&path).is_err());
    }
}
