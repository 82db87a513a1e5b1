//! How keys are written in lists with `encoding-type=url` and in event records: as in HTML forms, but with slashes.

/// Encodes a key.
pub(crate) fn encode(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'/' | b'-' | b'_' | b'.' | b'*' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_s3_does() {
        assert_eq!(encode("a/b c+ü~.txt"), "a/b+c%2B%C3%BC%7E.txt");
    }
}
