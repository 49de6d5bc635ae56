//! Zone transfer: requests at the hub, and what a secondary hears and is told.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    belfry_rpz::fuzzing::request(data);
    belfry_rpz::fuzzing::heard(data);
    belfry_rpz::fuzzing::told(data);
});
