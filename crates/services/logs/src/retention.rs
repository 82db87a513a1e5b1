//! How long a group keeps its events.

use rolecall_authority::{Authorized, Call};
use rolecall_wire::{ServiceError, logs as wire};

use crate::Logs;
use crate::error::{LogsError, write_failed};
use crate::name::GroupName;

/// The retentions that there are, in days (PutRetentionPolicy in the API reference).
const DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Logs {
    /// PutRetentionPolicy.
    pub(crate) async fn put_retention_policy(
        &self,
        call: &Call,
        input: wire::PutRetentionPolicyRequest,
    ) -> Result<wire::PutRetentionPolicyResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let proof =
            self.authorize_group(call, "logs:PutRetentionPolicy", &group, &self.platform.store.read())?;
        let days = checked_days(input.retention_in_days)?;
        self.set_retention(proof, &group, Some(days)).await?;
        Ok(wire::PutRetentionPolicyResponse)
    }

    /// DeleteRetentionPolicy: events never expire from now on.
    pub(crate) async fn delete_retention_policy(
        &self,
        call: &Call,
        input: wire::DeleteRetentionPolicyRequest,
    ) -> Result<wire::DeleteRetentionPolicyResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let proof =
            self.authorize_group(call, "logs:DeleteRetentionPolicy", &group, &self.platform.store.read())?;
        self.set_retention(proof, &group, None).await?;
        Ok(wire::DeleteRetentionPolicyResponse)
    }

    async fn set_retention(
        &self,
        _proof: Authorized,
        group: &GroupName,
        days: Option<i64>,
    ) -> Result<(), ServiceError> {
        let key = group.key();
        let written = self.platform.store.write(move |state| {
            let found = state.log_groups.update(&key, |group| group.retention_days = days);
            if found { Ok(()) } else { Err(LogsError::NoGroup) }
        });
        written.await.map_err(write_failed)
    }
}

fn checked_days(days: i32) -> Result<i64, LogsError> {
    if DAYS.contains(&days) {
        return Ok(days.into());
    }
    let allowed: Vec<String> = DAYS.iter().map(i32::to_string).collect();
    Err(LogsError::invalid(format!(
        "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: \
         Member must satisfy enum value set: [{}]",
        allowed.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_days_are_a_retention() {
        assert_eq!(checked_days(14), Ok(14));
        assert_eq!(checked_days(3653), Ok(3653));
        for days in [0, -1, 2, 366] {
            let words = checked_days(days).unwrap_err().to_string();
            assert!(
                words.starts_with(&format!(
                    "1 validation error detected: Value '{days}' at 'retentionInDays'"
                ))
            );
        }
    }
}
