//! Addresses in bech32 and bech32m (BIP 173, BIP 350): only their checksum.

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
/// What the checksum of a version 0 address leaves, and of a later one.
const BECH32: u32 = 1;
const BECH32M: u32 = 0x2bc8_30a3;

/// Whether `address` of this network (`bc`) has a checksum that holds.
pub(super) fn holds(address: &str, network: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    if address != lower && address != address.to_ascii_uppercase() {
        return false;
    }
    let Some(data) = lower.strip_prefix(network).and_then(|rest| rest.strip_prefix('1')) else {
        return false;
    };
    let value = |byte: u8| {
        ALPHABET.iter().position(|known| *known == byte).and_then(|at| u32::try_from(at).ok())
    };
    let Some(values) = data.bytes().map(value).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    let network = network.bytes().map(u32::from);
    let network = network.clone().map(|b| b >> 5).chain([0]).chain(network.map(|b| b & 31));
    let sum = checksum(network.chain(values.iter().copied()));
    let meant = if values.first() == Some(&0) { BECH32 } else { BECH32M };
    (14..=74).contains(&address.len()) && sum == meant
}

fn checksum(values: impl Iterator<Item = u32>) -> u32 {
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x1ff_ffff) << 5 ^ value;
        let set = GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        set.fold(shifted, |sum, (_, generator)| sum ^ generator)
    })
}
