//! Decimal numbers of any size (reference iam.md 2.2).

use std::cmp::Ordering;

/// A number as its digits without zeros around them, and where the point stands: `0.DIGITS` times ten to `point`.
struct Decimal {
    negative: bool,
    digits: String,
    point: i64,
}

/// The order of two texts as numbers; `None` when one is no number.
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (read(left)?, read(right)?);
    let order = match (left.sign(), right.sign()) {
        (1, 1) => magnitude(&left, &right),
        (-1, -1) => magnitude(&right, &left),
        (left, right) => left.cmp(&right),
    };
    Some(order)
}

/// Digits beyond each other's end are compared as text, which is right because both begin at the point.
fn magnitude(left: &Decimal, right: &Decimal) -> Ordering {
    left.point.cmp(&right.point).then_with(|| left.digits.cmp(&right.digits))
}

impl Decimal {
    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }
}

fn read(text: &str) -> Option<Decimal> {
    let (negative, text) = without_sign(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let leading_zeros = digits.len() - digits.trim_start_matches('0').len();
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()? + exponent;
    Some(Decimal { negative, digits: digits.trim_matches('0').to_owned(), point })
}

fn read_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = without_sign(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size: i64 = digits.parse::<i32>().ok()?.into();
    Some(if negative { -size } else { size })
}

fn without_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}
