//! By what right operators look for texts of SMS, over HTTP: legal bases, hand-overs (which
//! come in by `intake`), and templates. A text is shown to analysts only, and each time in
//! the audit log.

pub(crate) mod bases;
pub(crate) mod handovers;
pub(crate) mod objections;
pub(crate) mod templates;

use belfry_web::Problem;

fn refused(detail: String) -> Problem {
    Problem::unprocessable("sms", "this can't be recorded so", detail)
}
