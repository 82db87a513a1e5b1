//! Choices made by the input of the fuzzer, in the form of the differential test's random numbers: a change of one byte
//! of the input changes one choice, so that the fuzzer can steer what is drawn.

use std::collections::VecDeque;

/// The bytes that are left to choose by.
pub(crate) struct Random(VecDeque<u8>);

impl Random {
    pub(crate) fn new(input: &[u8]) -> Self {
        Random(input.iter().copied().collect())
    }

    /// The next byte; one that mostly says no when there are none left, so that what is drawn comes to an end.
    pub(crate) fn byte(&mut self) -> u8 {
        self.0.pop_front().unwrap_or(u8::MAX)
    }

    /// Whether all bytes are used.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let mut number = usize::from(self.byte());
        if end > 256 {
            number = number << 8 | usize::from(self.byte());
        }
        number % end
    }

    /// True in so many of a hundred times, for an input without pattern.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A text of at most so many bytes; what is not UTF-8 becomes U+FFFD.
    pub(crate) fn text(&mut self, most: usize) -> String {
        let length = self.below(most + 1);
        let bytes: Vec<u8> = self.0.drain(..length.min(self.0.len())).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
