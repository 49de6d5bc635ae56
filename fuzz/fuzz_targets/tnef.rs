//! `winmail.dat` files: what is made of one is bounded, whatever nests in it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::tnef(data));
