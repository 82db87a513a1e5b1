//! Instants: ISO 8601 texts or seconds since 1970, compared in milliseconds (reference iam.md 1.11, 2.2).

use std::cmp::Ordering;

/// The order of two texts as instants; `None` when one is none.
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(read(left)?.cmp(&read(right)?))
}

/// Milliseconds since 1970.
fn read(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_year = digits(text, 4..=4).is_some();
    if !is_year && !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * 1000);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    let days = read_date(date)?;
    let millis = read_time(time)?;
    Some(days * 86_400_000 + millis)
}

/// Days since 1970 of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn read_date(text: &str) -> Option<i128> {
    // A year may have a sign and few or many digits: `01T` is stored by AWS (reference iam.md 1.11).
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = unsigned.split('-');
    let year = digits(parts.next()?, 1..=9)?;
    let year = if negative { -year } else { year };
    let month = parts.next().map_or(Some(1), |month| digits(month, 2..=2))?;
    let day = parts.next().map_or(Some(1), |day| digits(day, 2..=2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return None;
    }
    let before_year = days_before(year) - days_before(1970);
    let before_month: i128 = (1..month).map(|month| days_of(year, month)).sum();
    Some(before_year + before_month + day - 1)
}

/// Days of the years before this one, counted from the year 0; a leap year is every fourth, but of the hundredth only
/// every fourth.
fn days_before(year: i128) -> i128 {
    let last = year - 1;
    365 * year + last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
}

fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Milliseconds since midnight UTC of `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fraction` with or without a zone.
fn read_time(text: &str) -> Option<i128> {
    let (clock, zone_minutes) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(at) => (text.get(..at)?, read_zone(text.get(at..)?)?),
    };
    if clock.is_empty() {
        return Some(-zone_minutes * 60_000);
    }
    let (clock, fraction) = match clock.split_once('.') {
        // A fraction belongs to the smallest field that is written, as in ISO 8601.
        Some((clock, fraction)) => {
            let unit = [3_600_000, 60_000, 1000].get(clock.matches(':').count()).copied()?;
            (clock, read_fraction(fraction, unit)?)
        }
        None => (clock, 0),
    };
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = parts.next().map_or(Some(0), |minute| digits(minute, 2..=2))?;
    let second = parts.next().map_or(Some(0), |second| digits(second, 2..=2))?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * 60 + minute - zone_minutes) * 60_000 + second * 1000 + fraction)
}

/// Minutes east of UTC.
fn read_zone(text: &str) -> Option<i128> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let east = if text.starts_with('+') { 1 } else { -1 };
    let (hours, minutes) = text.get(1..)?.split_once(':').unwrap_or((text.get(1..)?, "00"));
    let (hours, minutes) = (digits(hours, 2..=2)?, digits(minutes, 2..=2)?);
    if hours > 23 || minutes > 59 { None } else { Some(east * (hours * 60 + minutes)) }
}

/// Milliseconds of a fraction of so many milliseconds; what is finer is cut off.
fn read_fraction(text: &str, unit: i128) -> Option<i128> {
    let billionths = digits(&format!("{text:0<9}"), 9..=9)?;
    if text.is_empty() { None } else { Some(unit * billionths / 1_000_000_000) }
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i128> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits && length.contains(&text.len()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_has_many_spellings() {
        for text in
            ["2030", "2030-01-01T", "+1893456000", "2030-01-01t01:00:00.0001+01:00", "2029-12-31T23-01"]
        {
            assert_eq!(compare(text, "1893456000"), Some(Ordering::Equal), "{text}");
        }
        for text in ["", "T", "2030-02-29", "2030-1-01", "2030-01-01T24Z", "never"] {
            assert_eq!(compare(text, "2030"), None, "{text}");
        }
    }
}
