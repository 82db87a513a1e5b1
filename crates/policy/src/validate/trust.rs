//! Trust policies of roles (reference iam.md 1.12). Whether the principals exist is for the service to say; here only
//! what no principal can look like is refused.

use super::identity::with;
use super::{Failure, actions, stages, syntax_error};
use crate::document::{Document, PrincipalType, RawPrincipal, RawStatement, Text};
use crate::error::Fault;
use crate::pattern::Pattern;

pub(super) const NOT_JSON: &str = "This policy contains invalid Json";
const NOT_STS: &str = "AssumeRole policy may only specify STS AssumeRole actions.";
const NOT_ASSUME: &str = "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and \
                          sts:AssumeRoleWithWebIdentity";

/// The actions that a trust policy can be about, in lower case.
const ASSUME_ACTIONS: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
];

/// The other actions of STS; a pattern that covers one of these says too much.
const OTHER_ACTIONS: &[&str] = &[
    "sts:assumeroot",
    "sts:decodeauthorizationmessage",
    "sts:getaccesskeyinfo",
    "sts:getcalleridentity",
    "sts:getdelegatedaccesstoken",
    "sts:getfederationtoken",
    "sts:getservicebearertoken",
    "sts:getsessiontoken",
    "sts:getwebidentitytoken",
];

pub(super) fn trust(document: &Document<'_>) -> Result<(), Failure> {
    stages::known_operators(document).map_err(syntax_error)?;
    for statement in &document.statements {
        stages::effect_case(statement).map_err(with(stages::LEGACY))?;
        stages::literals(statement).map_err(with(stages::LEGACY))?;
    }
    stages::unique_sids(document).map_err(with(stages::SIDS))?;
    stages::have_actions(document).map_err(with(stages::NO_ACTIONS))?;
    actions::all(document).try_for_each(action)?;
    document.statements.iter().try_for_each(no_resource)?;
    document.statements.iter().try_for_each(principals)
}

fn action(action: &Text<'_>) -> Result<(), Failure> {
    let folded = action.value.to_ascii_lowercase();
    let refused = |message: &str| {
        let reason = format!("a trust policy cannot be about '{}'", action.value);
        Err((message.to_owned(), Fault::new(&action.span, reason)))
    };
    if !folded.starts_with("sts:") {
        return refused(NOT_STS);
    }
    let pattern = Pattern::parse(&folded);
    let covers = |actions: &[&str]| actions.iter().any(|action| pattern.matches(action));
    if covers(ASSUME_ACTIONS) && !covers(OTHER_ACTIONS) { Ok(()) } else { refused(NOT_ASSUME) }
}

fn no_resource(statement: &RawStatement<'_>) -> Result<(), Failure> {
    let Some(resources) = &statement.resources else { return Ok(()) };
    let reason = "a trust policy is about the role that it is attached to";
    Err(("Has prohibited field Resource".to_owned(), Fault::new(&resources.span, reason)))
}

fn principals(statement: &RawStatement<'_>) -> Result<(), Failure> {
    let Some(principal) = &statement.principal else {
        let fault = Fault::new(&statement.span, "the statement says not who may assume the role");
        return Err(("Missing required field Principal".to_owned(), fault));
    };
    if principal.negated {
        let fault = Fault::new(&principal.span, "a trust policy names those who may, not those who may not");
        return Err(("Has prohibited field NotPrincipal".to_owned(), fault));
    }
    stages::names_somebody(statement).map_err(syntax_error)?;
    refused_value(principal).map_or(Ok(()), |(kind, value)| {
        let message = format!("Invalid principal in policy: \"{kind}\":\"{}\"", value.value);
        Err((message, Fault::new(&value.span, format!("'{}' cannot be a principal here", value.value))))
    })
}

/// The first value that can be no principal of its type. The bare `"*"` is refused although `{"AWS": "*"}` is not.
fn refused_value<'p>(principal: &'p RawPrincipal<'p>) -> Option<(&'static str, &'p Text<'p>)> {
    principal.entries.iter().find_map(|(kind, text)| {
        let value = text.value.as_ref();
        let (label, legal) = match kind {
            PrincipalType::Aws => ("AWS", !principal.scalar && is_aws_principal(value)),
            PrincipalType::Service => ("SERVICE", !value.is_empty() && !value.contains(['*', '?', ' '])),
            PrincipalType::Federated => ("Federated", !value.is_empty() && !value.contains(['*', '?', ' '])),
            PrincipalType::CanonicalUser => ("CanonicalUser", false),
        };
        (!legal).then_some((label, text))
    })
}

/// `*`, an account, a unique id, or the ARN of something that can call; no wildcard in any of them.
pub(crate) fn is_aws_principal(value: &str) -> bool {
    if value == "*" {
        return true;
    }
    if value.contains(['*', '?']) {
        return false;
    }
    let account = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
    let unique_id = (value.starts_with("AIDA") || value.starts_with("AROA"))
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    account || unique_id || is_caller_arn(value)
}

fn is_caller_arn(value: &str) -> bool {
    let Ok(arn) = value.parse::<rolecall_arn::Arn>() else { return false };
    let resource = arn.resource();
    let caller = match arn.service() {
        "iam" => resource == "root" || ["user/", "role/"].iter().any(|start| resource.starts_with(start)),
        "sts" => ["assumed-role/", "federated-user/"].iter().any(|start| resource.starts_with(start)),
        _ => false,
    };
    caller && arn.account_id().is_some()
}
