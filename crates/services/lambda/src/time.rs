//! Times as Lambda writes them.

/// `2026-11-23T05:19:00.000+0000`, the form of `LastModified` and `CreatedDate`.
pub(crate) fn timestamp(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// `2026/11/23`, the beginning of a log stream's name.
pub(crate) fn stream_date(epoch_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default().strftime("%Y/%m/%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_a_zone_without_colon() {
        assert_eq!(timestamp(1_795_411_140_000), "2026-11-23T05:19:00.000+0000");
        assert_eq!(stream_date(1_795_411_140_000), "2026/11/23");
    }
}
