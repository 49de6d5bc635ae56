//! Compressed RTF (MS-OXRTFCP), as Outlook stores a body. What comes out is
//! bounded by the caller, whatever the header claims.

/// What the dictionary holds before the first octet.
const PREFIX: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// Octets of the dictionary, a ring.
const RING: usize = 4096;

/// The RTF of `bytes`, at most `bytes_max` of it; `None` where it is not compressed RTF.
pub(crate) fn inflate(bytes: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let (header, body) = bytes.split_at_checked(16)?;
    match header.get(8..12)? {
        b"LZFu" => Some(lzfu(body, bytes_max)),
        b"MELA" => Some(body[..body.len().min(bytes_max)].to_vec()),
        _ => None,
    }
}

fn lzfu(body: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut ring = [b' '; RING];
    ring[..PREFIX.len()].copy_from_slice(PREFIX);
    let mut at = PREFIX.len();
    let mut out = Vec::new();
    let mut input = body.iter().copied();
    'runs: while let Some(control) = input.next() {
        for bit in 0..8 {
            if out.len() >= bytes_max {
                break 'runs;
            }
            let Some(first) = input.next() else { break 'runs };
            if control >> bit & 1 == 0 {
                out.push(first);
                ring[at] = first;
                at = (at + 1) % RING;
                continue;
            }
            let Some(second) = input.next() else { break 'runs };
            let offset = usize::from(first) << 4 | usize::from(second) >> 4;
            // A reference to where the next octet goes is the end.
            if offset == at {
                break 'runs;
            }
            for step in 0..usize::from(second & 0xf) + 2 {
                let byte = ring[(offset + step) % RING];
                out.push(byte);
                ring[at] = byte;
                at = (at + 1) % RING;
            }
        }
    }
    out.truncate(bytes_max);
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{PREFIX, inflate};

    /// Compressed RTF without a reference but the last.
    pub(crate) fn deflate(rtf: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for run in rtf.chunks(8) {
            let last = run.len() < 8;
            out.push(if last { 1 << run.len() } else { 0 });
            out.extend(run);
        }
        if rtf.len().is_multiple_of(8) {
            out.push(1);
        }
        let end = (PREFIX.len() + rtf.len()) % 4096;
        out.extend([u8::try_from(end >> 4).unwrap(), u8::try_from((end & 0xf) << 4).unwrap()]);
        let size = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        [&size(out.len() + 12)[..], &size(rtf.len()), b"LZFu\0\0\0\0", &out].concat()
    }

    #[test]
    fn the_examples_of_the_specification() {
        // MS-OXRTFCP section 4.1: a text without and one with references.
        let simple = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3\
            \x20hel\x09\0\x20bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(
            inflate(simple, 1_000).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        let crossing = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20WXYZ\x0d\x6e\x7d\
            \x01\x0e\xb0";
        assert_eq!(inflate(crossing, 1_000).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }

    #[test]
    fn what_is_literal_and_what_is_none() {
        let rtf = b"{\\rtf1 hello}";
        assert_eq!(inflate(&deflate(rtf), 1_000).unwrap(), rtf);
        assert_eq!(inflate(b"\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1}", 5).unwrap(), b"{\\rtf");
        assert_eq!(inflate(b"short", 5), None);
        assert_eq!(inflate(&[0; 20], 5), None);
    }

    #[test]
    fn output_is_bounded() {
        let body = [&b"\0\0\0\0\xff\xff\xff\x7fLZFu\0\0\0\0"[..], &[0xff, 0, 0x0f].repeat(100_000)]
            .concat();
        assert!(inflate(&body, 1_000).unwrap().len() <= 1_000);
    }
}
