//! The two spellings of time that a signed request may carry: ISO 8601 "basic format" (`20150830T123600Z`) and the
//! HTTP date. Time is always an argument here, in seconds since the epoch; this crate reads no clock.

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

/// Reads `YYYYMMDDTHHMMSSZ`, and nothing else, as seconds since the epoch.
pub(crate) fn parse_basic(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes.get(8) != Some(&b'T') || bytes.get(15) != Some(&b'Z') {
        return None;
    }
    let part = |from: usize, to: usize| -> Option<i16> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let small = |from: usize, to: usize| part(from, to).and_then(|n| i8::try_from(n).ok());
    let civil = DateTime::new(
        part(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(9, 11)?,
        small(11, 13)?,
        small(13, 15)?,
        0,
    )
    .ok()?;
    Some(Offset::UTC.to_timestamp(civil).ok()?.as_second())
}

/// Reads the `Date` header: the HTTP date, or the basic format that some clients put there.
pub(crate) fn parse_date_header(text: &str) -> Option<i64> {
    parse_basic(text)
        .or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(jiff::Timestamp::as_second))
}

/// Writes seconds since the epoch as `YYYYMMDDTHHMMSSZ`. A time outside the years that this format can hold is
/// written as its number of seconds, which no reader takes for a date.
pub fn format_basic(epoch_s: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_second(epoch_s).map(|time| Offset::UTC.to_datetime(time)) else {
        return epoch_s.to_string();
    };
    if time.year() < 0 {
        return format(epoch_s, "%Y%m%dT%H%M%SZ");
    }
    // Every request has its time written, so this is not left to a general formatter.
    let mut text = String::with_capacity(16);
    push_digits(&mut text, time.year().unsigned_abs(), 1000);
    push_digits(&mut text, time.month().unsigned_abs().into(), 10);
    push_digits(&mut text, time.day().unsigned_abs().into(), 10);
    text.push('T');
    for part in [time.hour(), time.minute(), time.second()] {
        push_digits(&mut text, part.unsigned_abs().into(), 10);
    }
    text.push('Z');
    text
}

/// Writes a number with as many digits as `place`, the place of its first digit, has.
fn push_digits(text: &mut String, number: u16, mut place: u16) {
    while place > 0 {
        let digit = number / place % 10;
        text.push(char::from_digit(digit.into(), 10).unwrap_or('0'));
        place /= 10;
    }
}

/// Writes seconds since the epoch as `YYYY-MM-DDTHH:MM:SSZ`, the form that S3's error members use.
pub(crate) fn format_extended(epoch_s: i64) -> String {
    format(epoch_s, "%Y-%m-%dT%H:%M:%SZ")
}

fn format(epoch_s: i64, pattern: &str) -> String {
    match jiff::Timestamp::from_second(epoch_s) {
        Ok(time) => time.strftime(pattern).to_string(),
        Err(_) => epoch_s.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_format_is_read_and_written() {
        assert_eq!(parse_basic("20150830T123600Z"), Some(1_440_938_160));
        assert_eq!(format_basic(1_440_938_160), "20150830T123600Z");
        assert_eq!(format_extended(1_440_938_160), "2015-08-30T12:36:00Z");
    }

    #[test]
    fn nothing_but_the_exact_basic_format_is_a_time() {
        for text in [
            "",
            "20150830T123600",
            "20150830T123600z",
            "20150830 123600Z",
            "2015-08-30T12:36:00Z",
            "20150230T123600Z",
            "20150830T243600Z",
            "20150830T123660Z",
            "+0150830T123600Z",
            "20150830T12360０Z",
            "20150830T123600Z ",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }

    #[test]
    fn the_date_header_may_be_an_http_date() {
        for text in ["Sun, 30 Aug 2015 12:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 -0000", "20150830T123600Z"] {
            assert_eq!(parse_date_header(text), Some(1_440_938_160), "{text}");
        }
        assert_eq!(parse_date_header("yesterday"), None);
    }

    #[test]
    fn a_time_that_no_calendar_holds_is_still_printable() {
        assert_eq!(format_basic(i64::MAX), i64::MAX.to_string());
    }
}
