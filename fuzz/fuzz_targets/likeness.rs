//! Any two texts: compared within bounds, and explained.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_likeness::fuzzing::two_texts(data));
