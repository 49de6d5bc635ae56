//! What stands on a page: asked for by a script of ours in a world of its own, where the
//! page's scripts can't change what our script finds.

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CreateIsolatedWorldParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{EvaluateParams, TimeDelta};
use chromiumoxide::page::ScreenshotParams;
use serde::Deserialize;

use crate::bounds::{
    FIELDS_MAX, FORMS_MAX, PICTURE_BYTES_MAX, TEXT_CHARS_MAX, WORDS_CHARS_MAX, shortened,
};
use crate::capture::{Field, Form};

/// Finds title, text and forms; its own bounds keep the answer small.
const SCRIPT: &str = include_str!("collect.js");
/// How long the script may run, in milliseconds.
const SCRIPT_MS_MAX: f64 = 2_000.0;

/// What the script answers.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Collected {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) forms: Vec<Found>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    action: String,
    method: String,
    fields: Vec<FoundField>,
}

#[derive(Debug, Deserialize)]
struct FoundField {
    kind: String,
    name: String,
    label: String,
}

/// Title, text and forms; nothing where the page does not answer.
pub(crate) async fn collect(page: &Page) -> Option<Collected> {
    let frame = page.mainframe().await.ok()??;
    let world = page.execute(CreateIsolatedWorldParams::new(frame)).await.ok()?;
    let ask = EvaluateParams::builder()
        .expression(SCRIPT)
        .context_id(world.result.execution_context_id)
        .return_by_value(true)
        .timeout(TimeDelta::new(SCRIPT_MS_MAX))
        .build()
        .ok()?;
    let answer = page.execute(ask).await.ok()?;
    serde::Deserialize::deserialize(answer.result.result.value.clone()?).ok()
}

/// The window as PNG; nothing where the page does not draw or the picture is too large.
pub(crate) async fn picture(page: &Page) -> Option<Vec<u8>> {
    let window = ScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build();
    let png = page.screenshot(window).await.ok()?;
    (png.len() <= PICTURE_BYTES_MAX).then_some(png)
}

/// The forms as a capture keeps them; `landed` is the page they stood on.
pub(crate) fn forms(found: Vec<Found>, landed: &str) -> Vec<Form> {
    let host = |text: &str| {
        url::Url::parse(text).ok().and_then(|url| url.host_str().map(ToOwned::to_owned))
    };
    let here = host(landed);
    let form = |found: Found| {
        let fields: Vec<Field> = found.fields.iter().take(FIELDS_MAX).map(field).collect();
        let there = host(&found.action);
        Form {
            elsewhere: there.is_some() && there != here,
            password: fields.iter().any(|field| field.kind == "password"),
            action: shortened(&found.action, WORDS_CHARS_MAX),
            method: shortened(&found.method, 16),
            fields,
        }
    };
    found.into_iter().take(FORMS_MAX).map(form).collect()
}

fn field(found: &FoundField) -> Field {
    Field {
        kind: shortened(&found.kind, 40),
        name: shortened(&found.name, 100),
        label: shortened(found.label.trim(), 200),
    }
}

impl Collected {
    /// Within the bounds, whatever a page did to the script.
    pub(crate) fn bounded(mut self) -> Self {
        self.title = shortened(&self.title, WORDS_CHARS_MAX);
        self.text = shortened(&self.text, TEXT_CHARS_MAX);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_posts_to_another_host_says_so() {
        let found = |action: &str| Found {
            action: action.to_owned(),
            method: "post".to_owned(),
            fields: vec![FoundField {
                kind: "password".to_owned(),
                name: "pin".to_owned(),
                label: " PIN ".to_owned(),
            }],
        };
        let all = [found("https://evil.test/a"), found("https://drop.test/"), found("")];
        let forms = forms(all.into(), "https://evil.test/login");
        assert_eq!(forms.iter().map(|f| f.elsewhere).collect::<Vec<_>>(), [false, true, false]);
        assert!(forms.iter().all(|form| form.password));
        assert_eq!(forms[0].fields[0].label, "PIN");
    }

    #[test]
    fn what_a_page_says_is_cut() {
        let collected = Collected { text: "x".repeat(TEXT_CHARS_MAX + 5), ..Collected::default() };
        assert_eq!(collected.bounded().text.len(), TEXT_CHARS_MAX);
    }
}
