//! `belfry config`: every key explained, or a file checked.

use crate::cli::{ConfigArgs, ConfigVerb, DataArgs};
use crate::commands::{Failure, print};
use crate::config::{load, show};

/// Shows or checks.
pub(crate) fn config(args: &ConfigArgs) -> Result<(), Failure> {
    match &args.verb {
        ConfigVerb::Show { data } => print(show(&load(data, &[])?)?),
        ConfigVerb::Check { file } => {
            load(&DataArgs { config: Some(file.clone()), data: None }, &[])?;
            print(format!("{} can be used\n", file.display()))
        }
    }
}
