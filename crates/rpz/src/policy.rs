//! What a zone says about a name, and about the names below it.

/// One policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// The zone says nothing.
    #[default]
    None,
    /// Answer with the warning, or that there is no such name.
    Block,
    /// Answer as if there were no zone (`rpz-passthru.`).
    Pass,
}

/// What is published at a name: at itself, and at the wildcard below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Published {
    /// At the name itself.
    pub exact: Policy,
    /// At `*.name`.
    pub below: Policy,
}

impl Published {
    /// Nothing at all.
    pub const NOTHING: Self = Self { exact: Policy::None, below: Policy::None };

    /// Whether nothing is published.
    pub fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
}
