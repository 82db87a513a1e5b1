//! The form of the ARNs in `Resource` and `NotResource` (reference iam.md 1.7, 1.11 stage 6).

use rolecall_arn::Region;

use super::Lint;
use crate::PolicyKind;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Text, has_wildcard};
use crate::lint::finding::Report;
use crate::lint::forms::{can_match, is_everything, without_variables};

const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// What is wrong with an ARN: the code and the words.
type Fault = (&'static Code, String);

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if lint.kind == PolicyKind::Trust {
        return;
    }
    for list in lint.statements().filter_map(|statement| statement.resources.as_ref()) {
        for resource in &list.values {
            check_resource(lint, resource, report);
        }
    }
}

fn check_resource(lint: &Lint<'_>, resource: &Text, report: &mut Report) {
    if let Some((code, message)) = fault(lint, &resource.value) {
        report.add(code, &resource.place, message);
    }
    let service = resource.value.split(':').nth(2).unwrap_or_default();
    if !is_everything(&resource.value) && resource.value.starts_with("arn:") && has_wildcard(service) {
        let message = "Avoid using wildcards (*, ?) in the service name of a resource.";
        report.add(&codes::WILDCARD_IN_SERVICE_NAME, &resource.place, message);
    }
}

/// The first thing that is wrong with the form of a resource.
pub(super) fn fault(lint: &Lint<'_>, resource: &str) -> Option<Fault> {
    if is_everything(resource) || resource.starts_with("${") {
        return None;
    }
    if !resource.starts_with("arn:") {
        let message = "Add the required prefix (arn) to the resource ARN.".to_owned();
        return Some((&codes::INVALID_ARN_PREFIX, message));
    }
    let resource = without_variables(resource);
    let components: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, partition, service, region, account, path] = components.as_slice() else {
        let message = "Resource ARNs must include at least 6 fields in the following structure: \
                       arn:partition:service:region:account:resource";
        return Some((&codes::MISSING_ARN_FIELD, message.to_owned()));
    };
    if !is_open(partition) && !PARTITIONS.contains(partition) {
        let message =
            format!("The partition {partition} does not exist. Use one of: {}.", PARTITIONS.join(", "));
        return Some((&codes::INVALID_PARTITION, message));
    }
    if service.chars().any(|letter| letter.is_ascii_uppercase()) {
        let message =
            format!("Update the service name {service} in the resource ARN to use all lowercase letters.");
        return Some((&codes::INVALID_ARN_SERVICE_CASE, message));
    }
    region_fault(lint, service, region, path)
        .or_else(|| account_fault(lint, service, account, path))
        .or_else(|| path_fault(lint, service, path))
}

/// Wildcards may stand for anything.
fn is_open(component: &str) -> bool {
    has_wildcard(component)
}

fn region_fault(lint: &Lint<'_>, service: &str, region: &str, path: &str) -> Option<Fault> {
    let forms = forms(lint, service, path);
    if !forms.is_empty() && region.is_empty() && forms.iter().all(|form| !form.region.is_empty()) {
        return Some((&codes::MISSING_ARN_REGION, format!("Add a Region to the {service} resource ARN.")));
    }
    if !forms.is_empty() && !matches!(region, "" | "*") && forms.iter().all(|form| form.region.is_empty()) {
        let message =
            format!("The service {service} does not support specifying a Region in the resource ARN.");
        return Some((&codes::ARN_REGION_NOT_ALLOWED, message));
    }
    if region.is_empty() || is_open(region) || region.parse::<Region>().is_ok() {
        return None;
    }
    let message = format!("The Region {region} is not valid for this resource.");
    Some((&codes::INVALID_ARN_REGION, message))
}

fn account_fault(lint: &Lint<'_>, service: &str, account: &str, path: &str) -> Option<Fault> {
    let forms = forms(lint, service, path);
    if !forms.is_empty() && account.is_empty() && forms.iter().all(|form| !form.account.is_empty()) {
        let message = format!(
            "The resource {path} in the arn is missing an account id. Please provide a 12 digit account id."
        );
        return Some((&codes::MISSING_ARN_ACCOUNT, message));
    }
    if !forms.is_empty() && !matches!(account, "" | "*") && forms.iter().all(|form| form.account.is_empty()) {
        let message =
            format!("The service {service} does not support specifying an account ID in the resource ARN.");
        return Some((&codes::ARN_ACCOUNT_NOT_ALLOWED, message));
    }
    let is_id = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if account.is_empty() || account == "aws" || is_id || is_open(account) {
        return None;
    }
    let message =
        format!("The resource ARN account ID {account} is not valid. Provide a 12-digit account ID.");
    Some((&codes::INVALID_ARN_ACCOUNT, message))
}

/// A resource part that none of the service's resources can have.
fn path_fault(lint: &Lint<'_>, service: &str, path: &str) -> Option<Fault> {
    let known = all_forms(lint, service).next().is_some();
    if !known || !forms(lint, service, path).is_empty() {
        return None;
    }
    let message = format!(
        "Resource ARN does not match the expected ARN format: {service} has no resource like {path}."
    );
    Some((&codes::INVALID_ARN_RESOURCE, message))
}

/// The components of a form that matter here.
struct Form<'a> {
    region: &'a str,
    account: &'a str,
    whole: &'a str,
}

fn all_forms<'a>(lint: &Lint<'a>, service: &str) -> impl Iterator<Item = Form<'a>> {
    lint.forms.iter().filter_map(move |form| {
        let mut components = form.splitn(6, ':').skip(2);
        let is_service = components.next() == Some(service);
        let (region, account) = (components.next()?, components.next()?);
        is_service.then_some(Form { region, account, whole: form })
    })
}

/// The forms that a resource with this sixth component can have.
fn forms<'a>(lint: &Lint<'a>, service: &str, path: &str) -> Vec<Form<'a>> {
    let path = format!("arn:*:*:*:*:{path}");
    all_forms(lint, service).filter(|form| can_match(&path, form.whole)).collect()
}
