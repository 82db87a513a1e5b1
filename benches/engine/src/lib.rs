//! What the engine is measured on: policies and requests in the forms of all engines, and a clock.
//!
//! Two programs use it. One measures times, and one counts allocations, because an allocator that counts is slower
//! and would slow down most those who allocate most.

pub mod caller;
pub mod clock;
pub mod floor;
pub mod ours;
pub mod scale;
pub mod theirs;
