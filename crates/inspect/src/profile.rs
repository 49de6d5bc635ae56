//! As whom the browser comes: many pages show themselves to phones only.

use serde::{Deserialize, Serialize};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// A desktop computer.
    Desktop,
    /// A phone.
    Phone,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Desktop, Self::Phone];

    /// Its name in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
        }
    }

    /// Width and height of its window in CSS pixels.
    pub fn window(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1_280, 900),
            Self::Phone => (390, 844),
        }
    }

    /// What it calls itself, with Chromium's real version `major`: an old one is refused by
    /// pages that hide.
    #[cfg(feature = "browser")]
    pub(crate) fn user_agent(self, major: &str) -> String {
        let device = match self {
            Self::Desktop => "Windows NT 10.0; Win64; x64",
            Self::Phone => "Linux; Android 10; K",
        };
        let mobile = if self == Self::Phone { "Mobile " } else { "" };
        format!(
            "Mozilla/5.0 ({device}) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{major}.0.0.0 {mobile}Safari/537.36"
        )
    }

    /// The platform that scripts see.
    #[cfg(feature = "browser")]
    pub(crate) fn platform(self) -> &'static str {
        match self {
            Self::Desktop => "Win32",
            Self::Phone => "Linux armv81",
        }
    }
}

#[cfg(all(test, feature = "browser"))]
mod tests {
    use super::*;

    #[test]
    fn a_phone_says_that_it_is_one() {
        assert!(Profile::Phone.user_agent("140").contains("Chrome/140.0.0.0 Mobile "));
        assert!(!Profile::Desktop.user_agent("140").contains("Mobile"));
        assert!(Profile::Phone.window().0 < Profile::Desktop.window().0);
    }
}
