//! SMTP conversations: never more than the limits, however the bytes are cut.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_intake::fuzzing::smtp(data));
