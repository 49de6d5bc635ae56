//! Images of a PDF as grey values: JPEG, and raw pixels of every depth and the
//! common colour spaces; [`scans`] has the codings of black and white. JPEG 2000 is not decoded.

use image::ImageFormat;
use lopdf::{Dictionary, Document as Pdf, Object, Stream};

use super::{STREAM_BYTES_MAX, scans};
use crate::document::picture::{Grey, Refusal, charge, decode as decode_picture};
use crate::findings::Findings;

/// The shortest side that can hold a code.
const SIDE_MIN: u32 = 21;

/// Whether a stream is an image.
pub(super) fn is_image(stream: &Stream) -> bool {
    matches!(stream.dict.get(b"Subtype").and_then(Object::as_name), Ok(b"Image"))
}

/// Decodes an image; `None` where it is too small to hold anything.
pub(super) fn decode(
    findings: &mut Findings<'_>,
    pdf: &Pdf,
    stream: &Stream,
) -> Result<Option<Grey>, Refusal> {
    let filters = filters(stream);
    let (packed, last) = match filters.split_last() {
        Some((last, before)) if is_picture_filter(last) => (before, last.as_slice()),
        _ => (filters.as_slice(), &b""[..]),
    };
    let size = |key: &[u8], short: &[u8]| {
        let number = entry(pdf, &stream.dict, key, short)?.as_i64().ok()?;
        u32::try_from(number).ok()
    };
    let (Some(width), Some(height)) = (size(b"Width", b"W"), size(b"Height", b"H")) else {
        return Err(Refusal::Broken("it has no size".to_owned()));
    };
    if width < SIDE_MIN || height < SIDE_MIN {
        return Ok(None);
    }
    if last == b"JPXDecode" {
        let why = format!("{} is not decoded", String::from_utf8_lossy(last));
        return Err(Refusal::Broken(why));
    }
    if last.is_empty() {
        // Before anything is unpacked; a JPEG is charged by its own header.
        charge(findings, width, height)?;
    }
    let bytes = unpacked(findings, stream, packed)?;
    match last {
        b"" => {}
        b"JBIG2Decode" => return scans::jbig2(findings, &bytes).map(Some),
        b"CCITTFaxDecode" | b"CCF" => {
            return scans::fax(findings, pdf, stream, &bytes, height).map(Some);
        }
        _ => return decode_picture(findings, &bytes, ImageFormat::Jpeg).map(Some),
    }
    let layout = Layout::of(pdf, &stream.dict);
    Ok(Some(layout.grey(&bytes, width as usize, height as usize)))
}

fn is_picture_filter(filter: &[u8]) -> bool {
    matches!(
        filter,
        b"DCTDecode" | b"DCT" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" | b"CCF"
    )
}

/// The names of the filters, whole: images in the content have short ones.
fn filters(stream: &Stream) -> Vec<Vec<u8>> {
    let filter = stream.dict.get(b"Filter").or_else(|_| stream.dict.get(b"F"));
    let names: Vec<_> = match filter {
        Ok(Object::Name(name)) => vec![name.as_slice()],
        Ok(Object::Array(all)) => all.iter().filter_map(|name| name.as_name().ok()).collect(),
        _ => Vec::new(),
    };
    let whole = |name: &[u8]| match name {
        b"Fl" => b"FlateDecode".to_vec(),
        b"LZW" => b"LZWDecode".to_vec(),
        b"RL" => b"RunLengthDecode".to_vec(),
        b"A85" => b"ASCII85Decode".to_vec(),
        b"AHx" => b"ASCIIHexDecode".to_vec(),
        other => other.to_vec(),
    };
    names.into_iter().map(whole).collect()
}

/// What the filters before the picture's own unpack, within the budget.
fn unpacked(
    findings: &mut Findings<'_>,
    stream: &Stream,
    filters: &[Vec<u8>],
) -> Result<Vec<u8>, Refusal> {
    if filters.is_empty() {
        return Ok(stream.content.clone());
    }
    let mut dictionary = Dictionary::new();
    dictionary.set("Filter", filters.iter().cloned().map(Object::Name).collect::<Vec<_>>());
    if let Ok(parameters) = stream.dict.get(b"DecodeParms").or_else(|_| stream.dict.get(b"DP")) {
        dictionary.set("DecodeParms", parameters.clone());
    }
    let most = findings.budget.inflatable().min(STREAM_BYTES_MAX * 2);
    let packed = Stream::new(dictionary, stream.content.clone());
    match packed.get_plain_content_with_limit(most) {
        Ok(bytes) => {
            findings.budget.inflated(bytes.len());
            Ok(bytes)
        }
        Err(lopdf::Error::Decompress(error)) => {
            findings.budget.inflated(most);
            Err(Refusal::Large(format!("it is not unpacked: {error}")))
        }
        Err(error) => Err(Refusal::Broken(format!("it can't be unpacked: {error}"))),
    }
}

pub(super) fn entry<'p>(
    pdf: &'p Pdf,
    within: &'p Dictionary,
    key: &[u8],
    short: &[u8],
) -> Option<&'p Object> {
    let object = within.get(key).or_else(|_| within.get(short)).ok()?;
    pdf.dereference(object).ok().map(|(_, object)| object)
}

