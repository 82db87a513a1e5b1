//! The IAM service in a house: permissions of every operation, and how the operations behave.

mod fixture;
mod keys;
mod permissions;
mod policies;
mod roles;
mod users;
