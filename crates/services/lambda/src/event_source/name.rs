//! The name of a mapping, parsed once: what is authorised is what is then looked up.

use rolecall_arn::{AccountId, Arn, Region};

use crate::error::LambdaError;
use crate::name::Key;

/// A mapping as a caller means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappingName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) uuid: String,
}

impl MappingName {
    /// The mapping that an ARN means.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let uuid = arn.resource().strip_prefix("event-source-mapping:")?.to_owned();
        Some(MappingName { account: arn.account_id()?, region: arn.region().parse().ok()?, uuid })
    }

    /// The key of its record.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.uuid.clone())
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:event-source-mapping:UUID`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("lambda", &self.region, self.account, &format!("event-source-mapping:{}", self.uuid))
    }

    /// AWS's refusal of tagging a mapping that does not exist.
    pub(crate) fn missing(&self) -> LambdaError {
        LambdaError::NotFound(format!("Event source mapping not found: {}", self.arn()))
    }
}
