//! One hash for everything that statements are filed under and looked up by. Unlike the hashes of libraries it yields
//! the hashes of all beginnings of a text at the cost of one, which is how a resource is looked up under the literal
//! starts of patterns. What is found under a hash is always compared as well, so a collision costs time and nothing
//! else.

/// What a text is hashed as; the same text as something else has another hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Action,
    Service,
    /// A whole resource.
    Resource,
    /// The literal start of a resource.
    ResourceStart,
    /// The sixth component of an ARN.
    Tail,
    /// The literal start of the sixth component.
    TailStart,
    ContextKey,
}

/// Longer texts are told apart by so many of their first bytes only.
pub(crate) const LONGEST: usize = 256;

const WORD: usize = 8;
const WORDS: usize = LONGEST / WORD;
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const END: u64 = 0xd6e8_feb8_6659_fd93;

/// The hash of the first [`LONGEST`] bytes of a text.
pub(crate) fn hash(role: Role, text: &[u8]) -> u32 {
    let text = text.get(..LONGEST).unwrap_or(text);
    let state = text.chunks_exact(WORD).fold(STEP, |state, word| step(state, read(word)));
    finish(role, state, text, text.len())
}

/// The hash of two hashes.
pub(crate) fn pair(one: u32, other: u32) -> u32 {
    (mix(STEP ^ (u64::from(one) << 32 | u64::from(other)), END) >> 32) as u32
}

/// The hashes of all beginnings of one text.
#[derive(Debug)]
pub(crate) struct Beginnings<'a> {
    text: &'a [u8],
    /// What the hash of the first words has come to, by their number.
    states: [u64; WORDS + 1],
}

impl<'a> Beginnings<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let text = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
        let mut states = [STEP; WORDS + 1];
        let mut state = STEP;
        for (word, slot) in text.chunks_exact(WORD).zip(states.iter_mut().skip(1)) {
            state = step(state, read(word));
            *slot = state;
        }
        Beginnings { text, states }
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The hash of the first `length` bytes, as [`hash`] has it; `length` is at most the length of the text.
    pub(crate) fn hash(&self, role: Role, length: usize) -> u32 {
        let state = self.states.get(length / WORD).copied().unwrap_or(STEP);
        finish(role, state, self.text, length)
    }
}

fn step(state: u64, word: u64) -> u64 {
    mix(state ^ word, STEP)
}

/// Adds the bytes after the last whole word, and the length.
fn finish(role: Role, state: u64, text: &[u8], length: usize) -> u32 {
    let odd = length % WORD;
    let end = match length.checked_sub(WORD) {
        _ if odd == 0 => 0,
        Some(start) => read(text.get(start..length).unwrap_or_default()) >> (8 * (WORD - odd)),
        None => text.iter().take(length).rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let salt = (length as u64) << 8 | role as u64;
    (mix(state ^ end, END ^ salt) >> 32) as u32
}

fn read(word: &[u8]) -> u64 {
    word.try_into().map_or(0, u64::from_le_bytes)
}

fn mix(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_has_the_hash_that_it_has_alone() {
        let text = "arn:aws:lambda:us-east-1:111122223333:function:orders:live".repeat(6);
        let beginnings = Beginnings::of(&text);
        assert_eq!(beginnings.len(), LONGEST);
        for length in 0..=LONGEST {
            let alone = hash(Role::ResourceStart, &text.as_bytes()[..length]);
            assert_eq!(beginnings.hash(Role::ResourceStart, length), alone, "{length}");
            assert_ne!(beginnings.hash(Role::TailStart, length), alone, "{length}");
        }
        assert_eq!(hash(Role::Resource, text.as_bytes()), hash(Role::Resource, &text.as_bytes()[..LONGEST]));
    }
}
