//! Scripts and the strings that are read in them.

use data_encoding::BASE64;
use proptest::prelude::*;

use super::{Piece, read};

fn check(script: &str, expect: &[Piece]) {
    assert_eq!(read(script, 1 << 20).pieces, expect, "{script}");
}

fn leads(url: &str) -> Piece {
    Piece::Leads(url.to_owned())
}

#[test]
fn where_a_script_leads_is_told_from_what_it_names() {
    let url = "https://evil.example/a?b=1";
    let coded = BASE64.encode(url.as_bytes());
    for script in [
        format!("window.location = '{url}';"),
        format!("location.href=\"{url}\""),
        format!("setTimeout(function(){{ window.location.replace(`{url}`) }}, 10)"),
        format!("location.assign(atob('{coded}'))"),
        format!("window.location.href = window.atob(\"{coded}\")"),
        "top.location='https:\\/\\/evil.example\\u002fa?b\\x3d1'".to_owned(),
        "location=decodeURIComponent('https%3A%2F%2Fevil.example%2Fa%3Fb%3D1')".to_owned(),
    ] {
        check(&script, &[leads(url)]);
    }
    check(&format!("fetch('{url}')"), &[Piece::Names(url.to_owned())]);
}

#[test]
fn what_a_script_writes_is_html_however_it_is_packed() {
    let html = "<form action=\"https://evil.example/x.php\">é</form>";
    let writes = || [Piece::Writes(html.to_owned())];
    let percent = "%3Cform%20action%3D%22https%3A//evil.example/x.php%22%3E%C3%A9%3C/form%3E";
    check(&format!("<!--\ndocument.write(unescape(\"{percent}\"));\n//-->"), &writes());
    check(&format!("document.write('{html}')"), &writes());
    let coded = BASE64.encode(html.as_bytes());
    check(&format!("var a = '{coded}'; document.write(atob(a))"), &writes());
    let twice = BASE64.encode(coded.as_bytes());
    check(&format!("eval(atob(atob('{twice}')))"), &writes());
}

#[test]
fn strings_in_pieces_and_of_codes_are_one() {
    check("location='ht' + 'tps://' + \"ev\" +'il.example/';", &[leads("https://evil.example/")]);
    check("'https://' + a + 'evil.example'", &[]);
    let codes: Vec<_> = "<a href=x>".chars().map(|c| u32::from(c).to_string()).collect();
    let written = || [Piece::Writes("<a href=x>".to_owned())];
    check(&format!("document.write(String.fromCharCode({}))", codes.join(", ")), &written());
    check("location = String.fromCharCode(0x68,0x74)", &[]);
    check("fromCharCode(60,999999999999,1)fromCharCode(", &[]);
}

#[test]
fn a_line_that_a_mail_server_folded_is_one() {
    let html = format!("<p>{}</p><a href=https://evil.example/>", "x".repeat(2_000));
    let coded = BASE64.encode(html.as_bytes());
    let folded = coded.as_bytes().chunks(990).map(|part| str::from_utf8(part).unwrap());
    let folded = folded.collect::<Vec<_>>().join("\r\n ");
    check(&format!("document.write(atob('{folded}'))"), &[Piece::Writes(html)]);
}

#[test]
fn comments_and_other_strings_are_nothing() {
    check("// don't go to 'https://a.example/'\n/* \"https://b.example/\" */", &[]);
    check("var a = 'hello there', b = \"100 % sure\", c = a < b && b > c;", &[]);
    check("'unclosed\nlocation='https://a.example/'", &[leads("https://a.example/")]);
}

#[test]
fn what_is_read_is_bounded() {
    let script = "'https://a.example/';".repeat(2_000);
    assert_eq!(read(&script, 1 << 20).pieces.len(), 1_000);
    assert_eq!(read(&script, 100).pieces.len(), 5);
}

proptest! {
    #[test]
    fn any_script_is_read(script in "[\"'`\\\\/*\n%<>a-z0-9éx=(u]{0,200}") {
        read(&script, 1 << 20);
    }
}
