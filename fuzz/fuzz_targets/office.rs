//! Office documents: what is unpacked and the text that becomes of it are bounded.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::office(data));
