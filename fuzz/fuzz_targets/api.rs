//! JSON of the API: bodies that the hub reads, and what a follower reads of a hub.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    belfry_intake::fuzzing::report_form(data);
    belfry_console::fuzzing::bodies(data);
    belfry_feed::fuzzing::effects(data);
    belfry_follow::fuzzing::told(data);
});
