//! The pages in a real Chromium: an analyst with a passkey, from the queue to a block that
//! DNS shows and back; citizens in each language; by keys alone; at 320 pixels; no script
//! error, no request to another host, nothing that axe-core finds.

// Each is marked as test code, so that helpers may unwrap as tests do.
#[cfg(test)]
mod analyst;
#[cfg(test)]
mod axe;
#[cfg(test)]
mod citizen;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod walk;