/// How pixels lie in the bytes.
struct Layout {
    bits: usize,
    components: usize,
    /// Grey of each index.
    palette: Option<Vec<u8>>,
    /// The least value is white.
    inverted: bool,
}

impl Layout {
    fn of(pdf: &Pdf, image: &Dictionary) -> Layout {
        let mask =
            entry(pdf, image, b"ImageMask", b"IM").and_then(|m| m.as_bool().ok()) == Some(true);
        let bits = entry(pdf, image, b"BitsPerComponent", b"BPC").and_then(|b| b.as_i64().ok());
        let bits = if mask { 1 } else { bits.and_then(|b| usize::try_from(b).ok()).unwrap_or(8) };
        let decode = entry(pdf, image, b"Decode", b"D").and_then(|d| d.as_array().ok());
        let first = decode.and_then(|d| d.first()).and_then(|first| first.as_float().ok());
        let space = entry(pdf, image, b"ColorSpace", b"CS");
        let (components, palette) = space.map_or((1, None), |space| colours(pdf, space));
        Layout {
            bits: if matches!(bits, 1 | 2 | 4 | 8 | 16) { bits } else { 8 },
            components,
            palette,
            inverted: first.is_some_and(|first| first > 0.5),
        }
    }

    fn grey(&self, bytes: &[u8], width: usize, height: usize) -> Grey {
        let stride = (width * self.components * self.bits).div_ceil(8);
        let mut pixels = Vec::with_capacity(width * height);
        let mut values = Vec::with_capacity(self.components);
        for y in 0..height {
            let row = bytes.get(y * stride..).unwrap_or_default();
            for x in 0..width {
                values.clear();
                for component in 0..self.components {
                    values.push(self.sample(row, x * self.components + component));
                }
                pixels.push(self.shade(&values));
            }
        }
        Grey { width, height, pixels }
    }

    /// The sample at `index` of a row, missing ones as white.
    fn sample(&self, row: &[u8], index: usize) -> u8 {
        let at = index * self.bits;
        let Some(byte) = row.get(at / 8) else {
            return u8::MAX;
        };
        match self.bits {
            1 | 2 | 4 => (byte >> (8 - self.bits - at % 8)) & ((1 << self.bits) - 1),
            _ => *byte,
        }
    }

    fn shade(&self, values: &[u8]) -> u8 {
        if let Some(palette) = &self.palette {
            let index = values.first().copied().unwrap_or_default();
            return palette.get(usize::from(index)).copied().unwrap_or(u8::MAX);
        }
        let most = if self.bits < 8 { (1_u32 << self.bits) - 1 } else { 255 };
        let mut whole = [0.0; 4];
        for (slot, value) in whole.iter_mut().zip(values) {
            *slot = f32::from(*value) / f32::from(u8::try_from(most).unwrap_or(u8::MAX));
        }
        let shade = grey(&whole[..values.len().min(4)]).unwrap_or(1.0);
        let shade = if self.inverted { 1.0 - shade } else { shade };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 255"
        )]
        let shade = (shade.clamp(0.0, 1.0) * 255.0) as u8;
        shade
    }
}

/// Components of a colour space, and the greys of an indexed one.
fn colours(pdf: &Pdf, space: &Object) -> (usize, Option<Vec<u8>>) {
    let name = |object: &Object| match object.as_name().unwrap_or_default() {
        b"DeviceRGB" | b"CalRGB" | b"RGB" | b"Lab" => 3,
        b"DeviceCMYK" | b"CMYK" => 4,
        _ => 1,
    };
    let Object::Array(parts) = space else {
        return (name(space), None);
    };
    let part = |at: usize| pdf.dereference(parts.get(at)?).ok().map(|(_, object)| object);
    match part(0).and_then(|first| first.as_name().ok()) {
        Some(b"ICCBased") => {
            let count =
                part(1).and_then(|p| p.as_stream().ok()).and_then(|s| s.dict.get(b"N").ok());
            let count = count.and_then(|n| n.as_i64().ok()).and_then(|n| usize::try_from(n).ok());
            (count.filter(|n| matches!(n, 1 | 3 | 4)).unwrap_or(3), None)
        }
        Some(b"Indexed" | b"I") => {
            let base = part(1).map_or(3, |base| colours(pdf, base).0);
            let table = part(3).map(|table| match table {
                Object::Stream(stream) => {
                    stream.get_plain_content_with_limit(4_096).unwrap_or_default()
                }
                other => other.as_str().unwrap_or_default().to_vec(),
            });
            let shade = |entry: &[u8]| {
                let values: Vec<_> = entry.iter().map(|v| f32::from(*v) / 255.0).collect();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and 255"
                )]
                let shade = (grey(&values).unwrap_or(1.0).clamp(0.0, 1.0) * 255.0) as u8;
                shade
            };
            (1, table.map(|table| table.chunks_exact(base).take(256).map(shade).collect()))
        }
        _ => (part(0).map_or(1, name), None),
    }
}

/// The grey of a colour with one, three or four components: 0 is black.
pub(super) fn grey(components: &[f32]) -> Option<f32> {
    match *components {
        [grey] => Some(grey),
        [red, green, blue] => Some(0.3 * red + 0.59 * green + 0.11 * blue),
        [cyan, magenta, yellow, black] => {
            Some(1.0 - (0.3 * cyan + 0.59 * magenta + 0.11 * yellow + black).min(1.0))
        }
        _ => None,
    }
}
