//! The names of groups and streams, and the ARNs that policies see.
//!
//! What is authorised is built from the same parsed name that is then looked up, so the two cannot differ.
//!
//! Which ARN a check is about. The service authorization reference gives a log group the ARN `log-group:NAME`, but
//! CloudWatch Logs asks about `log-group:NAME:log-stream:` with an empty stream, as its own denials print it
//! (`... logs:CreateLogGroup on resource: arn:aws:logs:eu-west-1:111122223333:log-group:/app:log-stream: because ...`).
//! That is why its developer guide ("Overview of managing access permissions", table of ARN formats) and the
//! DescribeLogGroups answer (`arn` against `logGroupArn`) tell to write `log-group:NAME:*` in policies, and
//! `log-group:NAME` without it only for TagResource, UntagResource and ListTagsForResource. Operations on one stream,
//! CreateLogStream among them, ask about `log-group:NAME:log-stream:STREAM`; DescribeLogGroups about
//! `log-group::log-stream:`. A policy for `log-group:/aws/lambda/f:*`, as of reference lambda.md 4.3, covers them all.

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_authority::Call;
use rolecall_store::records::logs::LogGroup;

use crate::error::LogsError;

/// The longest name of a group or stream.
const MAX_NAME: usize = 512;

/// A log group by its name, where the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl GroupName {
    /// The group of that name in the caller's account and the region that is called.
    pub(crate) fn of_call(call: &Call, name: &str) -> Result<Self, LogsError> {
        if !is_group_name(name) {
            return Err(LogsError::invalid(format!("The log group name '{name}' is not valid.")));
        }
        let account = call.caller.account().ok_or_else(|| LogsError::NoAccount(call.caller.arn()))?;
        Ok(GroupName { account, region: call.region.clone(), name: name.to_owned() })
    }

    /// The group that `logGroupName` or `logGroupIdentifier` says, of which there must be exactly one.
    pub(crate) fn of_either(
        call: &Call,
        name: Option<&str>,
        identifier: Option<&str>,
    ) -> Result<Self, LogsError> {
        match (name, identifier) {
            (Some(name), None) => Self::of_call(call, name),
            (None, Some(identifier)) => Self::of_identifier(call, identifier),
            _ => Err(LogsError::invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")),
        }
    }

    /// The group that a name or an ARN says.
    pub(crate) fn of_identifier(call: &Call, identifier: &str) -> Result<Self, LogsError> {
        if identifier.starts_with("arn:") {
            Self::of_arn(call, identifier)
        } else {
            Self::of_call(call, identifier)
        }
    }

    /// The group that an ARN says, without the trailing `:*`. Groups of other accounts are seen through CloudWatch's
    /// cross-account observability only, which this server does not have.
    pub(crate) fn of_arn(call: &Call, text: &str) -> Result<Self, LogsError> {
        let invalid = || LogsError::invalid(format!("The ARN '{text}' is not the ARN of a log group."));
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let name = arn.resource().strip_prefix("log-group:").ok_or_else(invalid)?;
        let group = Self::of_call(call, name)?;
        if arn.partition() != rolecall_arn::PARTITION || arn.service() != "logs" {
            return Err(invalid());
        }
        if arn.account() != group.account.as_str() || arn.region() != group.region.as_str() {
            return Err(LogsError::not_built("A log group of another account or region"));
        }
        Ok(group)
    }

    /// The key of its record.
    pub(crate) fn key(&self) -> (AccountId, Region, String) {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// `log-group:NAME`: what tagging asks about.
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("logs", &self.region, self.account, &format!("log-group:{}", self.name))
    }

    /// `log-group:NAME:log-stream:`: what all other operations on a group ask about.
    pub(crate) fn group_resource(&self) -> Arn {
        self.stream_resource("")
    }

    /// `log-group:NAME:log-stream:STREAM`: what operations on a stream ask about.
    pub(crate) fn stream_resource(&self, stream: &str) -> Arn {
        let resource = format!("log-group:{}:log-stream:{stream}", self.name);
        Arn::regional("logs", &self.region, self.account, &resource)
    }

    /// `log-group::log-stream:`: what DescribeLogGroups asks about.
    pub(crate) fn all_groups(account: AccountId, region: &Region) -> Arn {
        Arn::regional("logs", region, account, "log-group::log-stream:")
    }
}

impl From<&LogGroup> for GroupName {
    fn from(group: &LogGroup) -> Self {
        GroupName { account: group.account, region: group.region.clone(), name: group.name.clone() }
    }
}

/// 1 to 512 of `a-z A-Z 0-9 . - _ / #`. The protocol layer checks it too; here it keeps names out of ARNs that could
/// be read as something else.
fn is_group_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal)
}

/// A stream's name: 1 to 512 characters without `:` and `*`.
pub(crate) fn checked_stream_name(name: String) -> Result<String, LogsError> {
    let legal = (1..=MAX_NAME).contains(&name.chars().count()) && !name.contains([':', '*']);
    if legal {
        Ok(name)
    } else {
        Err(LogsError::invalid(format!("The log stream name '{name}' is not valid.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_read_as_another_resource_are_refused() {
        for name in ["", "a:b", "a*", "a?", "a b", "ä", &"a".repeat(513)] {
            assert!(!is_group_name(name), "{name}");
        }
        assert!(is_group_name("/aws/lambda/f-1_x.y#z"));
        assert!(checked_stream_name("2026/01/01/[$LATEST]0123".to_owned()).is_ok());
        for name in ["", "a:b", "a*"] {
            assert!(checked_stream_name(name.to_owned()).is_err(), "{name}");
        }
    }
}
