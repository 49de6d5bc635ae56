//! What a suspected page does, seen by a browser that can do no harm.
//!
//! [`Inspector::capture`] opens one URL in a Chromium of its own (a fresh profile, an
//! unprivileged user, its own process group, bounded in time, memory and octets) and
//! answers a [`Capture`]: the redirects, a picture, the visible text, the forms and where
//! they post, the certificate's names, and every address that was asked for.
//!
//! All its traffic goes through [`egress`]: a proxy that resolves a name once a capture,
//! refuses whatever is no public address, and connects to the address it has checked. A
//! page can therefore not reach this machine or its network, by redirect, by rebinding or
//! by a literal. QUIC and WebRTC, which would go around a proxy, are off.
//!
//! Without the feature `browser` the crate is only what a capture is, for those who keep and
//! show captures but open no page.
//!
//! Opening a citizen's link can hurt (a login consumed, an address confirmed): a caller
//! passes a redacted URL, whose marks become [stand-ins](stand_in). And a page that shows
//! nothing proves nothing: no [`Capture`] ever clears a case.

#[cfg(feature = "browser")]
mod address;
#[cfg(feature = "browser")]
mod bounds;
#[cfg(feature = "browser")]
mod browser;
mod capture;
#[cfg(feature = "browser")]
mod conclude;
#[cfg(feature = "browser")]
pub mod egress;
mod error;
#[cfg(feature = "browser")]
mod inspector;
mod profile;
#[cfg(feature = "browser")]
mod settings;
mod token;

#[cfg(feature = "browser")]
pub use address::{NotPublic, public};
pub use capture::{Address, Capture, Certificate, Field, Form, Hop, HopKind, Seen};
pub use error::InspectError;
#[cfg(feature = "browser")]
pub use inspector::Inspector;
pub use profile::Profile;
#[cfg(feature = "browser")]
pub use settings::InspectSettings;
pub use token::stand_in;
