//! One table per small enum: its number in the canonical form and its name in
//! JSON, side by side, so that neither can be changed without seeing the other.
//! Numbers and names are for ever: old journals and scripts hold them.

/// Writes `ALL`, `name`, `from_name`, `tag` and `from_tag` of a field-less enum.
macro_rules! stable_names {
    ($type:ident { $($variant:ident = $tag:literal $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of its numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable name in APIs and records.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            pub(crate) fn tag(self) -> u8 {
                match self { $(Self::$variant => $tag),+ }
            }

            pub(crate) fn from_tag(tag: u8) -> Option<Self> {
                match tag { $($tag => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use stable_names;
