//! All findings that lint can make: code, level and advice declared together. The checks name them, the tests count
//! them, and a code that is not here cannot be reported.
//!
//! The codes and levels are those of IAM Access Analyzer's ValidatePolicy; what it has and lint has not is in
//! [`LEFT_OUT`], with the reason. The second table has what only a tool can find that knows how Lambda is authorised.

use super::finding::Level;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The issue code, like `MISSING_VERSION`.
    pub name: &'static str,
    /// How grave it is.
    pub level: Level,
    /// What to write instead.
    pub advice: &'static str,
}

macro_rules! codes {
    ($(#[$doc:meta])* $table:ident: $($name:ident, $level:ident, $advice:literal;)*) => {
        $(pub(in crate::lint) static $name: Code =
            Code { name: stringify!($name), level: Level::$level, advice: $advice };)*
        $(#[$doc])*
        pub static $table: &[&Code] = &[$(&$name),*];
    };
}

mod access_analyzer;
mod lambda_aware;
mod left_out;

pub use access_analyzer::ACCESS_ANALYZER;
pub(super) use access_analyzer::*;
pub use lambda_aware::LAMBDA_AWARE;
pub(super) use lambda_aware::*;
pub use left_out::LEFT_OUT;
