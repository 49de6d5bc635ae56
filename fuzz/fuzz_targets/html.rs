//! HTML documents: links and visible text within bounds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::html(data));
