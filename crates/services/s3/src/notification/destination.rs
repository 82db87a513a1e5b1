//! Whether S3 may call the functions that a configuration names: asked of Lambda itself, before anything is stored.

use rolecall_store::records::s3::{Bucket, FunctionNotification};
use rolecall_wire::ServiceError;

use super::delivery::try_out;
use crate::S3;
use crate::error::S3Error;

/// The members of the error, of which AWS numbers one pair for each destination that failed.
const MEMBERS: [(&str, &str); 5] = [
    ("ArgumentName1", "ArgumentValue1"),
    ("ArgumentName2", "ArgumentValue2"),
    ("ArgumentName3", "ArgumentValue3"),
    ("ArgumentName4", "ArgumentValue4"),
    ("ArgumentName5", "ArgumentValue5"),
];

impl S3 {
    /// Tries to invoke each function without running it (`DryRun`), as S3 would for an event of this bucket.
    pub(super) async fn validate_destinations(
        &self,
        bucket: &Bucket,
        notifications: &[FunctionNotification],
    ) -> Result<(), ServiceError> {
        let mut refused = Vec::new();
        for notification in notifications {
            let function = &notification.function_arn;
            if let Err(error) = try_out(&self.platform, bucket, function).await {
                tracing::info!(bucket = bucket.name, function, %error, "S3 may not invoke the function");
                refused.push(function.as_str());
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(invalid_destinations(&refused).into()) }
    }
}

fn invalid_destinations(functions: &[&str]) -> S3Error {
    let pairs = functions.iter().zip(MEMBERS).flat_map(|(function, (name, value))| {
        [
            (name, format!("{function}, null")),
            (value, format!("Not authorized to invoke function [{function}]")),
        ]
    });
    S3Error::InvalidArgument {
        words: "Unable to validate the following destination configurations".to_owned(),
        arguments: pairs.collect(),
    }
}
