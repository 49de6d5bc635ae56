//! Rich text, compressed or not: the HTML of it is bounded and repeatable.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::rtf(data));
