//! Region names such as `eu-west-1`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::text::serialize_as_text;

/// A region's name. Any name of the right shape is a region here: a self-hosted server is in whatever region its
/// operator says, so there is no list to fall behind. A copy shares the text: every request has several.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

/// The text has not the shape `xx-name-1`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a region name such as eu-west-1")]
pub struct RegionError(String);

impl Region {
    /// The region that global services (IAM, Organizations, the global STS endpoint) are signed for
    /// (reference iam.md 6.4).
    pub fn global() -> Self {
        Region("us-east-1".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let first_is_word = parts.next().is_some_and(word);
        let last_is_number = parts
            .next_back()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let middle: Vec<&str> = parts.collect();
        if text.len() <= 32
            && first_is_word
            && last_is_number
            && !middle.is_empty()
            && middle.into_iter().all(word)
        {
            Ok(Region(text.into()))
        } else {
            Err(RegionError(text.to_owned()))
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serialize_as_text!(Region);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_right_shape_are_regions() {
        for text in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "eusc-de-east-1"] {
            assert!(text.parse::<Region>().is_ok(), "{text}");
        }
        for text in ["", "us", "us-1", "us-east", "US-east-1", "us-east-1/", "us--1", "../etc-a-1"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }
}
