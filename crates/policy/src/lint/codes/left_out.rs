//! What ValidatePolicy finds and lint does not.

/// Codes of IAM Access Analyzer that lint never reports, each with the reason.
pub static LEFT_OUT: &[(&str, &str)] = &[
    (
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        "its only key, aws:ARN, is already reported as UNSUPPORTED_GLOBAL_CONDITION_KEY",
    ),
    ("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", "DynamoDB is not served"),
    ("INVALID_KMS_KEY_VALUE", "KMS is not served"),
    (
        "SCP_SYNTAX_ERROR_ACTION_WILDCARD",
        "service control policies have the full language now, with wildcards anywhere in an action",
    ),
    (
        "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
        "which services set the keys of VPC endpoint owners is not published as data",
    ),
];
