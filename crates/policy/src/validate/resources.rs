//! The form of a resource in an identity-based policy: stages 3 and 6b to 6g of reference iam.md 1.11.

use crate::document::{Document, Text};

const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

const VENDOR: &str = "Resource vendor must be fully qualified and cannot contain regexes.";

/// What the resource part of an IAM ARN may begin with.
const IAM_PATHS: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// The resources of all statements.
pub(super) fn all<'d>(document: &'d Document<'d>) -> impl Iterator<Item = &'d Text<'d>> {
    document
        .statements
        .iter()
        .filter_map(|statement| statement.resources.as_ref())
        .flat_map(|list| &list.values)
}

/// Stage 6: AWS's message for a resource that has not the form of an ARN it knows.
pub(super) fn format_fault(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let components: Vec<&str> = resource.splitn(6, ':').collect();
    let component = |index: usize| components.get(index).copied();
    let Some(partition) = component(1) else {
        return Some(format!("Resource {resource} must be in ARN format or \"*\"."));
    };
    if !PARTITIONS.contains(&partition) {
        let arn = filled(partition, components.get(2..).unwrap_or_default());
        return Some(format!("Partition \"{partition}\" is not valid for resource \"{arn}\"."));
    }
    let Some(vendor) = component(2) else { return Some(VENDOR.to_owned()) };
    if vendor.contains(['*', '?']) {
        return Some(VENDOR.to_owned());
    }
    let has_region = component(3).is_some_and(|region| !region.is_empty());
    let path = component(5).unwrap_or("*");
    match vendor {
        "iam" if has_region => Some(format!("IAM resource {resource} cannot contain region information.")),
        "iam" if !is_iam_path(path) => Some(format!(
            "IAM resource path must either be \"*\", root, or start with {}.",
            IAM_PATHS.join(", ")
        )),
        "s3" if has_region && !path.starts_with("accesspoint/") => {
            Some(format!("Resource {resource} can not contain region information."))
        }
        _ => None,
    }
}

/// Stage 3: an ARN that stage 6 has nothing against but that the old parser cannot split: no vendor, or too few
/// components with an empty one among them.
pub(super) fn is_impossible(resource: &str) -> bool {
    if resource == "*" || format_fault(resource).is_some() {
        return false;
    }
    let colons = resource.matches(':').count();
    resource.split(':').nth(2) == Some("") || (colons < 5 && resource.contains("::"))
}

fn is_iam_path(path: &str) -> bool {
    path == "*" || path == "root" || IAM_PATHS.iter().any(|start| path.starts_with(start))
}

/// The ARN as the partition message prints it: missing components are stars.
fn filled(partition: &str, rest: &[&str]) -> String {
    let rest = if rest == [""] { &[] } else { rest };
    let missing = std::iter::repeat_n("*", 4_usize.saturating_sub(rest.len()));
    let components: Vec<&str> =
        ["arn", partition].into_iter().chain(rest.iter().copied()).chain(missing).collect();
    components.join(":")
}
