//! Base58 of a known length, as Bitcoin's alphabet has it.

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The `length` octets that `text` stands for, or none where they are more.
pub(super) fn decode(text: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0u8; length];
    for character in text {
        let mut carry = ALPHABET.iter().position(|known| known == character)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff).try_into().ok()?;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn digits_of_base_58() {
        assert_eq!(decode(b"2", 1), Some(vec![1]));
        assert_eq!(decode(b"5Q", 1), Some(vec![255]));
        assert_eq!(decode(b"5R", 1), None);
        assert_eq!(decode(b"11", 2), Some(vec![0, 0]));
        assert_eq!(decode(b"0", 1), None);
    }
}
