//! Environment variables: what a function may not set, and how much (reference lambda.md 7.2).

use std::collections::BTreeMap;

use crate::error::LambdaError;

/// Variables that belong to Lambda.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_MAX_CONCURRENCY",
];

/// All variables together, as the compact JSON that AWS measures, may have this many bytes.
const LIMIT_BYTES: usize = 4096;

/// Whether a function may have these variables.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] in AWS's words.
pub(crate) fn check(variables: &BTreeMap<String, String>) -> Result<(), LambdaError> {
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|key| RESERVED.contains(key)).collect();
    if !reserved.is_empty() {
        return Err(LambdaError::InvalidParameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used \
             in this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > LIMIT_BYTES {
        return Err(LambdaError::InvalidParameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("OK".to_owned(), "1".to_owned()), (key.to_owned(), value.to_owned())])
    }

    #[test]
    fn reserved_variables_are_named_in_the_refusal() {
        assert_eq!(check(&variables("MINE", "2")), Ok(()));
        let error = check(&variables("AWS_REGION", "x")).unwrap_err().to_string();
        assert!(error.ends_with("Reserved keys used in this request: AWS_REGION"), "{error}");
    }

    #[test]
    fn four_kilobytes_are_the_limit() {
        // {"BIG":"","OK":"1"} has 19 bytes beside the value.
        assert_eq!(check(&variables("BIG", &"x".repeat(4096 - 19))), Ok(()));
        let error = check(&variables("BIG", &"x".repeat(4096 - 18))).unwrap_err().to_string();
        assert!(error.contains("exceeded the 4KB limit. String measured: {\"BIG\":\"xxx"), "{error}");
    }
}
