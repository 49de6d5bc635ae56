//! What a fuzzer holds the hub's JSON to.

use data_encoding::{BASE64, HEXLOWER};

use super::wire::{EntryJson, HelloJson, json};

/// One event of a stream.
pub fn told(data: &[u8]) {
    if let Ok(hello) = json::<HelloJson>(data)
        && let Ok(journal) = hello.journal()
    {
        assert_eq!(journal.to_string().parse(), Ok(journal));
    }
    let Ok(told) = json::<EntryJson<'_>>(data) else { return };
    let Ok(entry) = told.entry() else { return };
    let text = String::from_utf8_lossy(data).replace('\\', "");
    let sure = [BASE64.encode(&entry.to_bytes()), HEXLOWER.encode(&entry.leaf_hash().0)];
    // A JSON escape may stand for any character; without one, both stand there.
    let plain = text.len() == data.len();
    assert!(!plain || sure.iter().all(|word| text.contains(word.as_str())), "{entry:?}");
}
