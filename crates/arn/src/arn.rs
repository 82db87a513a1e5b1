//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use std::fmt;
use std::str::FromStr;

use crate::text::serialize_as_text;
use crate::{AccountId, Region};

/// The partition that this program serves.
pub const PARTITION: &str = "aws";

/// An ARN with its six components known. The resource keeps its own colons and slashes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: Box<str>,
    /// Where the components after `arn:` begin: partition, service, region, account, resource.
    starts: [u16; 5],
}

/// Why a text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// The first component is not `arn`.
    #[error("'{0}' does not begin with 'arn:'")]
    Prefix(String),
    /// Fewer than six components.
    #[error("'{0}' has fewer than six components separated by colons")]
    TooShort(String),
    /// Longer than any AWS service accepts.
    #[error("an ARN is at most {} bytes long", Arn::MAX_LEN)]
    TooLong,
}

impl Arn {
    /// No AWS service accepts a longer ARN (reference iam.md 7.2: a policy ARN is at most 2048).
    pub const MAX_LEN: usize = 2048;

    /// Builds an ARN of this program's partition.
    ///
    /// # Panics
    /// Never: components that together exceed [`Arn::MAX_LEN`] are cut off at the end of the resource.
    pub fn new(service: &str, region: &str, account: Option<AccountId>, resource: &str) -> Self {
        let account = account.as_ref().map_or("", AccountId::as_str);
        let parts = ["arn", PARTITION, service, region, account, resource];
        let mut text = parts.join(":");
        let mut end = text.len().min(Self::MAX_LEN);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        let service_start = 5 + PARTITION.len();
        let region_start = service_start + service.len() + 1;
        let account_start = region_start + region.len() + 1;
        let resource_start = account_start + account.len() + 1;
        let starts =
            [4, service_start, region_start, account_start, resource_start].map(|at| at.min(end) as u16);
        Arn { text: text.into_boxed_str(), starts }
    }

    /// Builds an ARN of a regional service's resource.
    pub fn regional(service: &str, region: &Region, account: AccountId, resource: &str) -> Self {
        Self::new(service, region.as_str(), Some(account), resource)
    }

    /// Builds the ARN of an IAM entity: `arn:aws:iam::ACCOUNT:RESOURCE`.
    pub fn iam(account: AccountId, resource: &str) -> Self {
        Self::new("iam", "", Some(account), resource)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `aws`, `aws-cn`, ...
    pub fn partition(&self) -> &str {
        self.component(0)
    }

    /// `lambda`, `iam`, ...
    pub fn service(&self) -> &str {
        self.component(1)
    }

    /// The region, empty for a global service.
    pub fn region(&self) -> &str {
        self.component(2)
    }

    /// The account as written, which may be empty or `aws`.
    pub fn account(&self) -> &str {
        self.component(3)
    }

    /// The account, if it is twelve digits.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().parse().ok()
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        self.component(4)
    }

    fn component(&self, index: usize) -> &str {
        let start = usize::from(self.starts[index]);
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| usize::from(*next) - 1);
        self.text.get(start..end).unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::MAX_LEN {
            return Err(ArnError::TooLong);
        }
        if !text.starts_with("arn:") {
            return Err(ArnError::Prefix(text.to_owned()));
        }
        let mut starts = [0_u16; 5];
        let mut colons = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
        for start in &mut starts {
            let (at, _) = colons.next().ok_or_else(|| ArnError::TooShort(text.to_owned()))?;
            *start = at as u16 + 1;
        }
        Ok(Arn { text: text.into(), starts })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<str> for Arn {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

serialize_as_text!(Arn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_keeps_its_colons() {
        let arn: Arn = "arn:aws:lambda:eu-west-1:111122223333:function:f:live".parse().unwrap();
        assert_eq!(arn.service(), "lambda");
        assert_eq!(arn.region(), "eu-west-1");
        assert_eq!(arn.account(), "111122223333");
        assert_eq!(arn.resource(), "function:f:live");
    }

    #[test]
    fn a_built_arn_is_the_parsed_arn() {
        let account = AccountId::from_number(7);
        let built = Arn::iam(account, "user/team/ana");
        assert_eq!(built, built.as_str().parse().unwrap());
        assert_eq!(built.as_str(), "arn:aws:iam::000000000007:user/team/ana");
        let bucket = Arn::new("s3", "", None, "b/key");
        assert_eq!(bucket, bucket.as_str().parse().unwrap());
    }

    #[test]
    fn short_and_foreign_texts_are_refused() {
        assert!("arn:aws:s3::b".parse::<Arn>().is_err());
        assert!("urn:aws:s3:::b".parse::<Arn>().is_err());
        assert!(format!("arn:aws:s3:::{}", "b".repeat(4096)).parse::<Arn>().is_err());
    }
}
