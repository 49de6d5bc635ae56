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
    for run in bytes.split(|b| !is_digit(&BASE64, *b)).filter(|run| run.len() >= BASE64_MIN) {
        for offset in 0..4 {
            digits::<6>(&run[offset..], &BASE64, &mut scratch);
            if deeper(&scratch, work) {
                return true;
            }
        }
    }
    for run in bytes.split(|b| !b.is_ascii_alphanumeric()).filter(|run| run.len() >= BASE32_MIN) {
        let offsets = if is_hex(run) { 2 } else { 0 };
        for offset in 0..offsets {
            digits::<4>(&run[offset..], &HEX, &mut scratch);
            if deeper(&scratch, work) {
                return true;
            }
        }
        if run.iter().all(|b| is_digit(&BASE32, *b)) {
            digits::<5>(run, &BASE32, &mut scratch);
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

/// What is no digit, in the tables of values.
const NONE: u8 = u8::MAX;

/// The values of octets as digits of one encoding. A look-up, since every link is
/// decoded at each alignment.
type Values = [u8; 256];

/// Base64, of either alphabet.
const BASE64: Values = {
    let mut values = values(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};
const BASE32: Values = either_case(values(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
const HEX: Values = either_case(values(b"0123456789ABCDEF"));

const fn values(digits: &[u8]) -> Values {
    let mut values = [NONE; 256];
    let mut value = 0;
    while (value as usize) < digits.len() {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values
}

const fn either_case(mut values: Values) -> Values {
    let mut letter = b'A';
    while letter <= b'Z' {
        values[letter.to_ascii_lowercase() as usize] = values[letter as usize];
        letter += 1;
    }
    values
}

fn is_digit(values: &Values, byte: u8) -> bool {
    values[usize::from(byte)] != NONE
}

fn is_hex(run: &[u8]) -> bool {
    run.len() >= HEX_MIN && run.iter().all(u8::is_ascii_hexdigit)
}

/// Whole octets out of a run of digits of `BITS` each.
fn digits<const BITS: u32>(run: &[u8], values: &Values, out: &mut Vec<u8>) {
    out.clear();
    let (mut held, mut count) = (0u32, 0);
    for byte in run {
        held = held << BITS | u32::from(values[usize::from(*byte)]);
        count += BITS;
        if count >= 8 {
            count -= 8;
            out.push((held >> count & 0xff).try_into().expect("masked to eight bits"));
        }
    }
}
