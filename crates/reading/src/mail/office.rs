//! Office documents on the walk: their text is read as the HTML that it amounts to, their
//! pictures as pictures, files within them as parts.

use std::borrow::Cow;

use super::headers::Headers;
use super::walk::{At, Walk, join};
use crate::DefectKind;
use crate::container::{format, office};
use crate::document::Document;

impl Walk<'_, '_> {
    /// Reads a document; what it holds counts as within it.
    pub(super) fn office(&mut self, headers: &Headers, bytes: &[u8], at: At<'_>) {
        let name = headers.file_name.as_deref().unwrap_or("an Office document");
        let label = headers.file_name.as_deref().map(|name| format!(" {name:?}"));
        let label = format!("Office document{}", label.unwrap_or_default());
        if at.depth >= self.findings.limits.depth_max {
            let detail = format!("{label}: it nests too deep and is not read");
            return self.findings.defect(DefectKind::LimitReached, at.path, detail);
        }
        let budget = &mut self.findings.budget;
        let found = office::read(bytes, budget.inflatable(), self.findings.limits.text_bytes_max);
        budget.inflated(found.inflated);
        for (kind, problem) in found.problems {
            let detail = format!("{label}: {problem}");
            self.findings.defect(kind, at.path, detail);
        }
        self.findings.within.push(name.to_owned());
        let own = Headers { charset: Some("utf-8".to_owned()), ..Headers::default() };
        self.text(&own, found.html.as_bytes(), at, true);
        for (picture, bytes) in found.pictures {
            self.office_picture(picture, bytes, at);
        }
        for (index, (file, bytes)) in found.embedded.into_iter().enumerate() {
            let path = join(at.path, index + 1);
            if self.another_part(&path) {
                let own = Headers {
                    content_type: Some("application/octet-stream".to_owned()),
                    file_name: Some(file),
                    ..Headers::default()
                };
                self.leaf(&own, Cow::Owned(bytes), At { path: &path, depth: at.depth + 1, ..at });
            }
        }
        self.findings.within.pop();
    }

    /// Drawings of Windows (EMF, WMF) hold no code, and are left.
    fn office_picture(&mut self, name: String, bytes: Vec<u8>, at: At<'_>) {
        let format = format::sniff(&bytes);
        if format.is_picture() {
            self.documents.push(Document {
                format,
                bytes,
                part: at.path.to_owned(),
                within: self.findings.within.clone(),
                name: Some(name),
                message: at.message,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use belfry_indicator::EmbeddedSuffixes;
    use image::{GrayImage, ImageFormat, Luma};
    use qrcode::{Color, QrCode};

    use crate::container::office::tests::{docx, odt, pptx, xlsx};
    use crate::container::zip::tests::deflated;
    use crate::mail::attached::tests::{attached, defects, links, read};
    use crate::{DefectKind, Format, Limits, LinkKind, Role};

    /// A code as PNG.
    fn picture(content: &str) -> Vec<u8> {
        let code = QrCode::new(content).unwrap();
        let (width, colours) = (u32::try_from(code.width()).unwrap(), code.to_colors());
        let side = (width + 8) * 4;
        let picture = GrayImage::from_fn(side, side, |x, y| {
            let module = |at: u32| (at / 4).checked_sub(4).filter(|at| *at < width);
            let dark = module(x).zip(module(y)).is_some_and(|(x, y)| {
                colours[usize::try_from(y * width + x).unwrap()] == Color::Dark
            });
            Luma([if dark { 0 } else { 255 }])
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn an_office_document_is_read_with_its_pictures() {
        let code = picture("https://qr.example.org/");
        let reading = attached("application/octet-stream", "fee.docx", &docx(&code));
        let expect = [
            "2 Anchor evil.example.org",
            "2 Anchor field.example.org",
            "2 Text text.example.org",
            "2 Resource template.example.org",
            "2 Anchor unused.example.org",
            "2 Qr qr.example.org",
        ];
        assert_eq!(links(&reading), expect);
        assert_eq!(reading.links[0].text.as_deref(), Some("Pay the fee"));
        assert_eq!(reading.links[0].role, Role::CallToAction);
        assert_eq!(reading.links[3].role, Role::Asset);
        assert!(reading.links.iter().all(|l| l.place.within.as_deref() == Some("fee.docx")));
        assert!(reading.text.contains("Your parcel waits.\nPay the fee"), "{}", reading.text);
        assert_eq!(defects(&reading), ["unread 2"]);
        assert_eq!(reading.attachments[0].format, Format::Office);
        for document in [xlsx(), pptx(), odt()] {
            let reading = read(&document);
            assert_eq!(reading.links[0].kind, LinkKind::Anchor);
            assert!(reading.defects.is_empty(), "{:?}", reading.defects);
            let limits = Limits { inflated_bytes_max: 100, ..Limits::default() };
            let reading = crate::read_mail(&document, &EmbeddedSuffixes, &limits);
            assert!(!reading.defects.is_empty() && reading.work.inflated_bytes <= 100);
        }
    }

    #[test]
    fn a_code_in_a_document_is_the_call_to_action() {
        let code = picture("https://qr.example.org/");
        let reading = read(&deflated(&[
            ("[Content_Types].xml", b""),
            ("word/document.xml", b"<w:p><w:t>Scan this with your phone</w:t></w:p>"),
            ("word/media/image1.png", &code),
        ]));
        assert_eq!(links(&reading), ["1 Qr qr.example.org"]);
        assert_eq!(reading.links[0].role, Role::CallToAction);
        assert_eq!(reading.links[0].place.within.as_deref(), Some("an Office document"));
    }

    #[test]
    fn documents_within_documents_count_against_the_depth() {
        let mut bytes = docx(b"");
        for _ in 0..20 {
            bytes = deflated(&[
                ("[Content_Types].xml", b""),
                ("word/document.xml", b"<w:t>see inside</w:t>"),
                ("word/embeddings/in.docx", &bytes),
            ]);
        }
        let reading = read(&bytes);
        assert_eq!(reading.links[0].host, "evil.example.org");
        let limits = Limits { depth_max: 10, ..Limits::default() };
        let reading = crate::read_mail(&bytes, &EmbeddedSuffixes, &limits);
        assert!(reading.links.is_empty());
        assert!(reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached));
    }
}
