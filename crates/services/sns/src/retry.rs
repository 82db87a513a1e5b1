//! When a delivery that failed is tried again (message delivery retries in the SNS developer guide: what Lambda and SQS
//! get).

/// How often it is tried again at once.
const AT_ONCE: u32 = 3;
/// How often after a second each.
const EVERY_SECOND: u32 = 2;
/// How often with waits that double, from one second to the longest.
const BACKING_OFF: u32 = 10;
/// How often after the longest wait.
const AT_LAST: u32 = 100_000;
/// The shortest and the longest wait in milliseconds.
const WAITS_MS: (i64, i64) = (1_000, 20_000);

/// How long to wait after so many attempts, in milliseconds; none where it is not tried any more.
pub(crate) fn wait_ms(attempts: u32) -> Option<i64> {
    let backing_off = AT_ONCE + EVERY_SECOND;
    let at_last = backing_off + BACKING_OFF;
    match attempts.saturating_sub(1) {
        ..AT_ONCE => Some(0),
        retry if retry < backing_off => Some(WAITS_MS.0),
        retry if retry < at_last => Some((WAITS_MS.0 << (retry - backing_off)).min(WAITS_MS.1)),
        retry if retry < at_last + AT_LAST => Some(WAITS_MS.1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_come_at_once_then_slower_and_end() {
        let waits: Vec<_> = (1..=16).map(|attempts| wait_ms(attempts).unwrap() / 1000).collect();
        assert_eq!(waits, [0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20]);
        assert_eq!(wait_ms(100_015), Some(20_000));
        assert_eq!(wait_ms(100_016), None);
    }
}
