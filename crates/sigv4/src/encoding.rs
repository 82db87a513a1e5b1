//! Percent-encoding as Signature Version 4 means it: everything but the unreserved characters, upper-case digits,
//! a space as `%20` (reference iam.md 6.1).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Encodes a query name or value.
pub(crate) fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

/// Encodes a path: slashes stay.
pub(crate) fn encode_path(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED_IN_PATH).to_string()
}

/// Whether a path consists of unreserved characters and slashes, so that decoding and encoding leave it as it is.
pub(crate) fn is_plain_path(raw: &str) -> bool {
    raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/'))
}

/// What is wrong with an escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadEscape {
    /// The text ends within an escape.
    Incomplete,
    /// The two characters after `%` are not hexadecimal digits.
    IllegalHex(String),
}

/// Decodes `%XX`; `plus_is_space` for query strings.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Result<Vec<u8>, BadEscape> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
                    return Err(BadEscape::Incomplete);
                };
                out.push(decode_pair(high, low)?);
            }
            b'+' if plus_is_space => out.push(b' '),
            other => out.push(other),
        }
    }
    Ok(out)
}

fn decode_pair(high: u8, low: u8) -> Result<u8, BadEscape> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => Ok(high * 16 + low),
        _ => Err(BadEscape::IllegalHex(String::from_utf8_lossy(&[b'%', high, low]).into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("aZ09-._~ /=+%ሴ".as_bytes()), "aZ09-._~%20%2F%3D%2B%25%E1%88%B4");
        assert_eq!(encode_path(b"/a b/%2F"), "/a%20b/%252F");
    }

    #[test]
    fn decoding_says_what_is_wrong() {
        assert_eq!(decode("a%20b+c", true), Ok(b"a b c".to_vec()));
        assert_eq!(decode("a%20b+c", false), Ok(b"a b+c".to_vec()));
        for text in ["%", "a%2", "%%"] {
            assert_eq!(decode(text, false), Err(BadEscape::Incomplete), "{text}");
        }
        assert_eq!(decode("%zz", false), Err(BadEscape::IllegalHex("%zz".to_owned())));
        assert_eq!(decode("%+1", false), Err(BadEscape::IllegalHex("%+1".to_owned())));
    }
}
