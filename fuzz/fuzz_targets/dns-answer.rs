//! Packets of upstreams: what is relayed is whole, fits and means the same.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_gate::fuzzing::answer(data));
