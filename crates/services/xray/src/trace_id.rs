//! Trace ids: `1-TIME-ID`, with the time of the first request in eight hexadecimal digits of seconds and 96 bits that
//! are unique.

use crate::put_trace_segments::RETENTION_MS;

/// How far a sender's clock may be ahead, in milliseconds. AWS's own limit is recorded nowhere.
const AHEAD_MS: i64 = 10 * 60 * 1000;

/// The time in a trace id, in epoch milliseconds; none where the text is no trace id.
pub(crate) fn time_of(id: &str) -> Option<i64> {
    let mut parts = id.split('-');
    let (version, time, unique) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_one = version == "1" && is_hex(time, 8) && is_hex(unique, 24) && parts.next().is_none();
    is_one.then(|| i64::from_str_radix(time, 16).ok().map(|seconds| seconds * 1000)).flatten()
}

/// Whether a trace of this time may still get segments. AWS refuses traces that began too far in the past.
pub(crate) fn is_current(time_ms: i64, now_ms: i64) -> bool {
    time_ms > now_ms - RETENTION_MS && time_ms < now_ms + AHEAD_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_parts_are_a_trace_id() {
        assert_eq!(time_of("1-58406520-a006649127e371903a2de979"), Some(1_480_615_200_000));
        for wrong in [
            "",
            "1-58406520",
            "2-58406520-a006649127e371903a2de979",
            "1-58406520-a006649127e371903a2de979-1",
            "1-5840652-a006649127e371903a2de979",
            "1-58406520-a006649127e371903a2de97g",
            "1-+8406520-a006649127e371903a2de979",
        ] {
            assert_eq!(time_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_trace_is_open_for_thirty_days() {
        let now_ms = 1_800_000_000_000;
        assert!(is_current(now_ms, now_ms));
        assert!(!is_current(now_ms - RETENTION_MS, now_ms));
        assert!(!is_current(now_ms + AHEAD_MS, now_ms));
    }
}
