//! Scanned pages: black and white images in fax coding (CCITT) and JBIG2. The size that
//! each part of one claims is charged before it is decoded; JBIG2 is decoded only where it
//! is made of plain regions, since its symbols may be of any size that no header tells.

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use hayro_jbig2::{DecodeSettings as Jbig2Settings, Page};
use lopdf::{Dictionary, Document as Pdf, Object, Stream};

use super::images::entry;
use crate::document::picture::{Grey, Refusal, charge};
use crate::findings::Findings;

/// Columns of a fax where nothing else is said.
const FAX_COLUMNS: u32 = 1_728;
/// Segments of one image in JBIG2.
const SEGMENTS_MAX: usize = 1_000;

/// Decodes `bytes` in fax coding, of this height; the width stands in the parameters.
pub(super) fn fax(
    findings: &mut Findings<'_>,
    pdf: &Pdf,
    stream: &Stream,
    bytes: &[u8],
    height: u32,
) -> Result<Grey, Refusal> {
    let parameters = parameters(pdf, stream);
    let get = |key: &[u8]| entry(pdf, parameters?, key, key);
    let number = |key: &[u8]| get(key).and_then(|value| value.as_i64().ok());
    let truth = |key: &[u8], other| get(key).and_then(|v| v.as_bool().ok()).unwrap_or(other);
    let columns = number(b"Columns").map_or(Some(FAX_COLUMNS), |n| u32::try_from(n).ok());
    let columns = columns.unwrap_or_default();
    charge(findings, columns, height)?;
    let settings = DecodeSettings {
        columns,
        rows: height,
        end_of_block: truth(b"EndOfBlock", true),
        end_of_line: truth(b"EndOfLine", false),
        rows_are_byte_aligned: truth(b"EncodedByteAlign", false),
        encoding: match number(b"K").unwrap_or_default() {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            _ => EncodingMode::Group3_2D,
        },
        strict: false,
    };
    let mut canvas = Canvas::new(columns, height);
    // Rows before the damage are kept.
    let done = hayro_ccitt::decode(bytes, &mut canvas, &mut DecoderContext::new(settings));
    if canvas.row == 0 {
        let why = done.err().map_or("it holds no row".to_owned(), |error| error.to_string());
        return Err(Refusal::Broken(format!("its fax coding can't be read: {why}")));
    }
    Ok(canvas.finish())
}

/// Decodes `bytes` in JBIG2.
pub(super) fn jbig2(findings: &mut Findings<'_>, bytes: &[u8]) -> Result<Grey, Refusal> {
    let broken = |why: String| Refusal::Broken(format!("its JBIG2 can't be read: {why}"));
    for segment in segments(bytes).map_err(|why| broken(why.to_owned()))? {
        match segment {
            Segment::Region { width, height } => charge(findings, width, height)?,
            Segment::Symbols => return Err(broken("it is made of symbols".to_owned())),
            Segment::Other => {}
        }
    }
    let page = Page::new_embedded(bytes, None, &Jbig2Settings::default());
    let page = page.map_err(|error| broken(error.to_string()))?;
    charge(findings, page.width(), page.height())?;
    let mut canvas = Canvas::new(page.width(), page.height());
    page.decode(&mut canvas).map_err(|error| broken(error.to_string()))?;
    Ok(canvas.finish())
}

/// The parameters of the last filter.
fn parameters<'p>(pdf: &'p Pdf, stream: &'p Stream) -> Option<&'p Dictionary> {
    let object = match entry(pdf, &stream.dict, b"DecodeParms", b"DP")? {
        Object::Array(all) => pdf.dereference(all.last()?).ok()?.1,
        other => other,
    };
    object.as_dict().ok()
}

/// What a segment of JBIG2 needs.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Region {
        width: u32,
        height: u32,
    },
    /// Small pictures that others are made of, or a region made of such.
    Symbols,
    Other,
}

/// The segments of an embedded image (ITU-T T.88, section 7.2), by their headers.
fn segments(bytes: &[u8]) -> Result<Vec<Segment>, &'static str> {
    let mut rest = bytes;
    let mut found = Vec::new();
    while !rest.is_empty() {
        if found.len() >= SEGMENTS_MAX {
            return Err("it has too many segments");
        }
        let (segment, behind) = segment(rest).ok_or("a segment is cut short")?;
        found.push(segment);
        rest = behind;
    }
    Ok(found)
}

