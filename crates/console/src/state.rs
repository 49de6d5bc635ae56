//! What the handlers share.

use axum::extract::FromRef;
use belfry_casebook::Casebook;
use belfry_desk::Desk;
use belfry_web::Clock;

/// The state of this crate's routes.
#[derive(Clone, Debug)]
pub struct ConsoleState {
    /// Decides.
    pub desk: Desk,
    /// Tells the time.
    pub clock: Clock,
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
