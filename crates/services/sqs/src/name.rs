//! The names of queues: plain, in a URL, and in an ARN.
//!
//! A queue's URL is `ENDPOINT/ACCOUNT/NAME`. A function reaches this server under another host name than its developer, so
//! only the path of a URL counts. The region is the one that is called, as with AWS's endpoints.

use rolecall_arn::{AccountId, Arn, PARTITION, Region};
use rolecall_authority::Call;
use rolecall_store::records::sqs::Queue;

use crate::error::SqsError;

/// The key of a queue's record.
pub(crate) type Key = (AccountId, Region, String);

/// The longest name.
const MAX_NAME: usize = 80;

/// A queue by its name, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl QueueName {
    /// The queue of that name in the caller's account.
    pub(crate) fn of_call(call: &Call, name: &str) -> Result<Self, SqsError> {
        let account = call.caller.account().ok_or_else(|| no_account(call))?;
        Self::of_account(call, account, name)
    }

    /// The queue of that name in an account, in the region that is called.
    pub(crate) fn of_account(call: &Call, account: AccountId, name: &str) -> Result<Self, SqsError> {
        if !is_queue_name(name) {
            let words =
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(SqsError::Parameter(words.to_owned()));
        }
        Ok(QueueName { account, region: call.region.clone(), name: name.to_owned() })
    }

    /// The queue of a URL.
    pub(crate) fn of_url(call: &Call, url: &str) -> Result<Self, SqsError> {
        let invalid = || SqsError::Parameter(format!("The address {url} is not valid for this endpoint."));
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut parts = path.rsplit('/');
        let (name, account) = (parts.next(), parts.next());
        let account = account.and_then(|account| account.parse().ok()).ok_or_else(invalid)?;
        let name = name.filter(|name| is_queue_name(name)).ok_or_else(invalid)?;
        Self::of_account(call, account, name)
    }

    /// The queue of an ARN; none where it is no queue's.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let is_queue =
            arn.partition() == PARTITION && arn.service() == "sqs" && is_queue_name(arn.resource());
        let (account, region) = (arn.account_id()?, arn.region().parse().ok()?);
        is_queue.then(|| QueueName { account, region, name: arn.resource().to_owned() })
    }

    /// The key of its record.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// `arn:aws:sqs:REGION:ACCOUNT:NAME`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("sqs", &self.region, self.account, &self.name)
    }

    /// `ENDPOINT/ACCOUNT/NAME`
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{endpoint}/{}/{}", self.account, self.name)
    }
}

impl From<&Queue> for QueueName {
    fn from(queue: &Queue) -> Self {
        QueueName { account: queue.account, region: queue.region.clone(), name: queue.name.clone() }
    }
}

/// The refusal of a caller without an account, which has no queues.
pub(crate) fn no_account(call: &Call) -> SqsError {
    let caller = call.caller.arn();
    SqsError::NotOwner(format!("User: {caller} is not authorized to use queues because it has no account"))
}

/// 1 to 80 of `a-z A-Z 0-9 - _`. Names of FIFO queues end with `.fifo`, which keeps them out.
fn is_queue_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_queue_names_one() {
        let queue = QueueName::of_arn("arn:aws:sqs:us-east-1:111122223333:jobs").unwrap();
        assert_eq!(queue.arn().as_str(), "arn:aws:sqs:us-east-1:111122223333:jobs");
        assert_eq!(queue.url("http://127.0.0.1:4566"), "http://127.0.0.1:4566/111122223333/jobs");
        for wrong in [
            "arn:aws:sns:us-east-1:111122223333:jobs",
            "arn:aws:sqs:us-east-1::jobs",
            "arn:aws:sqs:us-east-1:111122223333:jobs:more",
            "arn:aws:sqs:us-east-1:111122223333:jobs.fifo",
            "arn:aws:sqs:us-east-1:111122223333:*",
            "jobs",
        ] {
            assert_eq!(QueueName::of_arn(wrong), None, "{wrong}");
        }
    }
}
