//! Zone transfer: requests at the hub, and what a secondary hears.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    belfry_rpz::fuzzing::request(data);
    belfry_rpz::fuzzing::heard(data);
});
