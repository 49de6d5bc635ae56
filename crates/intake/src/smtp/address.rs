//! Which recipients are ours.

/// The addresses and domains that we take mail for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipients {
    accepted: Vec<String>,
}

/// Why a recipient is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted<'a> {
    /// Anyone is, or it is the postmaster.
    Anyway,
    /// This entry of the configuration names it. It is ours, and names no person.
    By(&'a str),
}

impl Recipients {
    /// Entries with an `@` are addresses, the others domains; none takes anyone.
    pub(crate) fn new(accepted: &[String]) -> Self {
        Self { accepted: accepted.iter().map(|entry| entry.to_lowercase()).collect() }
    }

    /// By which entry `address` is one of them. `postmaster` always is (RFC 5321, 4.5.1).
    pub(crate) fn accept(&self, address: &str) -> Option<Accepted<'_>> {
        if self.accepted.is_empty() || address.eq_ignore_ascii_case("postmaster") {
            return Some(Accepted::Anyway);
        }
        let address = address.to_lowercase();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        let named = self.accepted.iter().find(|entry| {
            if entry.contains('@') { **entry == address } else { Some(entry.as_str()) == domain }
        });
        named.map(|entry| Accepted::By(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accepted: &[&str], address: &str, expected: Option<Accepted<'_>>) {
        let accepted: Vec<String> = accepted.iter().map(ToString::to_string).collect();
        assert_eq!(Recipients::new(&accepted).accept(address), expected, "{accepted:?} {address}");
    }

    #[test]
    fn addresses_and_domains_are_told_apart() {
        check(&[], "anyone@anywhere.example", Some(Accepted::Anyway));
        check(&["csirt.example"], "Report@CSIRT.example", Some(Accepted::By("csirt.example")));
        check(&["csirt.example"], "report@sub.csirt.example", None);
        check(&["csirt.example"], "csirt.example", None);
        check(&["csirt.example"], "a@csirt.example@evil.example", None);
        check(
            &["report@csirt.example"],
            "report@csirt.example",
            Some(Accepted::By("report@csirt.example")),
        );
        check(&["report@csirt.example"], "other@csirt.example", None);
        check(&["csirt.example"], "postmaster", Some(Accepted::Anyway));
    }
}
