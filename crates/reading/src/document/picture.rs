//! Pictures as grey values. Width and height are charged before a pixel is held.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::{Document, qr, screenshot};
use crate::findings::Findings;
use crate::observable::scan;
use crate::text::find_links_of;
use crate::{DefectKind, Format, LinkKind};

/// Pixels on one side.
const SIDE_MAX: u32 = 20_000;
/// Pixels of one picture.
const PIXELS_MAX: u64 = 40_000_000;
/// Octets that a decoder may hold.
const ALLOC_MAX: u64 = 400 << 20;

/// A picture in grey: 0 is black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

/// Looks for QR codes in a picture; what they hold is its text.
pub(super) fn read(findings: &mut Findings<'_>, document: &Document) -> String {
    match decode(findings, &document.bytes, format(document.format)) {
        Ok(grey) => {
            let text = codes(findings, &grey, document);
            if text.is_empty() { screenshot::read(findings, &grey, document) } else { text }
        }
        Err(refusal) => {
            let (kind, why) = refusal.into_defect();
            findings.defect(kind, &document.part, format!("{}: {why}", document.label()));
            String::new()
        }
    }
}

/// The contents of the QR codes in `grey`, whose links are sighted.
pub(super) fn codes(findings: &mut Findings<'_>, grey: &Grey, document: &Document) -> String {
    let contents = qr::find(grey);
    for content in &contents {
        let place = (document.part.as_str(), 0);
        find_links_of(findings, content, LinkKind::Qr, place, document.message);
        scan(findings, content, place.0, 0);
    }
    contents.join("\n")
}

/// Why a picture is not looked at.
#[derive(Debug)]
pub(super) enum Refusal {
    Large(String),
    Broken(String),
}

impl Refusal {
    pub(super) fn into_defect(self) -> (DefectKind, String) {
        match self {
            Refusal::Large(why) => (DefectKind::LimitReached, why),
            Refusal::Broken(why) => (DefectKind::Unread, why),
        }
    }
}

/// Takes the pixels of a picture that claims this size, or says why not.
pub(super) fn charge(findings: &mut Findings<'_>, width: u32, height: u32) -> Result<(), Refusal> {
    let pixels = u64::from(width) * u64::from(height);
    if width > SIDE_MAX || height > SIDE_MAX || pixels > PIXELS_MAX {
        return Err(Refusal::Large(format!("{width} × {height} pixels are too many to look at")));
    }
    if !findings.budget.picture(width, height) {
        let why = "the report's pictures together have too many pixels";
        return Err(Refusal::Large(why.to_owned()));
    }
    Ok(())
}

/// Decodes the first frame of a picture.
pub(super) fn decode(
    findings: &mut Findings<'_>,
    bytes: &[u8],
    format: ImageFormat,
) -> Result<Grey, Refusal> {
    let broken =
        |error: image::ImageError| Refusal::Broken(format!("it can't be decoded: {error}"));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(ALLOC_MAX);
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    // The size is looked at first, without these: it is then named in the defect.
    reader.no_limits();
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    charge(findings, width, height)?;
    decoder.set_limits(limits).map_err(broken)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok(grey(&picture))
}

/// Grey on white: what is transparent shows what lies behind, which is mostly white.
fn grey(picture: &DynamicImage) -> Grey {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = if picture.color().has_alpha() {
        let over_white = |[value, alpha]: [u8; 2]| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        picture.to_luma_alpha8().pixels().map(|pixel| over_white(pixel.0)).collect()
    } else {
        picture.to_luma8().into_raw()
    };
    Grey { width, height, pixels }
}

fn format(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Webp => ImageFormat::WebP,
        _ => ImageFormat::Png,
    }
}
