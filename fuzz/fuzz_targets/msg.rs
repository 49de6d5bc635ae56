//! Outlook messages: what is read of one is bounded.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::msg(data));
