//! Times as Lambda writes them.

/// `2026-11-23T05:19:00.000+0000`, the form of `LastModified` and `CreatedDate`.
pub(crate) fn timestamp(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    let civil = jiff::tz::Offset::UTC.to_datetime(time);
    // Every configuration that is shown has this time, thousands in a list, so it is not left to a general formatter.
    let mut text = String::with_capacity(28);
    push_digits(&mut text, civil.year(), 1000, '-');
    push_digits(&mut text, civil.month().into(), 10, '-');
    push_digits(&mut text, civil.day().into(), 10, 'T');
    push_digits(&mut text, civil.hour().into(), 10, ':');
    push_digits(&mut text, civil.minute().into(), 10, ':');
    push_digits(&mut text, civil.second().into(), 10, '.');
    push_digits(&mut text, civil.millisecond(), 100, '+');
    text.push_str("0000");
    text
}

/// Writes a number with as many digits as `place`, the place of its first digit, has, and what comes after it.
fn push_digits(text: &mut String, number: i16, mut place: u16, after: char) {
    while place > 0 {
        let digit = number.unsigned_abs() / place % 10;
        text.push(char::from_digit(digit.into(), 10).unwrap_or('0'));
        place /= 10;
    }
    text.push(after);
}

/// `2026-11-23T05:19:00.000Z`, the form of a function URL's times.
pub(crate) fn utc_timestamp(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `2026-11-23T05:19:00.000000000Z`, the form of a code signing configuration's `LastModified`.
pub(crate) fn instant(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

/// `2026/11/23`, the beginning of a log stream's name.
pub(crate) fn stream_date(epoch_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default().strftime("%Y/%m/%d").to_string()
}

/// `2026/11/23/2026-11-23T05.19.00`, how the names of records in S3 begin (reference lambda.md 7.6-8).
pub(crate) fn s3_key_time(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S").to_string()
}

/// `2026-11-23T05:19:00+0000`, the form of `LastModified` of provisioned concurrency (recorded answers).
pub(crate) fn timestamp_seconds(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_a_zone_without_colon() {
        assert_eq!(timestamp(1_795_411_140_000), "2026-11-23T05:19:00.000+0000");
        assert_eq!(timestamp(7), "1970-01-01T00:00:00.007+0000");
        assert_eq!(instant(1_795_411_140_519), "2026-11-23T05:19:00.519000000Z");
        assert_eq!(stream_date(1_795_411_140_000), "2026/11/23");
        assert_eq!(s3_key_time(1_795_411_140_000), "2026/11/23/2026-11-23T05.19.00");
        assert_eq!(timestamp_seconds(1_795_411_140_000), "2026-11-23T05:19:00+0000");
    }
}
