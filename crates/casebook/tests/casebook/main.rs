//! The casebook as its callers see it, on a real SQLite in a folder of its own.

// Each is marked as test code, so that helpers may unwrap as tests do.
#[cfg(test)]
mod access;
#[cfg(test)]
mod assessments;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod campaigns;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod inspections;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod life;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod people;
#[cfg(test)]
mod postgresql;
#[cfg(test)]
mod record;
#[cfg(test)]
mod sms;
#[cfg(test)]
mod warnings;
#[cfg(test)]
mod work;
