//! Journal entries: what is read is canonical.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_journal::fuzzing::entry(data));
