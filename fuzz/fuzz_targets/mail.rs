//! Mails: the reading is bounded, repeatable and harmless to show.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::mail(data));
