//! The HTML of a mail as a person may look at it: parsed as browsers do, and written again
//! with what only looks. No script, form, frame, style sheet, address or picture is left:
//! nothing in it can be clicked, loaded or run. What serves it forbids all that once more.
//!
//! It runs in the reader's child only.

use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use belfry_indicator::Secrets;
use mail_parser::{Message, MessageParser, PartType};

/// Octets of HTML that are looked at; more is no letter.
const HTML_BYTES_MAX: usize = 1 << 20;
/// Messages within messages.
const DEPTH_MAX: usize = 8;
/// Fields that name the people of a message.
const PEOPLE: [&str; 7] =
    ["to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to"];
/// How the subject of a forwarded mail begins.
const FORWARDED: [&str; 6] = ["fw:", "fwd:", "tr:", "wg:", "doorst:", "i:"];

/// Attributes that only change how something looks or is read aloud.
const LOOKS: [&str; 14] = [
    "align",
    "valign",
    "bgcolor",
    "color",
    "width",
    "height",
    "border",
    "cellpadding",
    "cellspacing",
    "colspan",
    "rowspan",
    "dir",
    "lang",
    "style",
];

/// Styles that can hide nothing, leave no place and load nothing.
const STYLES: [&str; 24] = [
    "color",
    "background-color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "line-height",
    "text-align",
    "text-decoration",
    "text-transform",
    "vertical-align",
    "padding",
    "padding-top",
    "padding-right",
    "padding-bottom",
    "padding-left",
    "border",
    "border-top",
    "border-bottom",
    "border-color",
    "border-width",
    "border-style",
    "border-radius",
    "direction",
];

/// The HTML of the innermost message that has some; `redacted`, without those it was sent to.
pub(super) fn of_mail(bytes: &[u8], redacted: bool) -> Option<String> {
    let message = MessageParser::default().parse(bytes)?;
    let mut levels = vec![&message];
    while let Some(inner) = levels.last().and_then(|message| inner(message))
        && levels.len() < DEPTH_MAX
    {
        levels.push(inner);
    }
    let html = levels.iter().rev().find_map(|message| html(message))?;
    let page = harmless(html);
    if !redacted {
        return Some(page);
    }
    let people = people(&levels);
    let secrets = Secrets::new(people.iter().map(String::as_str));
    Some(secrets.redact_text(&page).into_owned())
}

fn inner<'m>(message: &'m Message<'_>) -> Option<&'m Message<'m>> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    })
}

fn html<'m>(message: &'m Message<'_>) -> Option<&'m str> {
    let parts = message.html_body.iter().filter_map(|id| message.parts.get(*id as usize));
    parts
        .filter_map(|part| match &part.body {
            PartType::Html(html) => Some(html.as_ref()),
            _ => None,
        })
        .next()
}

