//! The services whose links are seen through, each by its host and form.

use super::form::Form::{self, *};
use super::{Peeled, proofpoint};
use belfry_indicator::Url;

/// One service: hosts (a leading dot covers the names below), how its path begins,
/// and its form.
struct Service {
    name: &'static str,
    hosts: &'static [&'static str],
    path: &'static str,
    form: Form,
}

const fn service(
    name: &'static str,
    hosts: &'static [&'static str],
    path: &'static str,
    form: Form,
) -> Service {
    Service { name, hosts, path, form }
}

/// Hosts of Google's search in the countries around us. A list, and no pattern: who
/// owns `google.com.de` must not be taken for Google.
const GOOGLE: &[&str] = &[
    "www.google.com",
    "google.com",
    "www.google.be",
    "www.google.nl",
    "www.google.fr",
    "www.google.de",
    "www.google.lu",
    "www.google.co.uk",
    "www.google.ie",
    "www.google.es",
    "www.google.pt",
    "www.google.it",
    "www.google.at",
    "www.google.ch",
    "www.google.pl",
    "www.google.ca",
    "www.google.com.br",
    "www.google.com.au",
    "www.google.co.in",
    "www.google.co.jp",
    "www.google.ro",
    "www.google.gr",
    "www.google.cz",
    "www.google.hu",
    "www.google.se",
    "www.google.dk",
    "www.google.no",
    "www.google.fi",
    "images.google.com",
    "maps.google.com",
    "plus.google.com",
    "plus.url.google.com",
    "www.google.ru",
];

