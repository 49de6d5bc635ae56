//! Development only: real peers, corpora, a hub under test.
