//! A real Chromium without a window, for tests of pages: it goes to addresses of this
//! machine only, presses keys, has a passkey of its own, and tells what went wrong.
//!
//! A failure to drive it is a panic: a test that can't go on stops there.

mod pipe;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::browser::pipe::Pipe;
use crate::peer::peer;

/// How long a page may take to become what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    pipe: Pipe,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// Starts one with its profile in `folder`; `None`, with the skip recorded, where
    /// Chromium is not installed.
    pub fn start(folder: &Path) -> Option<Self> {
        let program = peer("chromium")?;
        let profile = folder.join("chromium");
        fs::create_dir_all(&profile).expect("a folder for the browser's profile");
        let arguments = [
            "--headless=new".into(),
            "--remote-debugging-pipe".into(),
            // Everything that it opens is ours, and the kernel's sandbox needs another user.
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--hide-scrollbars".into(),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1".into(),
            format!("--user-data-dir={}", profile.display()),
            "about:blank".into(),
        ];
        let mut pipe = Pipe::start(&program, &arguments).expect("Chromium starts");
        let target = pipe.ask("", "Target.createTarget", &json!({ "url": "about:blank" }));
        let target = target.expect("a page")["targetId"].clone();
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = pipe.ask("", "Target.attachToTarget", &attach).expect("a session");
        let session = attached["sessionId"].as_str().expect("its id").to_owned();
        let mut browser = Self { pipe, session, profile };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Gives it a passkey device that agrees at once to all it is asked.
    pub fn add_passkey_device(&mut self) {
        self.ask("WebAuthn.enable", json!({}));
        let device = json!({ "options": { "protocol": "ctap2", "transport": "internal",
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true } });
        self.ask("WebAuthn.addVirtualAuthenticator", device);
    }

    /// Opens `url` and waits until it is all there.
    pub fn open(&mut self, url: &str) {
        let answer = self.ask("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.until("document.readyState === 'complete'");
    }

    /// What an expression of the page's script is.
    pub fn value(&mut self, script: &str) -> Value {
        self.try_value(script).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until an expression is true; a page that is just changing is asked again.
    pub fn until(&mut self, script: &str) {
        let start = Instant::now();
        while !matches!(self.try_value(script), Ok(Value::Bool(true))) {
            if start.elapsed() > PATIENCE {
                let seen = self.try_value("location.href + '\\n' + document.body.innerText");
                panic!("not until {script}, at {}", seen.unwrap_or_default());
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Presses what `selector` finds, and waits for the page that follows to be `then`.
    pub fn press(&mut self, selector: &str, then: &str) {
        let script = format!("document.querySelector({}).click() ?? true", Value::from(selector));
        self.value(&script);
        self.until(then);
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key by its name: `j`, `Tab`, `Enter`.
    pub fn key(&mut self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Tab" => ("", 9),
            " " => (" ", 32),
            key => (key, 0),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.ask(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code }),
            );
        }
    }

    /// Makes the page so wide and high, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": width < 600 });
        self.ask("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Has the page in dark or light.
    pub fn dark(&mut self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.ask("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// A picture of the whole page, to `file`.
    pub fn picture(&mut self, file: &Path) {
        let what = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.ask("Page.captureScreenshot", what);
        let png = picture["data"].as_str().and_then(|data| BASE64.decode(data.as_bytes()).ok());
        fs::write(file, png.expect("a picture")).expect("the picture is written");
    }

    /// Script errors, refusals of the content security policy, and requests to other hosts
    /// than `host`, since the last time.
    pub fn problems(&mut self, host: &str) -> Vec<String> {
        self.pipe.listen(Duration::from_millis(50));
        let events = std::mem::take(&mut self.pipe.events);
        events.iter().filter_map(|event| problem(event, host)).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "made where it is asked")]
    fn ask(&mut self, method: &str, what: Value) -> Value {
        let session = self.session.clone();
        self.pipe.ask(&session, method, &what).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_value(&mut self, script: &str) -> Result<Value, String> {
        let what = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let session = self.session.clone();
        let answer = self.pipe.ask(&session, "Runtime.evaluate", &what);
        let answer = answer.map_err(|error| error.to_string())?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.pipe.ask("", "Browser.close", &json!({}));
        let _ = fs::remove_dir_all(&self.profile);
    }
}

fn problem(event: &Value, host: &str) -> Option<String> {
    let details = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(format!("script: {}", details["exceptionDetails"])),
        "Log.entryAdded" if details["entry"]["level"] == "error" => {
            let text = details["entry"]["text"].as_str().unwrap_or_default();
            // A refusal that a test asks for is no fault of the page.
            (!text.contains("the server responded with a status of 4"))
                .then(|| format!("log: {text}"))
        }
        "Network.requestWillBeSent" => {
            let url = details["request"]["url"].as_str().unwrap_or_default();
            let rest = url.split_once("://").map(|(_, rest)| rest);
            let to = rest.map(|rest| rest.split('/').next().unwrap_or_default());
            to.filter(|to| *to != host).map(|_| format!("request to {url}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "made where it is checked")]
    fn check(event: Value, expect: Option<&str>) {
        let found = problem(&event, "localhost:1");
        assert_eq!(found.is_some(), expect.is_some(), "{event}");
        assert!(found.unwrap_or_default().contains(expect.unwrap_or_default()), "{event}");
    }

    #[test]
    fn what_is_wrong_with_a_page_is_told() {
        let request = |url: &str| json!({ "method": "Network.requestWillBeSent", "params": { "request": { "url": url } } });
        check(request("http://localhost:1/x"), None);
        check(request("data:,x"), None);
        check(request("https://evil.example/x"), Some("evil.example"));
        check(json!({ "method": "Runtime.exceptionThrown", "params": {} }), Some("script"));
        let log = |text: &str| {
            let entry = json!({ "level": "error", "text": text });
            json!({ "method": "Log.entryAdded", "params": { "entry": entry } })
        };
        check(log("Refused to run"), Some("Refused"));
        check(log("the server responded with a status of 403 ()"), None);
        check(json!({ "id": 7 }), None);
    }

    #[test]
    fn a_page_is_opened_pressed_and_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let Some(mut browser) = Browser::start(folder.path()) else { return };
        let head = "<meta name=viewport content=width=device-width><title>t</title>";
        let press = "<button onclick=\"document.title='u'\">x";
        browser.open(&format!("data:text/html,{head}{press}"));
        assert_eq!(browser.value("document.title"), "t");
        browser.press("button", "document.title === 'u'");
        browser.resize(320, 640);
        assert_eq!(browser.value("innerWidth"), 320);
        let file = folder.path().join("page.png");
        browser.picture(&file);
        assert!(fs::read(file).unwrap().starts_with(b"\x89PNG"));
        assert_eq!(browser.problems("nowhere"), [""; 0]);
    }
}
