//! The hash that gives a feature its slot. It is part of a model's meaning: a change
//! of it makes every stored model wrong, so its values are pinned by a test.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The slot, before a model's mask, of `bytes` in the space `space`.
pub(crate) fn slot(space: u8, bytes: &[u8]) -> u32 {
    let mut state = mix(u64::from(space) ^ ((bytes.len() as u64) << 8));
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = mix(state ^ u64::from_le_bytes(word));
    }
    // The upper half of a product is its best mixed one.
    u32::try_from(state >> 32).expect("32 bits are left")
}

fn mix(state: u64) -> u64 {
    let state = state.wrapping_mul(MULTIPLIER);
    (state ^ (state >> 29)).wrapping_mul(MULTIPLIER)
}

#[cfg(test)]
mod tests {
    use super::slot;

    #[test]
    fn slots_never_change() {
        let slots = [slot(0, b""), slot(1, b"login"), slot(2, b"login"), slot(1, b"a longer text")];
        assert_eq!(slots, PINNED);
        assert_ne!(slot(1, b"ab\0"), slot(1, b"ab"));
    }

    const PINNED: [u32; 4] = [0, 3443584427, 1321303490, 1480626495];
}
