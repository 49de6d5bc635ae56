//! Views of the journal for followers: pages, stream, snapshot, effects.
