//! Parts of documents and the HTML that they become.

use proptest::prelude::*;

use super::write;
use crate::container::office::markup::Markup;
use crate::container::office::relations::Relations;

fn html(part: &str, xml: &str) -> String {
    let mut relations = Relations::default();
    let rels = "<Relationship Id='r1' Type='x/hyperlink' TargetMode='External' \
                Target='https://a.example/'/>";
    relations.add("word/_rels/document.xml.rels", rels);
    let mut out = Markup::new(10_000);
    write(xml, part, &mut relations, &mut out);
    out.finish().strip_suffix("</a>\n").unwrap().to_owned()
}

fn check(xml: &str, expect: &str) {
    assert_eq!(html("word/document.xml", xml), expect, "{xml}");
}

#[test]
fn links_of_word_are_anchors() {
    check(
        "<w:p><w:r><w:t>Dear &lt;you&gt;</w:t></w:r><w:hyperlink r:id='r1'><w:r><w:t>Pay</w:t>\
         </w:r></w:hyperlink><w:t>!</w:t></w:p>",
        "<p>Dear &lt;you&gt;<a href=\"https://a.example/\">Pay</a>!</p>",
    );
    check("<w:hyperlink w:anchor='x'><w:t>up</w:t></w:hyperlink>", "up");
    check(
        "<w:r><w:fldChar w:fldCharType='begin'/><w:instrText> HYPER</w:instrText>\
         <w:instrText>LINK \"https://b.example/\"</w:instrText><w:fldChar w:fldCharType='separate'/>\
         <w:t>Open</w:t><w:fldChar w:fldCharType='end'/><w:t>.</w:t></w:r>",
        "<a href=\"https://b.example/\">Open</a>.",
    );
    check(
        "<w:fldSimple w:instr='HYPERLINK &quot;https://b.example/&quot;'><w:t>x</w:t></w:fldSimple>y",
        "<a href=\"https://b.example/\">x</a>",
    );
}

#[test]
fn links_of_shapes_and_runs_are_anchors() {
    check(
        "<w:drawing><wp:docPr descr='Pay now'><a:hlinkClick r:id='r1'/></wp:docPr><a:blip/>\
         </w:drawing><w:t>after</w:t>",
        "<a href=\"https://a.example/\"><img alt=\"Pay now\"></a>after",
    );
    check(
        "<a:r><a:rPr><a:hlinkClick r:id='r1'/></a:rPr><a:t>Click</a:t></a:r><a:r><a:t> me</a:t></a:r>",
        "<a href=\"https://a.example/\">Click</a> me",
    );
    check(
        "<v:shape href='https://c.example/'><v:imagedata r:id='r9'/></v:shape>",
        "<a href=\"https://c.example/\"><img alt=\"\"></a>",
    );
}

#[test]
fn text_of_open_document_stands_in_its_paragraphs() {
    assert_eq!(
        html(
            "content.xml",
            "<text:h>Hi</text:h>no<text:p>a<text:a xlink:href='https://a.example/'>b</text:a>\
             <text:s/>c</text:p>"
        ),
        "<p>Hi</p><p>a<a href=\"https://a.example/\">b</a> c</p>"
    );
}

#[test]
fn output_is_bounded_whatever_nests() {
    let deep = "<w:p><w:t>".repeat(50_000);
    let mut out = Markup::new(10_000);
    write(&deep, "word/document.xml", &mut Relations::default(), &mut out);
    assert!(out.full && out.finish().len() <= 10_000);
}

proptest! {
    #[test]
    fn any_tags_are_written(pieces in prop::collection::vec(prop::sample::select(vec![
        "<w:p>", "</w:p>", "<w:t>", "</w:t>", "<w:hyperlink r:id='r1'>", "<a:hlinkClick r:id='r1'/>",
        "<a:r>", "</a:r>", "<pic>", "<fldChar fldCharType='begin'/>", "<fldChar fldCharType='end'/>",
        "<fldChar fldCharType='separate'/>", "<instrText>HYPERLINK x", "<blip/>", "</x>", "text",
    ]), 0..60)) {
        html("word/document.xml", &pieces.concat());
    }
}
