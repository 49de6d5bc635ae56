//! Names and URLs: the canonical form is its own.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_indicator::fuzzing::names(data));
