//! A hub and a browser for each test.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use belfry_testbed::client::Api;
use belfry_testbed::{Browser, Hub, wait_until};
use tempfile::TempDir;

const CONFIG: &str = "[listen]\nsmtp = [\"127.0.0.1:0\"]\nhttp = \"127.0.0.1:0\"\n\
                      metrics = \"127.0.0.1:0\"\n[transfers]\nlisten = [\"127.0.0.1:0\"]\n\
                      [follow]\nreport_seconds = 1\nsave_seconds = 1\n\
                      [guard]\ntwo_people = [\"bank.example\"]\n\
                      [gate]\nlisten = [\"127.0.0.1:0\"]\nupstreams = [\"127.0.0.1:9\"]\n\
                      warning = { ipv4 = \"127.0.0.1\" }\n[warning]\nlisten = \"127.0.0.1:0\"\n";
const PATIENCE: Duration = Duration::from_secs(60);

/// A running hub, a browser, and where pictures of pages go.
pub(crate) struct Stage {
    pub(crate) browser: Browser,
    pub(crate) hub: Rc<Hub>,
    pub(crate) host: String,
    reports: u32,
    folder: TempDir,
}

impl Stage {
    /// `None` where there is no browser.
    pub(crate) fn set() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let browser = Browser::start(folder.path())?;
        let binary = Path::new(env!("CARGO_BIN_EXE_belfry"));
        let hub = Hub::start(binary, &folder.path().join("data"), CONFIG).unwrap();
        let host = format!("localhost:{}", hub.address("http").port());
        Some(Self { browser, hub: Rc::new(hub), host, reports: 0, folder })
    }

    /// Another person with a browser and a passkey of their own, signed in at the same hub.
    pub(crate) fn second(&self, name: &str, role: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let browser = Browser::start(folder.path())?;
        let (hub, host) = (Rc::clone(&self.hub), self.host.clone());
        let mut second = Self { browser, hub, host, reports: 0, folder };
        second.sign_in(name, role);
        Some(second)
    }

    /// A warning, published by two people with browsers of their own.
    pub(crate) fn warn(&self) {
        let Some(mut writer) = self.second("writer", "approver") else { return };
        writer.open("/console/warnings?lang=en");
        let drafted = "location.search === '?said=draft'";
        writer.browser.press("main form[action='/console/warnings'] button", drafted);
        writer.check();
        let Some(mut checker) = self.second("checker", "approver") else { return };
        checker.open("/console/warnings/1?lang=en");
        let published = "location.search === '?said=published'";
        checker.browser.press("[action$='/approve'] button", published);
        checker.check();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    pub(crate) fn open(&mut self, path: &str) {
        let url = self.url(path);
        self.browser.open(&url);
    }

    /// A report of a URL by the API, read and in its case: the case's number.
    pub(crate) fn report(&mut self, url: &str) -> u64 {
        self.report_of(&serde_json::json!({ "url": url }))
    }

    /// The same, of an SMS.
    pub(crate) fn report_sms(&mut self, text: &str) -> u64 {
        self.report_of(&serde_json::json!({ "sms": { "text": text } }))
    }

    /// The same, of a mail.
    pub(crate) fn report_mail(&mut self, mail: &[u8]) -> u64 {
        self.reports += 1;
        let token = self.hub.token("reporter", &format!("reporter-{}", self.reports)).unwrap();
        let api = Api::new(self.hub.address("http"), &token);
        let sent = api.post("/api/v1/reports", "message/rfc822", mail).unwrap();
        Self::case_of(&api, &sent.json().unwrap())
    }

    fn report_of(&mut self, body: &serde_json::Value) -> u64 {
        self.reports += 1;
        let token = self.hub.token("reporter", &format!("reporter-{}", self.reports)).unwrap();
        let api = Api::new(self.hub.address("http"), &token);
        let receipt = api.post_json("/api/v1/reports", body).unwrap().json().unwrap();
        Self::case_of(&api, &receipt)
    }

    /// The case of a report, once it has been read.
    fn case_of(api: &Api, receipt: &serde_json::Value) -> u64 {
        let path = format!("/api/v1/reports/{}", receipt["receipt"].as_str().unwrap());
        let mut case = 0;
        let read = || {
            case = api.get_json(&path).unwrap()["cases"][0].as_u64().unwrap_or(0);
            case > 0
        };
        assert!(wait_until(read, PATIENCE), "the report was read");
        case
    }

    /// Signs `name` in as `role`, by a link and a passkey of this browser.
    pub(crate) fn sign_in(&mut self, name: &str, role: &str) {
        let link = self.hub.command(&["person", "invite", name, "--role", role]).unwrap();
        self.browser.resize(1400, 900);
        self.browser.add_passkey_device();
        self.browser.open(link.trim());
        self.browser.until("!document.querySelector('[data-passkey]').disabled");
        self.browser.press("[data-passkey]", "location.pathname === '/console'");
        self.browser.until("document.readyState === 'complete'");
    }

    /// Whether DNS answers with the warning page's address.
    pub(crate) fn blocked(&self, name: &str) -> bool {
        let at = self.hub.address("dns");
        dns::address(at, name).as_deref() == Some("127.0.0.1")
    }

    pub(crate) fn until_blocked(&self, name: &str, blocked: bool) {
        assert!(wait_until(|| self.blocked(name) == blocked, PATIENCE), "{name}: {blocked}");
    }

    /// No script error, nothing refused, no request elsewhere.
    pub(crate) fn check(&mut self) {
        let host = self.host.clone();
        let problems = self.browser.problems(&host);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    /// A picture of the page, where `BELFRY_PICTURES` names a folder for people to look in.
    pub(crate) fn picture(&mut self, name: &str) {
        let folder = std::env::var_os("BELFRY_PICTURES").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| self.folder.path().to_owned());
        self.browser.picture(&folder.join(format!("{name}.png")));
    }

    /// The page is no wider than the window.
    pub(crate) fn check_width(&mut self) {
        let wide = self
            .browser
            .value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, 0, "{}", self.browser.value("location.pathname"));
    }
}

mod dns {
    //! One question by `kdig`, as an operator would ask.

    use std::net::SocketAddr;
    use std::process::Command;

    use belfry_testbed::peer;

    pub(super) fn address(at: SocketAddr, name: &str) -> Option<String> {
        let kdig = peer("kdig")?;
        let output = Command::new(kdig)
            .args(["+short", "+time=2", "+retry=0", "-p", &at.port().to_string()])
            .arg(format!("@{}", at.ip()))
            .args([name, "A"])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find(|line| !line.starts_with(';')).map(str::to_owned)
    }
}
