//! Packets of clients: each answer is whole and fits.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_gate::fuzzing::query(data));