const SERVICES: &[Service] = &[
    // Link protectors.
    service(
        "Microsoft Safe Links",
        &[
            ".safelinks.protection.outlook.com",
            ".safelinks.protection.office365.us",
            ".safelinks.protection.outlook.cn",
        ],
        "/",
        Parameter(&["url"]),
    ),
    service(
        "Microsoft Teams",
        &["statics.teams.cdn.office.net", "statics.teams.microsoft.com"],
        "/evergreen-assets/safelinks/",
        Parameter(&["url"]),
    ),
    service(
        "Trend Micro",
        &[".trendmicro.com", ".trendmicro.eu"],
        "/wis/clicktime/",
        Parameter(&["url"]),
    ),
    service("Barracuda", &["linkprotect.cudasvc.com"], "/url", Parameter(&["a"])),
    service("Cisco", &["secure-web.cisco.com"], "/", Tail),
    service("Sophos", &[".protection.sophos.com"], "/", Base64Parameter("u")),
    service("FireEye", &[".fireeye.com", ".trellix.com"], "/v1/url", Parameter(&["u"])),
    service("FireEye", &["protect.fireeye.com", "protect2.fireeye.com"], "/url", Parameter(&["u"])),
    service("Symantec", &["clicktime.symantec.com"], "/", Parameter(&["u"])),
    service("Symantec", &["clicktime.cloud.postoffice.net"], "/", Parameter(&["u"])),
    service("Mimecast", &[".mimecast.com", ".mimecastprotect.com"], "/", HostParameter("domain")),
    service("INKY", &[".inky.com", ".inkyphishfence.com"], "/", HostParameter("domain")),
    service(
        "Check Point",
        &["protect.checkpoint.com", "url.avanan.click", ".checkpoint.com"],
        "/v",
        Underscores,
    ),
    service("Libraesva", &["urlsand.esvalabs.com", ".esvalabs.com"], "/", Parameter(&["u"])),
    service("Vade", &[".vadesecure.com"], "/", Parameter(&["u"])),
    service("EdgePilot", &["link.edgepilot.com"], "/s/", Parameter(&["u"])),
    service("Zix", &["link.zixcentral.com"], "/u/", Parameter(&["u"])),
    service("TitanHQ", &["linklock.titanhq.com"], "/", Parameter(&["url", "data"])),
    service("Bitdefender", &["linkscan.io"], "/", Parameter(&["url"])),
    service("Heimdal", &["url.heimdalsecurity.com"], "/", Parameter(&["url"])),
    service(
        "Hornetsecurity",
        &[".hornetsecurity.com", ".antispameurope.com"],
        "/",
        Parameter(&["url"]),
    ),
    service("N-able", &["link.mailassure.com"], "/", Parameter(&["url"])),
    // Redirects of large services.
    service("Google redirect", GOOGLE, "/url", Parameter(&["q", "url", "adurl"])),
    service("Google redirect", GOOGLE, "/aclk", Parameter(&["adurl"])),
    service("Google AMP", GOOGLE, "/amp/s/", PathAsHost),
    service("Google image search", GOOGLE, "/imgres", Parameter(&["imgrefurl"])),
    service(
        "Google Ads",
        &[
            "www.googleadservices.com",
            "googleads.g.doubleclick.net",
            "adclick.g.doubleclick.net",
            "ad.doubleclick.net",
        ],
        "/",
        Parameter(&["adurl"]),
    ),
    service("Google picture proxy", &[".googleusercontent.com"], "/proxy/", Fragment),
    service("Google Translate", &[".translate.goog"], "/", Translated),
    service("Google Translate", &["translate.google.com"], "/translate", Parameter(&["u"])),
    service("AMP cache", &[".cdn.ampproject.org"], "/c/s/", PathAsHost),
    service("AMP cache", &[".cdn.ampproject.org"], "/v/s/", PathAsHost),
    service("Bing redirect", &["www.bing.com", "bing.com"], "/ck/a", Base64Parameter("u")),
    service("Yahoo redirect", &["r.search.yahoo.com", "search.yahoo.com"], "/", Yahoo),
    service("DuckDuckGo redirect", &["duckduckgo.com"], "/l/", Parameter(&["uddg"])),
    service(
        "YouTube redirect",
        &["www.youtube.com", "m.youtube.com", "youtube.com"],
        "/redirect",
        Parameter(&["q"]),
    ),
    service("YouTube redirect", &["www.youtube.com"], "/attribution_link", Parameter(&["u"])),
    service(
        "Facebook redirect",
        &["l.facebook.com", "lm.facebook.com", "www.facebook.com"],
        "/l.php",
        Parameter(&["u"]),
    ),
    service("Facebook redirect", &["www.facebook.com"], "/flx/warn", Parameter(&["u"])),
    service("Instagram redirect", &["l.instagram.com"], "/", Parameter(&["u"])),
    service("WhatsApp redirect", &["l.wl.co"], "/l", Parameter(&["u"])),
    service(
        "LinkedIn redirect",
        &["www.linkedin.com", "linkedin.com"],
        "/redir/",
        Parameter(&["url"]),
    ),
    service(
        "LinkedIn redirect",
        &["www.linkedin.com", "linkedin.com"],
        "/safety/go",
        Parameter(&["url"]),
    ),
    service("TikTok redirect", &["www.tiktok.com", "tiktok.com"], "/link/", Parameter(&["target"])),
    service("VK redirect", &["vk.com", "m.vk.com", "away.vk.com"], "/away", Parameter(&["to"])),
    service("Slack redirect", &["slack-redir.net"], "/link", Parameter(&["url"])),
    service("Steam redirect", &["steamcommunity.com"], "/linkfilter", Parameter(&["u", "url"])),
    service("Reddit redirect", &["out.reddit.com"], "/", Parameter(&["url"])),
    service("Firebase link", &[".page.link", ".app.goo.gl"], "/", Parameter(&["link"])),
    // Trackers of mail services: what they count is not the case.
    service("Amazon SES", &[".awstrack.me"], "/L0/", Tail),
    service("Mandrill", &["mandrillapp.com"], "/track/click/", Mandrill),
];

/// What the link `raw`, which reads as `url`, leads to, where its host is a known
/// protector or redirect and its form holds the target.
pub(crate) fn peel(raw: &str, url: &Url) -> Option<Peeled> {
    let host = url.host().domain()?.as_str();
    if let Some(peeled) = proofpoint::peel(raw, host) {
        return Some(peeled);
    }
    let (_, _, after) = url.around_host();
    let after = &after[after.find(['/', '?', '#']).unwrap_or(after.len())..];
    let services =
        SERVICES.iter().filter(|service| service.covers(host) && after.starts_with(service.path));
    services
        .filter_map(|service| {
            Some(Peeled { by: service.name, inner: service.form.read(host, after)? })
        })
        .next()
}

impl Service {
    fn covers(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| {
            *own == host
                || (own.starts_with('.')
                    && host.strip_suffix(own).is_some_and(|rest| !rest.is_empty()))
        })
    }
}