fn segment(bytes: &[u8]) -> Option<(Segment, &[u8])> {
    let number = u32_at(bytes, 0)?;
    let flags = *bytes.get(4)?;
    let count = *bytes.get(5)? >> 5;
    // Longer lists of segments that are referred to belong to symbols.
    if count > 4 {
        return Some((Segment::Symbols, &[]));
    }
    let referred = match number {
        0..=256 => 1,
        257..=65_536 => 2,
        _ => 4,
    };
    let page = if flags & 0x40 == 0 { 1 } else { 4 };
    let at = 6 + usize::from(count) * referred + page;
    let length = u32_at(bytes, at)?;
    let data = bytes.get(at + 4..)?;
    let kind = flags & 0x3f;
    let region = || Some(Segment::Region { width: u32_at(data, 0)?, height: u32_at(data, 4)? });
    let segment = match kind {
        0 | 4 | 6 | 7 | 16 | 20 | 22 | 23 => Segment::Symbols,
        36..=43 => region()?,
        _ => Segment::Other,
    };
    // A region of unknown length is the last thing that its page draws.
    let behind =
        if length == u32::MAX { &[][..] } else { data.get(usize::try_from(length).ok()?..)? };
    Some((segment, behind))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Rows as they are drawn, white where none comes.
struct Canvas {
    width: usize,
    pixels: Vec<u8>,
    row: usize,
    column: usize,
}

impl Canvas {
    fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self { width, pixels: vec![u8::MAX; width * height], row: 0, column: 0 }
    }

    /// Draws up to the column `end` of the row.
    fn draw(&mut self, end: usize, black: bool) {
        let end = end.min(self.width);
        if black && self.column < end {
            let row = self.row * self.width;
            if let Some(span) = self.pixels.get_mut(row + self.column..row + end) {
                span.fill(0);
            }
        }
        self.column = self.column.max(end);
    }

    fn next_row(&mut self) {
        (self.row, self.column) = (self.row + 1, 0);
    }

    fn finish(self) -> Grey {
        let height = self.pixels.len().checked_div(self.width).unwrap_or_default();
        Grey { width: self.width, height, pixels: self.pixels }
    }
}

impl hayro_ccitt::Decoder for Canvas {
    fn push_row(&mut self, changes: &[u32]) {
        let mut black = false;
        for change in changes {
            self.draw(*change as usize, black);
            black = !black;
        }
        self.draw(self.width, black);
        self.next_row();
    }
}

impl hayro_jbig2::Decoder for Canvas {
    fn push_pixel(&mut self, black: bool) {
        self.draw(self.column + 1, black);
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        self.draw(self.column.saturating_add(chunk_count as usize * 8), black);
    }

    fn next_line(&mut self) {
        self.next_row();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::{Segment, segments};

    /// A segment of this kind.
    fn segment(number: u8, kind: u8, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&[0, 0, 0, number, kind, 0, 1][..], &length, data].concat()
    }

    /// An image of `side` pixels each way, whose only region is the fax coding `fax`.
    pub(in crate::document::pdf) fn jbig2(side: u32, fax: &[u8]) -> Vec<u8> {
        let side = side.to_be_bytes();
        let page = [&side[..], &side, &[0; 8], &[0, 0, 0]].concat();
        // No offset, drawn over; MMR.
        let region = [&side[..], &side, &[0; 8], &[0, 1], fax].concat();
        [segment(0, 48, &page), segment(1, 38, &region), segment(2, 49, &[])].concat()
    }

    #[test]
    fn segments_are_told_by_their_headers() {
        let region = Segment::Region { width: 9, height: 9 };
        assert_eq!(segments(&jbig2(9, b"")), Ok(vec![Segment::Other, region, Segment::Other]));
        assert_eq!(segments(&segment(1, 0, b"symbols")), Ok(vec![Segment::Symbols]));
        assert!(segments(&segment(1, 38, b"cut")).is_err());
        assert!(segments(&segment(1, 38, &[0; 40])[..20]).is_err());
        assert!(segments(&segment(1, 51, b"").repeat(1_001)).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_split(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = segments(&bytes);
        }
    }
}
