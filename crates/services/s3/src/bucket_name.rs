//! The rules for names of buckets (S3 user guide, "General purpose bucket naming rules").

use std::net::Ipv4Addr;

const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: [&str; 6] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"];

/// Whether a new bucket may have the name.
pub(crate) fn is_bucket_name(name: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&name.len())
        && bytes.iter().all(|byte| alphanumeric(byte) || b".-".contains(byte))
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        && !RESERVED_ENDS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        for name in ["abc", "my-bucket", "my.bucket.2", "0ab", &"a".repeat(63)] {
            assert!(is_bucket_name(name), "{name}");
        }
        let bad = [
            "",
            "ab",
            "My-bucket",
            "a_b",
            "-ab",
            "ab-",
            ".ab",
            "a..b",
            "192.168.1.1",
            "xn--abc",
            "abc-s3alias",
            "../etc",
            "a/b",
            "a b",
            "bücket",
            &"a".repeat(64),
        ];
        for name in bad {
            assert!(!is_bucket_name(name), "{name}");
        }
    }
}
