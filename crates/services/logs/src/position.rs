//! A place in the order of events, as page tokens and event ids carry it.

use rolecall_store::StoredLogEvent;

use crate::error::LogsError;

/// A place in the order of (timestamp, sequence).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) timestamp_ms: i64,
    pub(crate) sequence: i64,
}

/// AWS's tokens and event ids have 56 digits; clients that look get what they expect.
const TIMESTAMP_DIGITS: usize = 20;
const SEQUENCE_DIGITS: usize = 36;

impl Position {
    /// Before the first event that can be.
    pub(crate) const START: Position = Position { timestamp_ms: 0, sequence: 0 };

    /// The place of an event.
    pub(crate) fn of(event: &StoredLogEvent) -> Self {
        Position { timestamp_ms: event.timestamp_ms, sequence: event.sequence }
    }

    /// The next place in the same millisecond.
    pub(crate) fn just_after(self) -> Self {
        Position { sequence: self.sequence.saturating_add(1), ..self }
    }

    /// The place before in the same millisecond.
    pub(crate) fn just_before(self) -> Self {
        Position { sequence: (self.sequence - 1).max(0), ..self }
    }

    /// As the store's queries have it.
    pub(crate) fn pair(self) -> (i64, i64) {
        (self.timestamp_ms, self.sequence)
    }

    /// The 56 digits.
    pub(crate) fn digits(self) -> String {
        format!("{:0TIMESTAMP_DIGITS$}{:0SEQUENCE_DIGITS$}", self.timestamp_ms, self.sequence)
    }

    /// Reads the 56 digits.
    pub(crate) fn parse(text: &str) -> Result<Self, LogsError> {
        let digits = text.len() == TIMESTAMP_DIGITS + SEQUENCE_DIGITS
            && text.bytes().all(|byte| byte.is_ascii_digit());
        let (timestamp, sequence) =
            text.split_at_checked(TIMESTAMP_DIGITS).filter(|_| digits).ok_or(LogsError::InvalidToken)?;
        let number = |digits: &str| digits.parse().map_err(|_| LogsError::InvalidToken);
        Ok(Position { timestamp_ms: number(timestamp)?, sequence: number(sequence)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_digits() {
        let position = Position { timestamp_ms: 1_767_225_600_000, sequence: 42 };
        assert_eq!(position.digits().len(), 56);
        assert_eq!(Position::parse(&position.digits()), Ok(position));
    }

    #[test]
    fn other_texts_are_no_positions() {
        for text in ["", "1", &"9".repeat(56), &format!("-{}", "0".repeat(55)), &"a".repeat(56)] {
            assert_eq!(Position::parse(text), Err(LogsError::InvalidToken), "{text}");
        }
    }
}
