//! The STS service in a house.

mod assume_role;
mod denials;
mod fixture;
mod identity;
mod sessions;
