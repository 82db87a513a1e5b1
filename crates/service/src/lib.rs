//! What every AWS service here is given with a call, and how one service calls another.
//!
//! No service reads another's tables. It calls the other's operation through the [`Dispatcher`] as a principal (a role
//! session, or a service principal with its source), and that call is authorised and explained like any other.

mod dispatch;
mod errors;
mod function_url;
mod platform;

pub use dispatch::{Dispatcher, Service};
pub use errors::{denied, internal, store_failed};
pub use function_url::{FoundUrl, FunctionUrls, UrlAnswer, UrlRefusal};
pub use platform::{Platform, Settings};
