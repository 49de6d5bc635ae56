//! `OperatorName`: who follows an order, and whose customers hand messages over.

/// An operator's name: 1 to 64 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperatorName(String);

/// Why a text is not an [`OperatorName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operator's name is 1 to 64 of the characters a-z, 0-9 and -")]
pub struct OperatorNameError;

impl OperatorName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`OperatorNameError`] for any other length or character.
    pub fn parse(text: &str) -> Result<Self, OperatorNameError> {
        let fits = (1..=64).contains(&text.len());
        let clean = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits && clean { Ok(Self(text.to_owned())) } else { Err(OperatorNameError) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for OperatorName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
