//! Scanned pages in fax coding and JBIG2: pixels are charged before they are drawn.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| belfry_reading::fuzzing::scan(data));
