//! The layers of encoding around a text, undone one within another: percent-encoding,
//! base64 at any alignment, hex, base32. Bounded in depth and in work.

/// Encodings within encodings that are undone.
const DEPTH_MAX: usize = 4;
/// Octets decoded for one text: a long link that decodes and decodes must end.
const WORK_MAX: usize = 256 << 10;
/// The shortest base64 that an address fits in: `a@b.be`.
const BASE64_MIN: usize = 8;
const HEX_MIN: usize = 12;
const BASE32_MIN: usize = 10;

/// Whether `test` holds for `bytes` or for anything that they decode to.
pub(super) fn any_layer(bytes: &[u8], test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let mut work = WORK_MAX;
    visit(bytes, 0, &mut work, test)
}

fn visit(
    bytes: &[u8],
    depth: usize,
    work: &mut usize,
    test: &mut dyn FnMut(&[u8]) -> bool,
) -> bool {
    if test(bytes) {
        return true;
    }
    if depth >= DEPTH_MAX || bytes.len() < BASE64_MIN || !is_text(bytes) {
        return false;
    }
    let mut deeper = |decoded: &[u8], work: &mut usize| {
        let left = work.checked_sub(decoded.len());
        *work = left.unwrap_or(0);
        left.is_some() && visit(decoded, depth + 1, work, test)
    };
    if let Some(decoded) = percent(bytes)
        && deeper(&decoded, work)
    {
        return true;
    }
    let mut scratch = Vec::new();
    for run in bytes.split(|b| base64_value(*b).is_none()).filter(|run| run.len() >= BASE64_MIN) {
        for offset in 0..4 {
            base64(&run[offset..], &mut scratch);
            if deeper(&scratch, work) {
                return true;
            }
        }
    }
    for run in bytes.split(|b| !b.is_ascii_alphanumeric()).filter(|run| run.len() >= BASE32_MIN) {
        let offsets = if is_hex(run) { 2 } else { 0 };
        for offset in 0..offsets {
            hex(&run[offset..], &mut scratch);
            if deeper(&scratch, work) {
                return true;
            }
        }
        if run.iter().all(|b| base32_value(*b).is_some()) {
            base32(run, &mut scratch);
            if deeper(&scratch, work) {
                return true;
            }
        }
    }
    false
}

/// Whether `bytes` could be text that is worth decoding further.
fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|b| b.is_ascii_control() || !b.is_ascii()).count();
    odd * 10 <= bytes.len()
}

/// Percent-decoded, where there is something to decode.
fn percent(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let mut any = false;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).ok()?);
                any = true;
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    any.then_some(out)
}

/// The value of a digit in base64, of either alphabet.
fn base64_value(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn base32_value(byte: u8) -> Option<u32> {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => Some(u32::from(letter - b'a')),
        digit @ b'2'..=b'7' => Some(u32::from(digit - b'2') + 26),
        _ => None,
    }
}

fn is_hex(run: &[u8]) -> bool {
    run.len() >= HEX_MIN && run.iter().all(u8::is_ascii_hexdigit)
}

fn base64(run: &[u8], out: &mut Vec<u8>) {
    digits(run, 6, base64_value, out);
}

fn base32(run: &[u8], out: &mut Vec<u8>) {
    digits(run, 5, base32_value, out);
}

fn hex(run: &[u8], out: &mut Vec<u8>) {
    digits(run, 4, |byte| char::from(byte).to_digit(16), out);
}

/// Whole octets out of digits of `bits` each.
fn digits(run: &[u8], bits: u32, value: impl Fn(u8) -> Option<u32>, out: &mut Vec<u8>) {
    out.clear();
    let (mut held, mut count) = (0u32, 0);
    for digit in run.iter().filter_map(|byte| value(*byte)) {
        held = (held << bits | digit) & 0xffff;
        count += bits;
        if count >= 8 {
            count -= 8;
            out.push((held >> count & 0xff).try_into().expect("masked to eight bits"));
        }
    }
}
