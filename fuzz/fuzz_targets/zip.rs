//! ZIP archives: the list is bounded and repeatable.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::zip(data));
