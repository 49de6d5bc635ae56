//! Hostile input at the doors of the real binary, over real sockets: each is refused
//! in clear words, nothing that was acknowledged is lost, and the next one is served.

// Each is marked as test code, so that helpers may unwrap as tests do.
#[cfg(test)]
mod api;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod readonly;
#[cfg(test)]
mod smtp;
