//! Text in pictures. Recognising it is a large program's work, which the caller
//! may lend; where none does, a person is told to look.

use super::picture::Grey;
use super::{Document, size_words};
use crate::findings::Findings;
use crate::text::find_links_of;
use crate::{DefectKind, LinkKind};

/// Recognises the text in a picture.
pub trait PictureText {
    /// The text in a picture of grey octets, 0 is black, row by row.
    ///
    /// # Errors
    /// Why it was not recognised, in words.
    fn text(&self, picture: &GreyPicture<'_>) -> Result<String, String>;
}

/// A picture as [`PictureText`] takes it.
#[derive(Clone, Copy, Debug)]
pub struct GreyPicture<'p> {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width` times `height` octets.
    pub pixels: &'p [u8],
}

/// Pictures of one report whose text is recognised.
const PICTURES_MAX: usize = 4;
/// The smallest picture that is taken for more than an ornament.
const SIDES_MIN: (usize, usize) = (240, 80);
/// The smallest picture that a person is told of.
const SCREENSHOT_MIN: (usize, usize) = (300, 300);
/// Octets of one picture's text that are kept.
const TEXT_BYTES_MAX: usize = 16 << 10;

/// The text of a picture; its links go to `findings`.
pub(super) fn read(findings: &mut Findings<'_>, grey: &Grey, document: &Document) -> String {
    let at_least = |(width, height)| grey.width >= width && grey.height >= height;
    let Some(eyes) = findings.eyes.filter(|_| findings.pictures_recognised < PICTURES_MAX) else {
        if at_least(SCREENSHOT_MIN) {
            tell(findings, document, grey, "nothing here recognises its text");
        }
        return String::new();
    };
    if !at_least(SIDES_MIN) {
        return String::new();
    }
    findings.pictures_recognised += 1;
    let GreyPicture { width, height, pixels } = grey.lent();
    match eyes.text(&GreyPicture { width, height, pixels }) {
        Ok(text) => {
            let text = crate::limits::cut(text.trim(), TEXT_BYTES_MAX);
            let text = findings.take_text(text, &document.part);
            let place = (document.part.as_str(), 0);
            find_links_of(findings, text, LinkKind::ImageText, place, document.message);
            text.to_owned()
        }
        Err(why) => {
            tell(findings, document, grey, &format!("its text is not recognised: {why}"));
            String::new()
        }
    }
}

/// One picture is enough for a person to look at the report.
fn tell(findings: &mut Findings<'_>, document: &Document, grey: &Grey, why: &str) {
    if !findings.defects.iter().any(|defect| defect.kind == DefectKind::Picture) {
        let detail = format!(
            "{}, {}: {why}; a person must look at it, and at the report's other pictures",
            document.label(),
            size_words(grey)
        );
        findings.defect(DefectKind::Picture, &document.part, detail);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use belfry_indicator::EmbeddedSuffixes;

    use super::{GreyPicture, PictureText};
    use crate::{DefectKind, Limits, LinkKind, Reading, read_mail, read_mail_with};

    /// Says the same of every picture, and counts them.
    struct Eyes(Result<&'static str, &'static str>, Cell<usize>);

    impl PictureText for Eyes {
        fn text(&self, picture: &GreyPicture<'_>) -> Result<String, String> {
            assert_eq!(picture.pixels.len(), picture.width * picture.height);
            self.1.set(self.1.get() + 1);
            self.0.map(ToOwned::to_owned).map_err(ToOwned::to_owned)
        }
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = image::GrayImage::from_fn(width, height, |x, y| {
            image::Luma([u8::try_from((x ^ y) % 251).unwrap()])
        });
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    /// A mail with `count` such pictures.
    fn mail(width: u32, height: u32, count: u32) -> Vec<u8> {
        let pictures = (0..count).map(|n| data_encoding::BASE64.encode(&png(width + n, height)));
        let images: String =
            pictures.map(|data| format!("<img src=\"data:image/png;base64,{data}\">")).collect();
        format!("From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nContent-Type: text/html\n\n{images}")
            .into_bytes()
    }

    fn read(mail: &[u8], eyes: &Eyes) -> Reading {
        read_mail_with(mail, &EmbeddedSuffixes, &Limits::default(), eyes)
    }

    #[test]
    fn recognised_text_is_read_for_links() {
        let eyes = Eyes(Ok("Pay at https://evil.example.org/x now"), Cell::new(0));
        let reading = read(&mail(400, 300, 1), &eyes);
        assert_eq!(reading.links[0].kind, LinkKind::ImageText);
        assert_eq!(reading.links[0].host, "evil.example.org");
        assert!(reading.text.contains("Pay at"));
        assert!(reading.defects.is_empty());
    }

    #[test]
    fn ornaments_are_left_and_the_number_is_bounded() {
        let eyes = Eyes(Ok("x"), Cell::new(0));
        read(&mail(100, 50, 3), &eyes);
        assert_eq!(eyes.1.get(), 0);
        read(&mail(400, 300, 10), &eyes);
        assert_eq!(eyes.1.get(), 4);
    }

    #[test]
    fn without_eyes_or_where_they_fail_a_person_is_told_once() {
        let eyes = Eyes(Err("no time"), Cell::new(0));
        let failed = read(&mail(400, 300, 3), &eyes);
        let without = read_mail(&mail(400, 300, 3), &EmbeddedSuffixes, &Limits::default());
        for reading in [failed, without] {
            assert_eq!(reading.defects.len(), 1, "{:?}", reading.defects);
            assert_eq!(reading.defects[0].kind, DefectKind::Picture);
        }
        let small = read_mail(&mail(200, 200, 1), &EmbeddedSuffixes, &Limits::default());
        assert!(small.defects.is_empty());
    }
}
