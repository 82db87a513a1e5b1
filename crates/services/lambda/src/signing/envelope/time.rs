//! Times in certificates and signatures.

use crate::signing::envelope::Malformed;
use crate::signing::envelope::ber::Element;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A time in epoch milliseconds.
///
/// # Errors
/// [`Malformed`] for what is no time in UTC.
pub(super) fn epoch_ms(element: &Element<'_>) -> Result<i64, Malformed> {
    let wrong = Malformed("a time cannot be read");
    let text =
        std::str::from_utf8(element.content).ok().and_then(|text| text.strip_suffix('Z')).ok_or(wrong)?;
    let text = match element.tag {
        // Years of two digits go from 1950 to 2049 (RFC 5280 4.1.2.5.1).
        UTC_TIME if text < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return Err(wrong),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_written =
        whole.len() == 14 && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let milliseconds = format!("{fraction:0<3}").get(..3).and_then(|text| text.parse::<i64>().ok());
    let time = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", whole).ok().filter(|_| is_written);
    let zoned = time.and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok()).ok_or(wrong)?;
    Ok(zoned.timestamp().as_millisecond() + milliseconds.ok_or(wrong)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Option<i64> {
        let content = text.as_bytes();
        epoch_ms(&Element { tag, raw: content, content }).ok()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        assert_eq!(read(UTC_TIME, "700101000001Z"), Some(1000));
        assert_eq!(read(UTC_TIME, "200716182147Z"), Some(1_594_923_707_000));
        assert_eq!(read(GENERALIZED_TIME, "20200716182147Z"), Some(1_594_923_707_000));
        assert_eq!(read(GENERALIZED_TIME, "19700101000000.806Z"), Some(806));
        for wrong in ["", "Z", "20200716182147", "2020071618214Z", "20201716182147Z", "20200716182147.Z0Z"] {
            assert_eq!(read(GENERALIZED_TIME, wrong), None, "{wrong}");
        }
    }
}
