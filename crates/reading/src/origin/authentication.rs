//! Authentication-Results (RFC 8601): what a server says it verified. Whether that
//! server is to be believed is not decided here.

use serde::{Deserialize, Serialize};

/// One result of one method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The server that verified; some leave themselves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `spf`, `dkim`, `dmarc`, …
    pub method: String,
    /// `pass`, `fail`, `none`, …
    pub result: String,
    /// What was verified: `smtp.mailfrom` and its value, and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(String, String)>,
}

/// Properties kept of one result.
const PROPERTIES_MAX: usize = 10;

/// Reads one field.
pub(super) fn results(field: &str) -> Vec<Authentication> {
    let mut server = None;
    let mut found = Vec::new();
    for (number, part) in parts(field).iter().enumerate() {
        let mut words = part.split_whitespace();
        let Some(first) = words.next() else {
            continue;
        };
        let Some((method, result)) = first.split_once('=') else {
            // The server's name stands first, with an optional version.
            if number == 0 {
                server = Some(first.to_ascii_lowercase());
            }
            continue;
        };
        let properties = words
            .filter_map(|word| word.split_once('='))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"').to_owned()));
        found.push(Authentication {
            server: server.clone(),
            method: method.split('/').next().unwrap_or(method).to_ascii_lowercase(),
            result: result.to_ascii_lowercase(),
            properties: properties.take(PROPERTIES_MAX).collect(),
        });
    }
    found
}

/// The field at its semicolons, without comments.
fn parts(field: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted) = (0_usize, false);
    for c in field.chars() {
        match c {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            ';' if depth == 0 && !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if depth == 0
            && let Some(part) = parts.last_mut()
        {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::results;

    fn check(field: &str, expect: &[&str]) {
        let got: Vec<_> = results(field)
            .into_iter()
            .map(|r| {
                let properties: Vec<_> =
                    r.properties.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                let server = r.server.unwrap_or_default();
                format!("{server} {}={}{}", r.method, r.result, properties.concat())
            })
            .collect();
        assert_eq!(got, expect, "{field}");
    }

    #[test]
    fn results_are_read_with_what_they_verified() {
        check(
            "MX.example 1; spf=pass (sender IP is 192.0.2.1; ok) smtp.mailfrom=a.example;\r\n \
             dkim=fail reason=\"bad; signature\" header.d=b.example; dmarc=none action=none",
            &[
                "mx.example spf=pass smtp.mailfrom=a.example",
                "mx.example dkim=fail reason=bad; header.d=b.example",
                "mx.example dmarc=none action=none",
            ],
        );
        check(
            "spf=none smtp.mailfrom=a.example;dkim=none",
            &[" spf=none smtp.mailfrom=a.example", " dkim=none"],
        );
        check("mx.example; none", &[]);
        check("", &[]);
        check("((((;;;;", &[]);
    }
}
