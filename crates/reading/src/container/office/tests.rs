//! Documents made here as Office makes them.

use proptest::prelude::*;

use super::{is_office, read};
use crate::container::zip::list;
use crate::container::zip::tests::deflated;

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// `Id`, type and target outside of the document, as a relationship.
fn relation(id: &str, kind: &str, target: &str) -> String {
    format!(
        "<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\" \
         TargetMode=\"External\"/>"
    )
}

/// A letter with a link of each kind, a picture and a macro.
pub(crate) fn docx(picture: &[u8]) -> Vec<u8> {
    let document = "<w:document><w:body><w:p><w:r><w:t>Your parcel waits.</w:t></w:r></w:p><w:p>\
        <w:hyperlink r:id=\"rId4\"><w:r><w:t>Pay the fee</w:t></w:r></w:hyperlink></w:p>\
        <w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> HYPERLINK \
        \"https://field.example.org/\" </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
        <w:r><w:t>by field</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>\
        <w:p><w:r><w:t>or https://text.example.org/x</w:t></w:r></w:p></w:body></w:document>";
    let relations = [
        relation("rId4", "hyperlink", "https://evil.example.org/pay?a=1&amp;b=2"),
        relation("rId5", "hyperlink", "https://unused.example.org/"),
    ];
    let template = relation("rId1", "attachedTemplate", "https://template.example.org/t.dotm");
    deflated(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", relations.concat().as_bytes()),
        ("word/_rels/settings.xml.rels", template.as_bytes()),
        ("word/media/image1.png", picture),
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    ])
}

/// A table with a link that a cell has, and one that a formula makes.
pub(crate) fn xlsx() -> Vec<u8> {
    let sheet = "<worksheet><sheetData><row><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\"><f>HYPERLINK(\
        \"https://formula.example.org/\",\"x\")</f><v>see</v></c></row></sheetData><hyperlinks>\
        <hyperlink ref=\"A1\" r:id=\"rId1\"/></hyperlinks></worksheet>";
    let relations = relation("rId1", "hyperlink", "https://evil.example.org/");
    deflated(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/_rels/sheet1.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", b"<sst><si><t>Open the invoice</t></si></sst>"),
    ])
}

/// Slides, the tenth before the second in the archive.
pub(crate) fn pptx() -> Vec<u8> {
    let slide = |text: &str| {
        format!(
            "<p:sld><p:sp><p:txBody><a:p><a:r><a:rPr><a:hlinkClick r:id=\"rId2\"/></a:rPr>\
             <a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:sld>"
        )
    };
    let of = |host: &str| relation("rId2", "hyperlink", &format!("https://{host}.example.org/"));
    deflated(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("ppt/slides/slide10.xml", slide("Last").as_bytes()),
        ("ppt/slides/slide2.xml", slide("Second").as_bytes()),
        ("ppt/slides/_rels/slide10.xml.rels", of("ten").as_bytes()),
        ("ppt/slides/_rels/slide2.xml.rels", of("two").as_bytes()),
    ])
}

/// A text document of OpenDocument.
pub(crate) fn odt() -> Vec<u8> {
    let content = "<office:document-content><text:p>Please <text:a xlink:href=\"https://evil.example.org/\">\
                   confirm</text:a></text:p></office:document-content>";
    deflated(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn a_letter_is_its_text_with_anchors() {
    let found = read(&docx(b"\x89PNG"), 1 << 20, 1 << 20);
    assert_eq!(
        found.html,
        "<p>Your parcel waits.</p><p><a href=\"https://evil.example.org/pay?a=1&amp;b=2\">Pay the fee</a>\
         </p><p><a href=\"https://field.example.org/\">by field</a></p><p>or https://text.example.org/x\
         </p></a>\n<link href=\"https://template.example.org/t.dotm\">\
         <a href=\"https://unused.example.org/\"></a>"
    );
    assert_eq!(found.pictures, [("image1.png".to_owned(), b"\x89PNG".to_vec())]);
    let problems: Vec<_> = found.problems.iter().map(|(_, why)| why.as_str()).collect();
    assert_eq!(problems, ["it holds macros, which are not read"]);
}

#[test]
fn tables_slides_and_open_documents_are_too() {
    let html = |document: &[u8]| read(document, 1 << 20, 1 << 20).html;
    assert_eq!(
        html(&xlsx()),
        "<p><a href=\"https://evil.example.org/\">Open the invoice</a> \
         <a href=\"https://formula.example.org/\">see</a> "
    );
    assert_eq!(
        html(&pptx()),
        "<p><a href=\"https://two.example.org/\">Second</a></p></a>\n\
         <p><a href=\"https://ten.example.org/\">Last</a></p></a>\n"
    );
    assert_eq!(
        html(&odt()),
        "<p>Please <a href=\"https://evil.example.org/\">confirm</a></p></a>\n"
    );
}

#[test]
fn documents_are_told_from_archives() {
    for document in [docx(b""), xlsx(), pptx(), odt()] {
        assert!(is_office(&list(&document)));
    }
    let archive = deflated(&[("[Content_Types].xml", b""), ("a.html", b"")]);
    assert!(!is_office(&list(&archive)));
}

#[test]
fn what_is_unpacked_is_bounded_and_told() {
    let bomb = vec![b' '; 4 << 20];
    let document = deflated(&[
        ("[Content_Types].xml", b""),
        ("word/document.xml", &bomb),
        ("word/footer1.xml", b"<w:t>foot</w:t>"),
    ]);
    let found = read(&document, 1 << 20, 1 << 20);
    assert_eq!(found.inflated, 1 << 20);
    assert!(found.problems[0].1.contains("would come out of it"), "{:?}", found.problems);
    let text = format!("<w:t>{}</w:t>", "a ".repeat(10_000));
    let document =
        deflated(&[("[Content_Types].xml", b""), ("word/document.xml", text.as_bytes())]);
    let found = read(&document, 1 << 20, 1_000);
    assert!(found.html.len() <= 1_000 && found.problems[0].1.contains("longer than 1000"));
    let many: Vec<_> = (0..900).map(|n| format!("word/{n}.xml")).collect();
    let files = many.iter().map(|name| (name.as_str(), &b"<w:t>x</w:t>"[..]));
    let found = read(&deflated(&files.collect::<Vec<_>>()), 1 << 20, 1 << 20);
    assert!(found.problems[0].1.contains("more than 600 files"), "{:?}", found.problems);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damage_is_no_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        for mut document in [docx(b"png"), xlsx()] {
            for (at, byte) in &edits {
                let at = at.index(document.len());
                document[at] = *byte;
            }
            let found = read(&document, 1 << 16, 1 << 16);
            assert!(found.inflated <= 1 << 16);
        }
    }
}
