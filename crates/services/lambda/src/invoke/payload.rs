//! The event and the client context that a caller sends.

use data_encoding::BASE64;
use serde::de::IgnoredAny;

use crate::error::LambdaError;

/// How an invocation is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvocationType {
    /// With the function's result.
    RequestResponse,
    /// At once; the event is delivered later.
    Event,
    /// With nothing: only the right to invoke is checked.
    DryRun,
}

/// The event of a caller that sends none.
pub(crate) const EMPTY_EVENT: &[u8] = b"{}";

impl InvocationType {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`LambdaError::InvalidParameter`] for a type that the model's validation let through.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, LambdaError> {
        match text {
            None | Some("RequestResponse") => Ok(Self::RequestResponse),
            Some("Event") => Ok(Self::Event),
            Some("DryRun") => Ok(Self::DryRun),
            Some(other) => Err(LambdaError::InvalidParameter(format!("Unknown invocation type '{other}'."))),
        }
    }

    /// AWS's name and the largest event in bytes (reference lambda.md 7.4, 9-16).
    fn limit(self) -> (&'static str, usize) {
        match self {
            Self::Event => ("Event", 1_048_576),
            Self::RequestResponse | Self::DryRun => ("RequestResponse", 6_291_456),
        }
    }
}

/// The largest event of InvokeAsync, in bytes (reference lambda.md 9-16).
const MAX_OLDER_EVENT: usize = 262_144;

/// Refuses an event of InvokeAsync that is too large or not JSON.
///
/// # Errors
/// [`LambdaError::TooLarge`] or [`LambdaError::InvalidContent`].
pub(crate) fn check_older_event(event: &[u8]) -> Result<(), LambdaError> {
    require_size(event, "Event", MAX_OLDER_EVENT)?;
    check_event(event, InvocationType::Event)
}

fn require_size(event: &[u8], name: &str, limit: usize) -> Result<(), LambdaError> {
    if event.len() <= limit {
        return Ok(());
    }
    Err(LambdaError::TooLarge(format!(
        "{} byte payload is too large for the {name} invocation type (limit {limit} bytes)",
        event.len()
    )))
}

/// Refuses an event that is too large or not JSON.
///
/// # Errors
/// [`LambdaError::TooLarge`] or [`LambdaError::InvalidContent`].
pub(crate) fn check_event(event: &[u8], kind: InvocationType) -> Result<(), LambdaError> {
    let (name, limit) = kind.limit();
    require_size(event, name, limit)?;
    if let Err(error) = std::str::from_utf8(event)
        && let Some(byte) = event.get(error.valid_up_to())
        && is_inside_token(event.get(..error.valid_up_to()).unwrap_or_default())
    {
        let words = format!("Invalid UTF-8 start byte 0x{byte:x}");
        return Err(not_json(event, error.valid_up_to() + 2, &words));
    }
    match serde_json::from_slice::<IgnoredAny>(event) {
        Ok(_) => Ok(()),
        Err(error) => Err(unparsable(event, &error)),
    }
}

/// Whether JSON that breaks off here breaks off inside a word or a string: only there AWS's parser reads characters,
/// everywhere else it reads bytes.
fn is_inside_token(json: &[u8]) -> bool {
    match serde_json::from_slice::<IgnoredAny>(json) {
        Err(error) if error.is_eof() => {
            let in_word = json.last().is_some_and(u8::is_ascii_alphanumeric);
            in_word || error.to_string().contains("parsing a string")
        }
        _ => false,
    }
}

fn unparsable(event: &[u8], error: &serde_json::Error) -> LambdaError {
    let at = offset(event, error);
    if let Some((token, end)) = token_at(event, if error.is_eof() { event.len() } else { at })
        && !error.to_string().contains("parsing a string")
    {
        // AWS's parser reads a word to its end, and one character beyond it where there is one.
        let position = if end < event.len() { end + 2 } else { end + 1 };
        return not_json(event, position, &format!("Unrecognized token '{token}': was expecting {EXPECTED}"));
    }
    let Some(byte) = event.get(at).copied().filter(|_| !error.is_eof()) else {
        return not_json(event, event.len() + 1, "Unexpected end-of-input");
    };
    let words = if !(0x20..0x7f).contains(&byte) {
        format!("Unexpected character ((CTRL-CHAR, code {byte})): expected a valid value {EXPECTED}")
    } else {
        format!(
            "Unexpected character ('{}' (code {byte})): expected a valid value {EXPECTED}",
            char::from(byte)
        )
    };
    not_json(event, at + 1, &words)
}

