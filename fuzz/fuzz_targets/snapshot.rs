//! Snapshots: what is read is canonical, what is damaged is refused.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_journal::fuzzing::snapshot(data));
