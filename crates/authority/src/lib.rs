//! Who may do what.
//!
//! The authority knows the callers and their sessions, collects the policies that apply to a call, and asks
//! `rolecall-policy` to decide. Its answer is a proof, [`Authorized`], that nothing else can make: an operation that
//! acts on a resource takes one, so a path without a check does not compile.
//!
//! Every denial gets an id and a whole explanation, which [`Authority::explanation`] finds again.

mod authenticate;
mod authority;
mod authorization_message;
mod authorize;
mod call;
mod caller;
mod clock;
mod context;
mod decisions;
mod key_use;
mod organization;
mod policies;
mod principals;
mod seal;
mod session;
mod session_limit;
mod sides;

pub use authenticate::Authenticated;
pub use authority::Authority;
pub use authorize::{Authorized, Check, Denied, ResourcePolicyRef};
pub use call::{Call, Origin};
pub use caller::{Caller, Holder};
pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use decisions::{DecisionId, DecisionIdError, DecisionRecord};
pub use principals::{BoundPrincipals, InvalidPrincipal, bind, effective_document};
pub use seal::Purpose;
pub use session::{IssuedSession, Session, SessionHolder};
pub use session_limit::{SessionLimit, session_limit};
