//! Which recipients are ours.

/// The addresses and domains that we take mail for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipients {
    accepted: Vec<String>,
}

impl Recipients {
    /// Entries with an `@` are addresses, the others domains; none takes anyone.
    pub(crate) fn new(accepted: &[String]) -> Self {
        Self { accepted: accepted.iter().map(|entry| entry.to_lowercase()).collect() }
    }

    /// Whether `address` is one of them. `postmaster` always is (RFC 5321, 4.5.1).
    pub(crate) fn accept(&self, address: &str) -> bool {
        if self.accepted.is_empty() || address.eq_ignore_ascii_case("postmaster") {
            return true;
        }
        let address = address.to_lowercase();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        self.accepted.iter().any(|entry| {
            if entry.contains('@') { *entry == address } else { Some(entry.as_str()) == domain }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accepted: &[&str], address: &str, expected: bool) {
        let accepted: Vec<String> = accepted.iter().map(ToString::to_string).collect();
        assert_eq!(Recipients::new(&accepted).accept(address), expected, "{accepted:?} {address}");
    }

    #[test]
    fn addresses_and_domains_are_told_apart() {
        check(&[], "anyone@anywhere.example", true);
        check(&["csirt.example"], "Report@CSIRT.example", true);
        check(&["csirt.example"], "report@sub.csirt.example", false);
        check(&["csirt.example"], "csirt.example", false);
        check(&["csirt.example"], "a@csirt.example@evil.example", false);
        check(&["report@csirt.example"], "report@csirt.example", true);
        check(&["report@csirt.example"], "other@csirt.example", false);
        check(&["csirt.example"], "postmaster", true);
    }
}
