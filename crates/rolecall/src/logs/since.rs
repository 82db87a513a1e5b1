//! From when on: `--since` as `aws logs tail` takes it.

use jiff::{SignedDuration, Timestamp};

/// A time from now backwards (`30s`, `10m`, `2h`, `1d`, `1w`), or a timestamp of ISO 8601.
pub(crate) fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let wrong =
        || format!("'{text}' is neither a time like 30s, 10m, 2h, 1d or 1w nor like 2026-11-29T10:00:00Z");
    let split = text.len().saturating_sub(1);
    let (number, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse::<u32>().map_err(|_| wrong())?.into();
    Timestamp::now().checked_sub(SignedDuration::from_secs(number * seconds)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_backwards_from_now_or_given() {
        for (text, seconds) in [("30s", 30), ("10m", 600), ("2h", 7_200), ("1d", 86_400), ("1w", 604_800)] {
            let from = since(text).unwrap();
            let ago = Timestamp::now().duration_since(from).as_secs();
            assert!((seconds..seconds + 60).contains(&ago), "{text}: {ago}");
        }
        assert_eq!(since("1970-01-01T00:01:00Z").unwrap().as_second(), 60);
        for wrong in ["", "m", "-5m", "5", "5y", "ten", "ü"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
