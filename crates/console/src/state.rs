//! What the handlers share.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::FromRef;
use belfry_casebook::Casebook;
use belfry_desk::Desk;
use belfry_web::Clock;

use crate::pages::citizen::{Kept, Puzzles};
use crate::passkey::{Challenges, RelyingParty};

/// The state of this crate's routes.
#[derive(Clone, Debug)]
pub struct ConsoleState {
    /// Decides.
    pub desk: Desk,
    /// Tells the time.
    pub clock: Clock,
    /// What browsers and citizens are told of us.
    pub site: Site,
}

/// Who we are to browsers and citizens.
#[derive(Clone, Debug)]
pub struct Site {
    pub(crate) party: RelyingParty,
    pub(crate) challenges: Challenges,
    pub(crate) puzzles: Puzzles,
    pub(crate) figures: Kept,
    pub(crate) authority: String,
    pub(crate) helpline_name: String,
    pub(crate) helpline_phone: String,
    pub(crate) private_hooks: bool,
    /// The API about operators, which the feed serves.
    pub(crate) api: Arc<OnceLock<Router>>,
}

impl Site {
    /// The site at `origin`, the address by which browsers reach it, `https://belfry.example`.
    /// Passkeys are bound to its host: a change of it makes all of them useless.
    ///
    /// # Errors
    /// `None` where it is not a scheme, a host and perhaps a port.
    pub fn new(origin: &str) -> Option<Self> {
        Some(Self {
            party: RelyingParty::of(origin)?,
            challenges: Challenges::default(),
            puzzles: Puzzles::default(),
            figures: Kept::default(),
            authority: String::new(),
            helpline_name: String::new(),
            helpline_phone: String::new(),
            private_hooks: false,
            api: Arc::default(),
        })
    }

    /// Says who runs it, and whom to call.
    #[must_use]
    pub fn by(mut self, authority: &str, helpline_name: &str, helpline_phone: &str) -> Self {
        self.authority = authority.trim().to_owned();
        self.helpline_name = helpline_name.to_owned();
        self.helpline_phone = helpline_phone.to_owned();
        self
    }

    /// Says whether hooks may be told at addresses of private networks, and in clear.
    #[must_use]
    pub fn with_private_hooks(mut self, allowed: bool) -> Self {
        self.private_hooks = allowed;
        self
    }

    /// Says who answers the API about operators in this process. Only the first one counts.
    pub fn serve_by(&self, api: Router) {
        let _ = self.api.set(api);
    }

    /// The link behind a one-time secret. It stands behind `#`, which no browser sends:
    /// no log of a proxy and no `Referer` has it.
    pub fn set_up_link(&self, secret: &str) -> String {
        format!("{}/console/set-up#{secret}", self.party.origin)
    }
}

impl FromRef<ConsoleState> for Desk {
    fn from_ref(state: &ConsoleState) -> Self {
        state.desk.clone()
    }
}

impl FromRef<ConsoleState> for Casebook {
    fn from_ref(state: &ConsoleState) -> Self {
        state.desk.casebook().clone()
    }
}

impl FromRef<ConsoleState> for Clock {
    fn from_ref(state: &ConsoleState) -> Self {
        state.clock
    }
}

impl FromRef<ConsoleState> for Site {
    fn from_ref(state: &ConsoleState) -> Self {
        state.site.clone()
    }
}
