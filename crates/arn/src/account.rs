//! The twelve digits that name an account.

use std::fmt;
use std::str::FromStr;

use crate::text::serialize_as_text;

/// A twelve-digit AWS account id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// The text is not twelve ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account id is twelve digits, not '{0}'")]
pub struct AccountIdError(String);

impl AccountId {
    /// The id with the given number, zero-padded; only the last twelve digits of the number count.
    pub fn from_number(number: u64) -> Self {
        let mut digits = [b'0'; 12];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        AccountId(digits)
    }

    /// The twelve digits as text.
    pub fn as_str(&self) -> &str {
        // The constructor only ever stores ASCII digits.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(AccountId(digits)),
            _ => Err(AccountIdError(text.to_owned())),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serialize_as_text!(AccountId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_digits_are_an_account_id() {
        assert_eq!("000000000001".parse(), Ok(AccountId::from_number(1)));
        for text in ["", "1", "1234567890123", "12345678901a", "１２３４"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_padded_and_printed_whole() {
        assert_eq!(AccountId::from_number(42).to_string(), "000000000042");
    }
}
