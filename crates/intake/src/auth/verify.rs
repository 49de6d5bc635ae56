//! The look-ups: SPF, DKIM and DMARC by `mail-auth`, and what they prove together.

use std::net::IpAddr;
use std::time::Duration;

use belfry_casebook::report::{CheckResult, Envelope, SenderCheck};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes};
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, SpfOutput,
    SpfResult,
};

use super::AuthenticationSettings;
use super::head::Head;

/// Signatures of one mail that are looked into; each costs a look-up.
const SIGNATURES_MAX: usize = 8;
/// Answers that the resolver keeps, for all mails together.
const CACHE_ENTRIES: u64 = 4_096;

/// What nothing can be said about.
const UNREADABLE: SenderCheck = SenderCheck {
    spf: CheckResult::None,
    dkim: CheckResult::PermError,
    dmarc: CheckResult::PermError,
    authentic: false,
};

/// Checks mails against DNS.
pub(super) struct Verifier {
    dns: MessageAuthenticator,
    hostname: String,
    relays: Vec<IpAddr>,
}

/// The resolver that `settings` ask for, and nothing of this machine's own.
pub(super) fn resolver(settings: &AuthenticationSettings) -> (ResolverConfig, ResolverOpts) {
    let servers = settings.resolvers.iter().map(|address| {
        let at = |mut connection: ConnectionConfig| {
            connection.port = address.port();
            connection
        };
        let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
        NameServerConfig::new(address.ip(), true, connections)
    });
    let mut options = ResolverOpts::default();
    options.ndots = 0;
    options.attempts = 1;
    options.timeout = Duration::from_secs(settings.seconds_max.div_ceil(2).max(1));
    options.cache_size = CACHE_ENTRIES;
    options.use_hosts_file = ResolveHosts::Never;
    (ResolverConfig::from_parts(None, Vec::new(), servers.collect()), options)
}

impl Verifier {
    pub(super) fn new(dns: MessageAuthenticator, hostname: &str, relays: Vec<IpAddr>) -> Self {
        Self { dns, hostname: hostname.to_owned(), relays }
    }

    /// All of it; takes as long as DNS takes.
    pub(super) async fn verify(&self, envelope: &Envelope, mail: &[u8]) -> SenderCheck {
        let bounded =
            Head::of(mail).is_some_and(|head| head.all("DKIM-Signature").count() <= SIGNATURES_MAX);
        if !bounded {
            return UNREADABLE;
        }
        let Some(message) = AuthenticatedMessage::parse(mail) else { return UNREADABLE };
        let spf = self.spf(envelope).await;
        let dkim = self.dns.verify_dkim(&message).await;
        let sender_domain = envelope.sender.as_deref().and_then(domain_of).unwrap_or_default();
        let dmarc = self
            .dns
            .verify_dmarc(DmarcParameters {
                message: &message,
                dkim_output: &dkim,
                dkim2_output: None,
                rfc5321_mail_from_domain: sender_domain,
                spf_output: &spf,
            })
            .await
            .result();
        let proven = proven(&message, &spf, &dkim, sender_domain);
        SenderCheck {
            spf: spf_word(spf.result()),
            dkim: dkim_word(&dkim),
            dmarc: dmarc_word(&dmarc),
            authentic: proven && matches!(dmarc, DmarcResult::Pass | DmarcResult::None),
        }
    }

    async fn spf(&self, envelope: &Envelope) -> SpfOutput {
        let none = SpfOutput::new(String::new());
        match &envelope.sender {
            Some(sender) if !self.relays.contains(&envelope.peer.to_canonical()) => {
                let (peer, helo) = (envelope.peer.to_canonical(), envelope.helo.as_str());
                self.dns
                    .verify_spf(SpfParameters::verify_mail_from(peer, helo, &self.hostname, sender))
                    .await
            }
            _ => none,
        }
    }
}

/// Whether SPF or a signature speaks for the one domain in From.
fn proven(
    message: &AuthenticatedMessage<'_>,
    spf: &SpfOutput,
    dkim: &[DkimOutput<'_>],
    sender_domain: &str,
) -> bool {
    // Two addresses in From, or two such fields, speak for nobody.
    let [from] = message.from.as_slice() else { return false };
    let Some(from) = domain_of(from) else { return false };
    let by_spf = spf.result() == SpfResult::Pass && aligned(sender_domain, from);
    by_spf
        || dkim.iter().any(|signed| {
            *signed.result() == DkimResult::Pass
                && signed.signature().is_some_and(|signature| {
                    let covers = |name: &String| name.eq_ignore_ascii_case("from");
                    signature.h.iter().any(covers) && aligned(&signature.d, from)
                })
        })
}

/// Whether two domains belong to one owner, as the Public Suffix List has it (DMARC's
/// relaxed alignment).
fn aligned(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Domain::parse(one), Domain::parse(other)) else { return false };
    one == other
        || matches!(
            (EmbeddedSuffixes.registrable(&one), EmbeddedSuffixes.registrable(&other)),
            (Some(one), Some(other)) if one == other
        )
}

fn domain_of(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

fn spf_word(result: SpfResult) -> CheckResult {
    match result {
        SpfResult::Pass => CheckResult::Pass,
        SpfResult::Fail => CheckResult::Fail,
        SpfResult::SoftFail => CheckResult::SoftFail,
        SpfResult::Neutral => CheckResult::Neutral,
        SpfResult::TempError => CheckResult::TempError,
        SpfResult::PermError => CheckResult::PermError,
        SpfResult::None => CheckResult::None,
    }
}

/// The best of the signatures: one that passes outweighs those that don't.
fn dkim_word(signatures: &[DkimOutput<'_>]) -> CheckResult {
    let word = |signed: &DkimOutput<'_>| match signed.result() {
        DkimResult::Pass => CheckResult::Pass,
        DkimResult::Neutral(_) => CheckResult::Neutral,
        DkimResult::Fail(_) => CheckResult::Fail,
        DkimResult::PermError(_) => CheckResult::PermError,
        DkimResult::TempError(_) => CheckResult::TempError,
        DkimResult::None => CheckResult::None,
    };
    const BEST_FIRST: [CheckResult; 5] = [
        CheckResult::Pass,
        CheckResult::TempError,
        CheckResult::Fail,
        CheckResult::PermError,
        CheckResult::Neutral,
    ];
    let words: Vec<CheckResult> = signatures.iter().map(word).collect();
    BEST_FIRST.into_iter().find(|best| words.contains(best)).unwrap_or(CheckResult::None)
}

fn dmarc_word(result: &DmarcResult) -> CheckResult {
    match result {
        DmarcResult::Pass => CheckResult::Pass,
        DmarcResult::Fail(_) => CheckResult::Fail,
        DmarcResult::TempError(_) => CheckResult::TempError,
        DmarcResult::PermError(_) => CheckResult::PermError,
        DmarcResult::None => CheckResult::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_is_by_the_registrable_domain() {
        assert!(aligned("mail.example.com", "example.com"));
        assert!(aligned("EXAMPLE.com", "example.com"));
        assert!(!aligned("example.com", "example.net"));
        assert!(!aligned("one.vercel.app", "two.vercel.app"), "a shared suffix has many owners");
        assert!(!aligned("", "") && !aligned("not a name", "not a name"));
    }
}
