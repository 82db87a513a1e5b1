//! Instants, written as ISO 8601 or as seconds since 1970, compared to the millisecond (reference iam.md 1.11, 2.2).

use super::number::sign;

const MS_PER_DAY: i64 = 86_400_000;
const MS_PER_HOUR: i64 = 3_600_000;
const MS_PER_MINUTE: i64 = 60_000;

/// Milliseconds since the beginning of 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i128);

impl Instant {
    /// Reads a date. Four digits alone are a year; any other integer is seconds since 1970.
    pub(crate) fn parse(text: &str) -> Option<Instant> {
        usual_form(text).or_else(|| Self::parse_any_form(text))
    }

    fn parse_any_form(text: &str) -> Option<Instant> {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        // Digits after at most one sign.
        if !is_year && let Ok(seconds) = text.parse::<i64>() {
            return Some(Instant(i128::from(seconds) * 1000));
        }
        let (date, time) = match text.split_once(['T', 't']) {
            Some((date, time)) => (date, time),
            None => (text, ""),
        };
        Some(Instant(date_ms(date)? + i128::from(time_ms(time)?)))
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, which nearly all requests have; `None` for everything else, other dates included.
fn usual_form(text: &str) -> Option<Instant> {
    let text: &[u8; 20] = text.as_bytes().try_into().ok()?;
    if [text[4], text[7], text[10], text[13], text[16], text[19]] != *b"--T::Z" {
        return None;
    }
    let digit =
        |at: usize| text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'));
    let two = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hours, minutes, seconds) = (two(11)?, two(14)?, two(17)?);
    let is_date = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    let is_time = hours <= 23 && minutes <= 59 && seconds <= 59;
    let ms = || {
        let clock = hours * MS_PER_HOUR + minutes * MS_PER_MINUTE + seconds * 1000;
        days_since_1970(year, month, day) * MS_PER_DAY + clock
    };
    (is_date && is_time).then(|| Instant(i128::from(ms())))
}

/// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`; the year may have a sign and up to nine digits.
fn date_ms(date: &str) -> Option<i128> {
    let (negative, unsigned) = sign(date);
    let mut fields = unsigned.splitn(3, '-');
    let year = number(fields.next()?, 1, 9)?;
    let month = fields.next().map_or(Some(1), |text| number(text, 2, 2))?;
    let day = fields.next().map_or(Some(1), |text| number(text, 2, 2))?;
    let year = if negative { -year } else { year };
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    Some(i128::from(days_since_1970(year, month, day)) * i128::from(MS_PER_DAY))
}

/// What follows the `T`: nothing, or hours with minutes, seconds and fraction, and a zone. Without zone it is UTC.
fn time_ms(time: &str) -> Option<i64> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return clock_ms(time);
    }
    match time.find(['+', '-']) {
        None => clock_ms(time),
        Some(at) => {
            let (clock, zone) = time.split_at_checked(at)?;
            Some(clock_ms(clock)? - zone_ms(zone)?)
        }
    }
}

fn clock_ms(clock: &str) -> Option<i64> {
    if clock.is_empty() {
        return Some(0);
    }
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut fields = clock.splitn(3, ':');
    let hours = number(fields.next()?, 1, 2)?;
    let minutes = fields.next().map(|text| number(text, 2, 2));
    let seconds = fields.next().map(|text| number(text, 2, 2));
    // A fraction belongs to the smallest field that is written.
    let unit = match (minutes, seconds) {
        (None, _) => MS_PER_HOUR,
        (Some(_), None) => MS_PER_MINUTE,
        (Some(_), Some(_)) => 1000,
    };
    let (minutes, seconds) = (minutes.unwrap_or(Some(0))?, seconds.unwrap_or(Some(0))?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let fraction = fraction.map_or(Some(0), |digits| fraction_ms(digits, unit))?;
    Some(hours * MS_PER_HOUR + minutes * MS_PER_MINUTE + seconds * 1000 + fraction)
}

/// At most nine digits; what is finer than a millisecond is cut off.
fn fraction_ms(digits: &str, unit: i64) -> Option<i64> {
    let value = number(digits, 1, 9)?;
    let scale = 10_i64.pow(u32::try_from(digits.len()).ok()?);
    Some(value * unit / scale)
}

/// `+01`, `+01:30`.
fn zone_ms(zone: &str) -> Option<i64> {
    let (negative, zone) = sign(zone);
    let (hours, minutes) = match (zone.len(), zone.split_once(':')) {
        (2, None) => (zone, "00"),
        (5, Some(fields)) => fields,
        _ => return None,
    };
    let (hours, minutes) = (number(hours, 2, 2)?, number(minutes, 2, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = hours * MS_PER_HOUR + minutes * MS_PER_MINUTE;
    Some(if negative { -offset } else { offset })
}

fn number(text: &str, least: usize, most: usize) -> Option<i64> {
    let legal = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if legal { text.parse().ok() } else { None }
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, counted with years that begin in March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read_like_any_other() {
        for text in
            ["1970-01-01T00:00:00Z", "0000-02-29T23:59:59Z", "9999-12-31T12:30:01Z", "2100-03-01T00:00:00Z"]
        {
            assert_eq!(usual_form(text), Instant::parse_any_form(text), "{text}");
            assert!(usual_form(text).is_some(), "{text}");
        }
        for text in
            ["2021-02-29T00:00:00Z", "2021-01-01T24:00:00Z", "2021-13-01T00:00:00Z", "2021-01-01t00:00:00Z"]
        {
            assert_eq!(usual_form(text), None, "{text}");
        }
    }

    #[test]
    fn one_instant_has_many_spellings() {
        let groups: [&[&str]; 6] = [
            &[
                "2030-01-01T00:00:00Z",
                "1893456000",
                "+1893456000",
                "2030",
                "2030-01",
                "2030-01-01",
                "2030-01-01T",
                "2030-01-01t0:00",
                "2030-01-01T00:00:00.0001Z",
                "2030-01-01T01:00:00+01:00",
                "2029-12-31T19-05",
            ],
            &["2020-02-29T12:30:00.123Z", "2020-02-29T12:30:00.1239Z", "2020-02-29T14:00:00.123+01:30"],
            &["1970-01-01", "0", "-0"],
            &["1970-01-01T00:02:03Z", "123", "+123"],
            &["1969-12-31T23:59:59Z", "-1"],
            &["2020-01-01T12:30", "2020-01-01T12.5"],
        ];
        for group in groups {
            for text in group {
                assert_eq!(Instant::parse(text).unwrap(), Instant::parse(group[0]).unwrap(), "{text}");
            }
        }
    }

    #[test]
    fn odd_values_that_aws_stores_are_read_and_others_are_not() {
        for text in ["01T", "-292275054", "9223372036854775807"] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
        let bad = [
            "",
            "T",
            "not-a-date",
            "9223372036854775808",
            "2021-02-29",
            "2020-13",
            "2020-00",
            "2020-01-01T24:00",
            "2020-01-01T00:00+1",
            "2020-01-01T00:00:60Z",
            "2020-1-01",
            "2020-01-1",
            "2020-01-01T00:00:00,5Z",
            "2020-01-01T00:00:00+0100",
            "2020-01-01 00:00",
            "2020-01-01T0:0",
            "2020-01-01T00:00:00.",
            "2020-01-01T00:00:00.1234567890Z",
            "2020-01-01T00:00:00ZZ",
            "1.5",
            " 1",
        ];
        for text in bad {
            assert!(Instant::parse(text).is_none(), "{text}");
        }
    }
}
