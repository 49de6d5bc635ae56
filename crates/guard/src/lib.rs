//! What may be ordered, and what needs a second person.
