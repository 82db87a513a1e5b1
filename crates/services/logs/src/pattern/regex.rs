//! `%...%`: the regular expressions that CloudWatch Logs has, a small part of the usual ones (user guide, "Supported
//! regular expressions syntax").

use regex_lite::Regex;

use crate::error::LogsError;

/// The symbols that stand for themselves, and the operators. Parentheses are not supported there either.
const SYMBOLS: &str = ":_#=@/;,- ";
const OPERATORS: &str = "^$?[]{}|\\*+.";

/// Compiles the text between the percent signs.
pub(crate) fn compile(text: &str) -> Result<Regex, LogsError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || SYMBOLS.contains(c) || OPERATORS.contains(c);
    if let Some(bad) = text.chars().find(|c| !legal(*c)) {
        return Err(LogsError::invalid(format!(
            "Invalid filter pattern: '{bad}' is not supported in a regular expression."
        )));
    }
    Regex::new(text).map_err(|error| LogsError::invalid(format!("Invalid filter pattern: {error}")))
}
