//! What resource control policies have anything to say about (reference iam.md 5.6): the services that AWS lists in
//! "Resource control policies (RCPs)" of the AWS Organizations User Guide, as the page stood on 2026-09-26.

/// The action prefixes of the 62 services that the page lists. Lambda, IAM, EC2, SNS and Organizations are not among
/// them.
const COVERED_SERVICES: &[&str] = &[
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// Actions of those services that the page takes out.
const EXEMPT_ACTIONS: &[&str] = &["kms:RetireGrant"];

/// Whether a resource control policy may be about a service, given by its action prefix in any case.
///
/// ```
/// use rolecall_policy::{resource_control_applies, resource_control_covers};
///
/// assert!(resource_control_covers("sqs") && !resource_control_covers("lambda"));
/// assert!(!resource_control_applies("sqs:ListQueues", "*"));
/// ```
pub fn resource_control_covers(service: &str) -> bool {
    COVERED_SERVICES.iter().any(|covered| covered.eq_ignore_ascii_case(service))
}

/// Whether resource control policies bind a request: the service is covered, the action is not exempt, and the action
/// has a resource (`*` stands for none). Whoever collects the policies of a request asks this, and where the answer is
/// no gives [`Layers::resource_control`](crate::Layers::resource_control) as `None`; so it does for resources of the
/// organization's management account. Service-linked roles are exempt in the decision itself.
pub fn resource_control_applies(action: &str, resource: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    let is_exempt = EXEMPT_ACTIONS.iter().any(|exempt| exempt.eq_ignore_ascii_case(action));
    resource != "*" && !is_exempt && resource_control_covers(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_62_services_in_order() {
        assert_eq!(COVERED_SERVICES.len(), 62);
        assert!(COVERED_SERVICES.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn only_covered_actions_with_a_resource_are_bound() {
        for (action, resource, bound) in [
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/r", true),
            ("STS:assumerole", "arn:aws:iam::111122223333:role/r", true),
            ("s3:GetObject", "arn:aws:s3:::b/k", true),
            ("sqs:ListQueues", "*", false),
            ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k", true),
            ("kms:RetireGrant", "arn:aws:kms:us-east-1:111122223333:key/k", false),
            ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f", false),
            ("iam:GetUser", "arn:aws:iam::111122223333:user/u", false),
            ("s3", "arn:aws:s3:::b", true),
        ] {
            assert_eq!(resource_control_applies(action, resource), bound, "{action} {resource}");
        }
    }
}
