//! PDF: the findings are bounded and repeatable.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::pdf(data));
