//! Points in time as AWS's protocols write them.

use jiff::fmt::rfc2822::DateTimeParser;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// The forms in which a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampFormat {
    /// `2026-01-31T08:00:00Z`, in S3 with milliseconds.
    Iso8601,
    /// `Sat, 31 Jan 2026 08:00:00 GMT`.
    Rfc822,
    /// Seconds since 1970, with a fraction where there is one.
    Unix,
}

impl Timestamp {
    /// The time in milliseconds since 1970.
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        self.0
    }

    /// `2026-01-31T08:00:00Z`: without a fraction, as query services write it.
    #[must_use]
    pub fn to_iso8601(self) -> String {
        self.strftime("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `2026-01-31T08:00:00.000Z`: with milliseconds, as S3 writes it.
    #[must_use]
    pub fn to_iso8601_ms(self) -> String {
        self.strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// `Sat, 31 Jan 2026 08:00:00 GMT`, as HTTP headers have it.
    #[must_use]
    pub fn to_rfc822(self) -> String {
        self.strftime("%a, %d %b %Y %H:%M:%S GMT")
    }

    /// Seconds since 1970, as JSON numbers have it.
    pub(crate) fn to_unix_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    pub(crate) fn from_unix_seconds(seconds: f64) -> Option<Self> {
        let ms = (seconds * 1000.0).round();
        // Beyond this the years no longer have four digits, and a cast would saturate silently.
        (ms.abs() < 253_402_300_800_000.0).then_some(Self(ms as i64))
    }

    /// Reads any of the forms: AWS's services take each of them where text is expected.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Self(time.as_millisecond()));
        }
        if let Ok(time) = DateTimeParser::new().parse_timestamp(text) {
            return Some(Self(time.as_millisecond()));
        }
        text.parse().ok().and_then(Self::from_unix_seconds)
    }

    fn strftime(self, format: &str) -> String {
        // A time beyond jiff's range can only come from a caller's mistake; it is shown as the nearest that can be.
        let limit = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(limit).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Timestamp = Timestamp(784_111_777_042);

    #[test]
    fn each_form_is_written_as_aws_writes_it() {
        assert_eq!(TIME.to_iso8601(), "1994-11-06T08:49:37Z");
        assert_eq!(TIME.to_iso8601_ms(), "1994-11-06T08:49:37.042Z");
        assert_eq!(TIME.to_rfc822(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(TIME.to_unix_seconds(), 784_111_777.042);
    }

    #[test]
    fn each_form_is_read() {
        for text in [
            "1994-11-06T08:49:37Z",
            "1994-11-06T09:49:37+01:00",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "784111777",
        ] {
            assert_eq!(Timestamp::parse(text), Some(Timestamp(784_111_777_000)), "{text}");
        }
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::parse("1e300"), None);
    }

    #[test]
    fn a_time_out_of_range_is_no_panic() {
        assert!(Timestamp(i64::MAX).to_iso8601().starts_with("9999-"));
        assert!(!Timestamp(i64::MIN).to_rfc822().is_empty());
    }
}
