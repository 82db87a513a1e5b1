//! Houses for tests: the parts below the services in a temporary directory, with callers made in one line.
//!
//! A test of a service makes a [`House`], a service on the house's platform, and calls it as whoever it likes. Only
//! the socket is missing; the records, the authority and every decision are the real ones.

#![expect(clippy::expect_used, reason = "a test whose house cannot be built has failed")]

mod clock;
mod house;

pub use clock::TravellingClock;
pub use house::{ACCOUNT, House, OTHER_ACCOUNT};
