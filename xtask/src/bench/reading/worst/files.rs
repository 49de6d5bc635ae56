//! Files made to hurt: what unpacks to far more, nests, or claims sizes that it has not.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

use crate::command::Result;

/// A PDF whose objects are `bodies`.
pub(super) fn pdf(bodies: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut pdf = b"%PDF-1.5\n".to_vec();
    for (n, body) in bodies.enumerate() {
        pdf.extend(format!("{} 0 obj", n + 1).as_bytes());
        pdf.extend(body);
        pdf.extend(b"endobj\n");
    }
    pdf.extend(b"trailer<</Root 1 0 R>>\n");
    pdf
}

/// A stream of a PDF with these entries in its dictionary.
pub(super) fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<</Length {}{entries}>>stream\n", content.len());
    [head.as_bytes(), content, b"\nendstream "].concat()
}

/// A PDF of one page, drawn by `page`, with `images` that it need not show.
pub(super) fn page(page: Vec<u8>, images: Vec<Vec<u8>>) -> Vec<u8> {
    let fixed = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>".to_vec(),
        page,
    ];
    pdf(fixed.into_iter().chain(images))
}

/// Two gigabytes of spaces as a page's content.
pub(super) fn bomb_page() -> Result<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    spaces(&mut packer)?;
    Ok(page(stream("/Filter/FlateDecode", &packer.finish()?), Vec::new()))
}

/// Scanned images of the largest size, each a few octets that draw nothing.
pub(super) fn scans() -> Vec<u8> {
    let image = |filter: &str, content: &[u8]| {
        let entries =
            format!("/Subtype/Image/Width 20000/Height 2000/BitsPerComponent 1/Filter/{filter}");
        stream(&entries, content)
    };
    let fax = "CCITTFaxDecode/DecodeParms<</K -1/Columns 20000>>";
    let number = |n: u32| n.to_be_bytes();
    let segment = |n: u8, kind: u8, data: &[u8]| {
        let length = number(u32::try_from(data.len()).unwrap_or_default());
        [&[0, 0, 0, n, kind, 0, 1][..], &length, data].concat()
    };
    let size = [number(6_000), number(4_000)].concat();
    let jbig2 = [
        segment(0, 48, &[&size[..], &[0; 11]].concat()),
        segment(1, 38, &[&size[..], &[0; 9], &[0, 3, 255, 253, 255, 2, 254, 254, 254]].concat()),
    ];
    let images = vec![image(fax, &[0xff; 60_000]), image("JBIG2Decode", &jbig2.concat())];
    page(stream("", b""), images)
}

fn spaces(packer: &mut impl std::io::Write) -> Result {
    let block = vec![b' '; 1 << 20];
    for _ in 0..2_048 {
        packer.write_all(&block)?;
    }
    Ok(())
}

/// One file of an archive: its name, its content, and whether that is deflated already.
pub(super) struct Member<'a>(pub(super) &'a str, pub(super) Vec<u8>, pub(super) bool);

/// An archive.
pub(super) fn zip(members: &[Member<'_>]) -> Result<Vec<u8>> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for Member(name, content, deflated) in members {
        let at = u32::try_from(out.len())?.to_le_bytes();
        let words = [20_u16, 0, if *deflated { 8 } else { 0 }, 0, 0, 0, 0];
        let size = u32::try_from(content.len())?.to_le_bytes();
        let name_length = u16::try_from(name.len())?.to_le_bytes();
        let mut fields: Vec<u8> = words.into_iter().flat_map(u16::to_le_bytes).collect();
        fields.extend([&size[..], &size, &name_length, &[0, 0]].concat());
        out.extend([b"PK\x03\x04", &fields[..], name.as_bytes(), content].concat());
        central.extend([b"PK\x01\x02\x14\0", &fields[..], &[0; 10], &at, name.as_bytes()].concat());
    }
    let (at, size) = (u32::try_from(out.len())?, u32::try_from(central.len())?);
    let count = u16::try_from(members.len())?.to_le_bytes();
    let sizes = [size.to_le_bytes(), at.to_le_bytes()].concat();
    Ok([&out[..], &central, b"PK\x05\x06\0\0\0\0", &count, &count, &sizes, &[0, 0]].concat())
}

/// A Word document whose text is `xml`.
pub(super) fn letter(xml: Vec<u8>, deflated: bool, more: Vec<Member<'_>>) -> Result<Vec<u8>> {
    let mut members = vec![
        Member("[Content_Types].xml", Vec::new(), false),
        Member("word/document.xml", xml, deflated),
    ];
    members.extend(more);
    zip(&members)
}

/// Two gigabytes of spaces as the text of a letter.
pub(super) fn bomb_letter() -> Result<Vec<u8>> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    spaces(&mut packer)?;
    letter(packer.finish()?, true, Vec::new())
}

/// A letter of so many links, each a relationship.
pub(super) fn linked_letter(links: usize) -> Result<Vec<u8>> {
    let (mut xml, mut relations) = (Vec::new(), Vec::new());
    for n in 0..links {
        write!(xml, "<w:hyperlink r:id='r{n}'><w:t>x</w:t></w:hyperlink>")?;
        write!(
            relations,
            "<Relationship Id='r{n}' Type='x/hyperlink' TargetMode='External' \
             Target='https://h{n}.example.com/'/>"
        )?;
    }
    letter(xml, false, vec![Member("word/_rels/document.xml.rels", relations, false)])
}

/// Letters within letters.
pub(super) fn nested_letters(depth: usize) -> Result<Vec<u8>> {
    let mut inner = letter(b"<w:t>x</w:t>".to_vec(), false, Vec::new())?;
    for _ in 0..depth {
        let within = vec![
            Member("word/embeddings/a.docx", inner.clone(), false),
            Member("word/embeddings/b.docx", inner, false),
        ];
        inner = letter(b"<w:t>x</w:t>".to_vec(), false, within)?;
    }
    Ok(inner)
}

/// A `winmail.dat` of `count` attachments.
pub(super) fn winmail(count: usize) -> Vec<u8> {
    let attribute = |id: u32, data: &[u8]| {
        let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        let length = u32::try_from(data.len()).unwrap_or_default().to_le_bytes();
        [&[2], &id.to_le_bytes()[..], &length, data, &sum.to_le_bytes()].concat()
    };
    let one = [
        attribute(0x0006_9002, b""),
        attribute(0x0006_800f, b"<a href=https://a.example.com/>x</a>"),
    ];
    [&b"\x78\x9f\x3e\x22\x01\0"[..], &one.concat().repeat(count)].concat()
}