/// Whom the mail was sent to at any level, and who forwarded it.
fn people(levels: &[&Message<'_>]) -> Vec<String> {
    let mut people = Vec::new();
    for (depth, message) in levels.iter().enumerate() {
        let subject = message.subject().unwrap_or_default().trim_start().to_lowercase();
        let forwards =
            depth + 1 < levels.len() || FORWARDED.iter().any(|start| subject.starts_with(start));
        for (name, value) in message.headers_raw() {
            let name = name.to_ascii_lowercase();
            if PEOPLE.contains(&name.as_str()) || (forwards && name == "from") {
                let words = value.split(|c: char| !(c.is_alphanumeric() || ".@_%+-'".contains(c)));
                people.extend(words.filter(|word| word.contains('@')).map(str::to_owned));
            }
        }
    }
    people
}

/// `html` written again with what only looks.
fn harmless(html: &str) -> String {
    let mut end = html.len().min(HTML_BYTES_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    Builder::default()
        .add_tags(["font"])
        .tag_attributes(HashMap::from([("img", HashSet::from(["alt"]))]))
        .generic_attributes(LOOKS.into_iter().collect())
        .filter_style_properties(STYLES.into_iter().collect())
        .url_schemes(HashSet::new())
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .attribute_filter(|_, name, value| {
            let loads = name == "style"
                && (value.contains('\\') || value.to_ascii_lowercase().contains("url"));
            (!loads).then_some(value.into())
        })
        .clean(&html[..end])
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expect: &str) {
        assert_eq!(harmless(html), expect, "{html}");
    }

    #[test]
    fn what_looks_stays_and_what_does_something_goes() {
        check("<p style='color:red;position:fixed'>a</p>", "<p style=\"color:red\">a</p>");
        check("<a href='https://evil.example/x' onclick=x()>pay</a>", "<a>pay</a>");
        check("<a href=javascript:alert(1)>pay</a>", "<a>pay</a>");
        check("<img src=http://evil.example/x.png alt=Logo onerror=x()>", "<img alt=\"Logo\">");
        check("<script>alert(1)</script><style>*{}</style>b", "b");
        check("<svg onload=alert(1)><circle/></svg>c", "c");
        check("<meta http-equiv=refresh content='0;url=http://evil.example'>d", "d");
        check("<iframe src=data:text/html,x></iframe><form action=/x><input>e</form>", "e");
        check("<base href=http://evil.example><link rel=stylesheet href=//evil.example>f", "f");
        check("<!-- [if mso]><b>x</b><![endif] -->g", "g");
        check("<p style='background-image:url(http://evil.example/i)'>h</p>", "<p>h</p>");
        check(
            "<table background=http://evil.example/i><tr><td>i</table>",
            "<table><tbody><tr><td>i</td></tr></tbody></table>",
        );
        check("<math><mtext></p><style><img src onerror=x>", "");
    }

    #[test]
    fn styles_load_nothing() {
        for style in [
            "color:url(http://evil.example)",
            "border:url(//evil.example/x) 1px",
            "border:\\75rl(//evil.example/x)",
            "font-family:x;color:URL(x)",
        ] {
            let page = harmless(&format!("<p style='{style}'>x</p>"));
            assert!(!page.to_lowercase().contains("url(") && !page.contains("evil"), "{page}");
        }
    }

    #[test]
    fn a_page_as_long_as_it_likes_is_cut() {
        let page = harmless(&"é<b>".repeat(1 << 19));
        assert!(page.len() < 16 << 20, "{}", page.len());
    }

    const FORWARD: &str = "From: ann@home.example\r\nTo: meld@csirt.example\r\nSubject: x\r\n\
        Content-Type: message/rfc822\r\n\r\nFrom: Bank <fraud@evil.example>\r\n\
        To: Ann Peeters <ann.peeters@work.example>\r\nSubject: Pay\r\nContent-Type: text/html\r\n\r\n\
        <p>Dear ann.peeters@work.example, write to help@evil.example</p>";

    #[test]
    fn the_innermost_mail_is_shown_without_whom_it_was_sent_to() {
        let page = of_mail(FORWARD.as_bytes(), true).unwrap();
        assert!(!page.contains("ann.peeters@work.example"), "{page}");
        assert!(page.contains("help@evil.example"), "the fraud's own addresses stay: {page}");
        let whole = of_mail(FORWARD.as_bytes(), false).unwrap();
        assert_eq!(whole, "<p>Dear ann.peeters@work.example, write to help@evil.example</p>");
    }

    #[test]
    fn who_forwards_a_mail_in_the_text_is_taken_out_too() {
        let mail = "From: ann@home.example\r\nTo: meld@csirt.example\r\nSubject: FW: Pay\r\n\
            Content-Type: text/html\r\n\r\n<p>To: ann@home.example</p>";
        assert!(!of_mail(mail.as_bytes(), true).unwrap().contains("ann@home"));
        let own = mail.replace("FW: ", "");
        assert!(of_mail(own.as_bytes(), true).unwrap().contains("ann@home"), "its sender stays");
    }

    #[test]
    fn what_has_no_html_has_no_page() {
        for mail in ["", "\r\n\r\n", "Subject: x\r\n\r\ntext", "Content-Type: text/html"] {
            let page = of_mail(mail.as_bytes(), true);
            assert!(page.as_deref().unwrap_or_default().is_empty(), "{mail:?}: {page:?}");
        }
    }
}