/// What may stand where a value begins.
const EXPECTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// The word that the place is in or behind, and where it ends; it begins with a letter.
fn token_at(event: &[u8], at: usize) -> Option<(String, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let before = event.get(..at)?;
    let begin = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |other| other + 1);
    let word: String =
        event.get(begin..)?.iter().take_while(|byte| is_part(byte)).map(|byte| char::from(*byte)).collect();
    let end = begin + word.len();
    word.starts_with(|first: char| !first.is_ascii_digit()).then_some((word, end))
}

/// Where in the event the error is.
fn offset(event: &[u8], error: &serde_json::Error) -> usize {
    let lines = event.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    before + error.column().saturating_sub(1)
}

/// AWS's refusal, which carries the words of its JSON parser and the place, counted from 1.
fn not_json(event: &[u8], position: usize, words: &str) -> LambdaError {
    let before = event.get(..position.saturating_sub(1).min(event.len())).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let column = position - line_start;
    LambdaError::InvalidContent(format!(
        "Could not parse request body into json: Could not parse payload into json: {words}\n at [Source: REDACTED \
         (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    ))
}

/// The client context, decoded.
///
/// # Errors
/// [`LambdaError::InvalidContent`] where it is no JSON object in base64, or is too long (reference lambda.md 7.4).
pub(crate) fn client_context(encoded: Option<&str>) -> Result<Option<String>, LambdaError> {
    let Some(encoded) = encoded.filter(|encoded| !encoded.is_empty()) else { return Ok(None) };
    let invalid = || {
        let text = "Client context must be a valid Base64-encoded JSON object.";
        LambdaError::InvalidContent(text.to_owned())
    };
    if encoded.len() > 3_583 {
        return Err(invalid());
    }
    let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).is_ok();
    if is_object { Ok(Some(text)) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(event: &[u8]) -> String {
        check_event(event, InvocationType::RequestResponse).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_json_is_refused_in_the_recorded_words() {
        assert_eq!(
            refusal(b"\x99\xeb,j\x07\xa1zYh"),
            "Could not parse request body into json: Could not parse payload into json: Unexpected character \
             ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', \
             'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); \
             line: 1, column: 1]"
        );
        assert_eq!(
            refusal(b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"),
            "Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte 0x87\n \
             at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 3]"
        );
        for (event, token, column) in
            [("hello", "hello", 6), ("no", "no", 3), ("[nul, 1]", "nul", 6), ("{\"a\":fals", "fals", 10)]
        {
            let said = refusal(event.as_bytes());
            assert!(said.contains(&format!("Unrecognized token '{token}': was expecting")), "{said}");
            assert!(said.ends_with(&format!("line: 1, column: {column}]")), "{said}");
        }
        for event in ["{", "\"abc"] {
            assert!(refusal(event.as_bytes()).contains("Unexpected end-of-input"));
        }
        assert!(refusal(b"12abc").contains("Unexpected character ('a' (code 97))"));
        assert_eq!(check_event(b"{\"a\":[1,null]}", InvocationType::Event), Ok(()));
    }

    #[test]
    fn each_type_has_its_own_limit() {
        let event = |size: usize| format!("\"{}\"", "x".repeat(size - 2)).into_bytes();
        assert_eq!(check_event(&event(1_048_576), InvocationType::Event), Ok(()));
        assert_eq!(
            check_event(&event(1_048_577), InvocationType::Event).unwrap_err().to_string(),
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
        );
        assert_eq!(check_event(&event(6_291_456), InvocationType::RequestResponse), Ok(()));
        assert!(
            refusal(&event(6_291_457)).ends_with("RequestResponse invocation type (limit 6291456 bytes)")
        );
    }

    #[test]
    fn a_client_context_is_a_json_object_in_base64() {
        assert_eq!(client_context(Some("e30=")), Ok(Some("{}".to_owned())));
        assert_eq!(client_context(None), Ok(None));
        for wrong in ["{}", "W10=", "####"] {
            assert!(client_context(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
