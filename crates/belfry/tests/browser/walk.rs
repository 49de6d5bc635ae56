//! The way from the first link to the first confirmed block, as docs/console.md writes it
//! down: by what the screens say, word for word, and nothing else.

use crate::stage::Stage;

/// The page says this.
fn says(stage: &mut Stage, words: &str) {
    let script = format!("document.body.innerText.includes({})", serde_json::Value::from(words));
    stage.browser.until(&script);
}

/// Presses what bears these words.
fn press(stage: &mut Stage, words: &str) {
    let script = format!(
        "[...document.querySelectorAll('a, button')].find(e => e.innerText.trim().startsWith({})).click() ?? true",
        serde_json::Value::from(words)
    );
    stage.browser.value(&script);
}

#[test]
fn who_never_saw_it_gets_to_the_first_block_by_what_the_screens_say() {
    let Some(mut stage) = Stage::set() else { return };
    let link = stage.hub.command(&["person", "invite", "root", "--role", "admin"]).unwrap();
    stage.browser.resize(1400, 900);
    stage.browser.add_passkey_device();
    stage.open("/console/sign-in?lang=en");
    stage.browser.open(link.trim());
    says(&mut stage, "Make your passkey");
    stage.browser.until("!document.querySelector('[data-passkey]').disabled");
    press(&mut stage, "Make a passkey");
    says(&mut stage, "Nothing to do here.");
    stage.picture("walk-1-empty-queue");
    stage.open("/");
    press(&mut stage, "Report");
    says(&mut stage, "Did you click, type something or pay?");
    press(&mut stage, "No, nothing");
    says(&mut stage, "The link or the text");
    stage.browser.value("document.querySelector('#text').focus() ?? true");
    stage.browser.write("https://mijn.pakket-kosten.example/betaal");
    stage.browser.until("document.querySelector('[name=solution]').value !== ''");
    std::thread::sleep(std::time::Duration::from_millis(1_600));
    press(&mut stage, "Send");
    stage.browser.until("location.pathname.startsWith('/receipt/')");
    stage.picture("walk-2-receipt");
    stage.open("/console");
    says(&mut stage, "mijn[.]pakket-kosten[.]example");
    stage.picture("walk-3-queue");
    stage.browser.key("j");
    stage.browser.until("document.activeElement.matches('[data-rows] a')");
    stage.browser.key("Enter");
    says(&mut stage, "What is it?");
    says(&mut stage, "The guard lets this block through.");
    assert!(!stage.blocked("mijn.pakket-kosten.example"));
    press(&mut stage, "Phishing");
    says(&mut stage, "Blocked. Below you see when it took hold at each operator.");
    stage.until_blocked("mijn.pakket-kosten.example", true);
    // The page says by itself that an operator has it, and shows it on a press.
    stage.browser.until("!document.querySelector('[data-live]').hidden");
    stage.browser.key("r");
    says(&mut stage, "local:gate");
    stage.picture("walk-4-blocked");
    stage.check();
}
