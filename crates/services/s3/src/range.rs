//! `Range: bytes=...`: which bytes of an object are wanted.

use crate::error::S3Error;

/// The bytes `start..end` of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl ByteRange {
    /// Reads a Range header. What is not one range of bytes is ignored, and the whole object is answered.
    pub(crate) fn parse(header: &str, size: u64) -> Result<Option<Self>, S3Error> {
        let Some((first, last)) =
            header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
        else {
            return Ok(None);
        };
        let range = match (number(first), number(last)) {
            (Some(None), Some(Some(length))) => ByteRange { start: size.saturating_sub(length), end: size },
            (Some(Some(start)), Some(None)) => ByteRange { start, end: size },
            (Some(Some(start)), Some(Some(last))) if start <= last => {
                ByteRange { start, end: last.saturating_add(1).min(size) }
            }
            _ => return Ok(None),
        };
        if range.start >= range.end {
            return Err(S3Error::InvalidRange { requested: header.to_owned(), size });
        }
        Ok(Some(range))
    }

    /// `bytes 0-9/100`
    pub(crate) fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, self.end.saturating_sub(1))
    }

    pub(crate) fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// A number, or nothing where there is nothing; none where it is neither.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    // A number beyond all sizes is as good as the greatest.
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_says() {
        let cases = [
            ("bytes=0-4", Some((0, 5))),
            ("bytes=5-", Some((5, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-30", Some((0, 10))),
            ("bytes=8-99", Some((8, 10))),
            ("bytes=9-9", Some((9, 10))),
            ("bytes=4-3", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("lines=0-4", None),
        ];
        for (header, expected) in cases {
            let range = ByteRange::parse(header, 10).unwrap();
            assert_eq!(range.map(|range| (range.start, range.end)), expected, "{header}");
        }
        for header in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert!(ByteRange::parse(header, 10).is_err(), "{header}");
        }
        assert!(ByteRange::parse("bytes=0-", 0).is_err());
        assert_eq!(ByteRange { start: 0, end: 5 }.content_range(10), "bytes 0-4/10");
    }
}
