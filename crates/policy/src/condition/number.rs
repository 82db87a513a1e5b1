//! Decimal numbers of any precision. AWS tells 9007199254740993 from 9007199254740992 (reference iam.md 2.2), so
//! floating point will not do.

use std::cmp::Ordering;

use smallvec::SmallVec;

/// `0.digits` times ten to the power of `scale`; no zeros at either end of the digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: SmallVec<[u8; 24]>,
    scale: i64,
}

impl Decimal {
    /// Reads `12`, `01`, `+1`, `1.`, `.5`, `1e-3`; not `NaN`, `Infinity`, blanks or nothing.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = sign(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: SmallVec<[u8; 24]> = whole.bytes().chain(fraction.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        digits.drain(..leading.min(digits.len()));
        if digits.is_empty() {
            return Some(Decimal { negative: false, digits, scale: 0 });
        }
        let scale = i64::from(exponent) + i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        Some(Decimal { negative, digits, scale })
    }

    fn magnitude(&self, other: &Decimal) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.scale.cmp(&other.scale).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Takes one sign off the front: whether it was a minus, and the rest.
pub(super) fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_many_spellings() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        let groups: [&[&str]; 4] = [
            &["1", "01", "+1", "1.0", "1.", "1e0", "10e-1", "0.1E1", "0.1e+1"],
            &["0", "-0", "0.0", "0e9", ".0"],
            &["-1500", "-1.5e3", "-15e2"],
            &["0.05", ".05", "5e-2", "0.050"],
        ];
        for group in groups {
            for text in group {
                assert_eq!(number(text), number(group[0]), "{text}");
            }
        }
    }

    #[test]
    fn order_is_exact() {
        let ordered = "-9007199254740993 -1e9 -2 -1.5 0 1e-400 0.5 1 9007199254740992 9007199254740993 1e400";
        let mut sorted: Vec<Decimal> = ordered.split(' ').map(|text| Decimal::parse(text).unwrap()).collect();
        let expected = sorted.clone();
        sorted.reverse();
        sorted.sort();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "NaN",
            "Infinity",
            "no-number",
            " 1",
            "1 ",
            "--1",
            "1e",
            "1e1.5",
            ".",
            "+",
            "1_000",
            "0x1",
            "١",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
