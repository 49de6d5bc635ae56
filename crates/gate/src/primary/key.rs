//! A TSIG key as people write it: the form of BIND's configuration, which
//! `tsig-keygen` prints. Reads no file.

use std::str::FromStr;

use belfry_indicator::Domain;
use belfry_rpz::tsig::{Algorithm, Key};

/// A key that a primary and this gate share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneKey(pub(super) Key);

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the form at all.
    #[error(
        "not one key of the form that tsig-keygen prints: \
         key \"NAME\" {{ algorithm hmac-sha256; secret \"BASE64\"; }};"
    )]
    Form,
    /// A name that no key can have.
    #[error("{0:?} can't be the name of a key")]
    Name(String),
    /// An algorithm that is not spoken here.
    #[error("the algorithm {0:?} is not taken: hmac-sha256 or hmac-sha512 is")]
    Algorithm(String),
    /// The secret is no Base64, or nothing.
    #[error("the secret is not Base64")]
    Secret,
}

impl FromStr for ZoneKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (["key", name, "algorithm", algorithm, "secret", secret]
        | ["key", name, "secret", secret, "algorithm", algorithm]) = words[..]
        else {
            return Err(KeyError::Form);
        };
        let name = Domain::parse(name).map_err(|_| KeyError::Name(name.to_owned()))?;
        let known = Algorithm::from_name(&algorithm.to_ascii_lowercase());
        let algorithm = known.ok_or_else(|| KeyError::Algorithm(algorithm.to_owned()))?;
        let secret = data_encoding::BASE64.decode(secret.as_bytes());
        let secret = secret.ok().filter(|secret| !secret.is_empty()).ok_or(KeyError::Secret)?;
        Ok(Self(Key::new(name.to_wire(), algorithm, secret)))
    }
}

/// The words of the text, without what stands between them and without comments.
fn words(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| {
        let end = ["#", "//"].iter().filter_map(|mark| comment(line, mark)).min();
        &line[..end.unwrap_or(line.len())]
    });
    let between = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"');
    let words = code.flat_map(|line| line.split(between)).filter(|word| !word.is_empty());
    words.map(ToOwned::to_owned).collect()
}

/// Where a comment begins: a secret may hold `//` itself, but not after a blank or at the start.
fn comment(line: &str, mark: &str) -> Option<usize> {
    let begins = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices(mark).map(|(at, _)| at).find(|at| begins(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_tsig_keygen_prints_it() {
        let secret = "PDw/Pz8+//8=";
        let text = format!(
            "# made on Tuesday\nkey \"Gate.ISP.example\" {{\n\talgorithm hmac-sha256;\n\tsecret \
             \"{secret}\";\n}};\n"
        );
        let key: ZoneKey = text.parse().unwrap();
        let raw = data_encoding::BASE64.decode(secret.as_bytes()).unwrap();
        let name = Domain::parse("gate.isp.example").unwrap().to_wire();
        assert_eq!(key, ZoneKey(Key::new(name, Algorithm::Sha256, raw)));
        let line = "key a { secret \"AAAA\"; algorithm HMAC-SHA512; }; // the other order";
        assert!(line.parse::<ZoneKey>().is_ok());
        assert!(!format!("{key:?}").contains("60, 60"), "a secret in a log");
    }

    #[test]
    fn what_is_wrong_with_a_key_is_said() {
        let check = |text: &str, expected: KeyError| {
            assert_eq!(text.parse::<ZoneKey>(), Err(expected), "{text}");
        };
        check("", KeyError::Form);
        check("AAAA", KeyError::Form);
        check("key a { algorithm hmac-sha256; };", KeyError::Form);
        let two = "key a { algorithm hmac-sha256; secret \"AAAA\"; };";
        check(&format!("{two}\n{two}"), KeyError::Form);
        let md5 = "key a { algorithm hmac-md5; secret \"AAAA\"; };";
        check(md5, KeyError::Algorithm("hmac-md5".to_owned()));
        let bare = "key a { algorithm hmac-sha256; secret \"not base64\"; };";
        check(bare, KeyError::Form);
        check(&bare.replace("not base64", "?"), KeyError::Secret);
        let name = "a".repeat(64);
        check(&two.replace("key a", &format!("key {name}")), KeyError::Name(name));
    }
}
