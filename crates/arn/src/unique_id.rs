//! IAM's unique ids: four letters that say the kind, then letters and digits (reference iam.md 7.5).

use std::fmt;
use std::str::FromStr;

use crate::text::serialize_as_text;

/// What a unique id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UniqueIdKind {
    /// `AKIA`: a long-term access key.
    AccessKey,
    /// `ASIA`: a temporary access key.
    TemporaryAccessKey,
    /// `AIDA`: a user.
    User,
    /// `AROA`: a role.
    Role,
    /// `AGPA`: a group.
    Group,
    /// `ANPA`: a managed policy.
    ManagedPolicy,
}

impl UniqueIdKind {
    const ALL: [UniqueIdKind; 6] = [
        UniqueIdKind::AccessKey,
        UniqueIdKind::TemporaryAccessKey,
        UniqueIdKind::User,
        UniqueIdKind::Role,
        UniqueIdKind::Group,
        UniqueIdKind::ManagedPolicy,
    ];

    /// The four letters.
    pub fn prefix(self) -> &'static str {
        match self {
            UniqueIdKind::AccessKey => "AKIA",
            UniqueIdKind::TemporaryAccessKey => "ASIA",
            UniqueIdKind::User => "AIDA",
            UniqueIdKind::Role => "AROA",
            UniqueIdKind::Group => "AGPA",
            UniqueIdKind::ManagedPolicy => "ANPA",
        }
    }
}

/// A unique id of a known kind, for example `AIDAJQABLZS4A3QDU576Q`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId {
    kind: UniqueIdKind,
    text: Box<str>,
}

/// The text is not a unique id of a known kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a unique id")]
pub struct UniqueIdError(String);

impl UniqueId {
    /// The alphabet after the prefix: base 32, as AWS uses it.
    pub const ALPHABET: &'static [u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// Makes an id of twenty characters from sixteen random bytes; the caller brings the randomness, so that a test
    /// can replay it.
    pub fn from_random(kind: UniqueIdKind, random: [u8; 16]) -> Self {
        let mut text = String::with_capacity(20);
        text.push_str(kind.prefix());
        for byte in random {
            text.push(char::from(Self::ALPHABET[usize::from(byte % 32)]));
        }
        UniqueId { kind, text: text.into_boxed_str() }
    }

    /// What the id names.
    pub fn kind(&self) -> UniqueIdKind {
        self.kind
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for UniqueId {
    type Err = UniqueIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let legal = (16..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let kind = UniqueIdKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()));
        match kind {
            Some(kind) if legal => Ok(UniqueId { kind, text: text.into() }),
            _ => Err(UniqueIdError(text.to_owned())),
        }
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serialize_as_text!(UniqueId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_id_is_read_back() {
        let id = UniqueId::from_random(UniqueIdKind::Role, [255; 16]);
        assert_eq!(id.as_str(), "AROA7777777777777777");
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "AIDA", "XXXX7777777777777777", "AIDA777777777777777/", "aida7777777777777777"] {
            assert!(text.parse::<UniqueId>().is_err(), "{text}");
        }
    }
}
