//! Bytes of a report to observables and defects.
