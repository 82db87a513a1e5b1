//! ARNs, account ids, unique ids and regions.
//!
//! Text that names something is parsed once, where it enters the program, and carried as one of these types from
//! there on. Two parts of the program can then not disagree about what a name means: the name that is authorised is
//! the name that is used.

mod account;
mod arn;
mod region;
mod text;
mod unique_id;

pub use account::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError, PARTITION};
pub use region::{Region, RegionError};
pub use unique_id::{UniqueId, UniqueIdError, UniqueIdKind};
