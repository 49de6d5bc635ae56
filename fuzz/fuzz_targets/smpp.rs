//! Octets of a peer or of an SMSC: nothing goes on that did not come in.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_sms::fuzzing::octets(data));
