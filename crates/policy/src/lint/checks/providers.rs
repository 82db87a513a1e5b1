//! Identity providers in trust policies: whoever has a token of a provider can assume the role, unless conditions say
//! whose tokens are meant (reference iam.md 1.5, 4.5).

use super::Lint;
use crate::PolicyKind;
use crate::condition::operator::SetMode;
use crate::document::PrincipalType;
use crate::lint::codes;
use crate::lint::document::{Statement, Text, has_wildcard};
use crate::lint::finding::Report;

const GITHUB: &str = "token.actions.githubusercontent.com";

/// Providers whose audience claim has one value.
const SINGLE_AUDIENCE: &[&str] = &[
    GITHUB,
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "saml",
    "www.amazon.com",
];

/// What a principal can assume a role with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller<'a> {
    Saml,
    /// With the issuer, like `accounts.google.com`.
    WebIdentity(&'a str),
    Other,
}

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if lint.kind != PolicyKind::Trust {
        return;
    }
    for statement in lint.statements() {
        check_audiences(statement, report);
        if statement.allows() {
            check_actions(statement, report);
            for provider in statement.principals(PrincipalType::Federated) {
                check_provider(statement, provider, report);
            }
        }
    }
}

fn caller(kind: PrincipalType, value: &str) -> Option<Caller<'_>> {
    if kind != PrincipalType::Federated {
        return Some(Caller::Other);
    }
    if let Some(rest) = value.strip_prefix("arn:") {
        let path = rest.splitn(5, ':').nth(4)?;
        return match path.split_once('/')? {
            ("saml-provider", name) if !name.is_empty() => Some(Caller::Saml),
            ("oidc-provider", issuer) if !issuer.is_empty() => Some(Caller::WebIdentity(issuer)),
            _ => None,
        };
    }
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "-./".contains(letter);
    (value.contains('.') && value.chars().all(legal)).then_some(Caller::WebIdentity(value))
}

fn check_provider(statement: &Statement, provider: &Text, report: &mut Report) {
    let Some(caller) = caller(PrincipalType::Federated, &provider.value) else {
        let message = "The principal value specifies a federated principal that does not match the expected \
                       format. Update the federated principal to a domain name or a SAML metadata ARN.";
        report.add(&codes::INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, &provider.place, message);
        return;
    };
    match caller {
        Caller::WebIdentity(issuer)
            if issuer == GITHUB || issuer.starts_with("token.actions.githubusercontent.com/") =>
        {
            check_github(statement, provider, report);
        }
        Caller::WebIdentity(issuer) => {
            let of_issuer =
                |key: &str| key.rsplit_once(':').is_some_and(|(host, _)| host.eq_ignore_ascii_case(issuer));
            if !statement.conditions.iter().any(|condition| of_issuer(&condition.key.value)) {
                let message = "Using an Open ID Connect principal without a condition can be overly \
                               permissive. Add condition keys with a prefix that matches your federated \
                               OIDC principals to ensure that only the intended identity provider assumes \
                               the role.";
                report.add(&codes::MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, &provider.place, message);
            }
        }
        Caller::Saml | Caller::Other => {}
    }
}

fn check_github(statement: &Statement, provider: &Text, report: &mut Report) {
    let claim = |name: &str| {
        let keys = statement.conditions.iter();
        let suffix = format!(":{name}");
        keys.filter(|condition| {
            let key = condition.key.value.to_ascii_lowercase();
            key.starts_with(GITHUB) && key.ends_with(&suffix)
        })
        .collect::<Vec<_>>()
    };
    let subjects = claim("sub");
    if subjects.is_empty() && claim("repository").is_empty() && claim("repository_id").is_empty() {
        let message = "Granting a federated GitHub principal permissions without a condition key can allow \
                       more sources to assume the role than you intended. Add the \
                       token.actions.githubusercontent.com:sub condition key and specify the branch and \
                       repository name in the value.";
        report.add(&codes::MISSING_GITHUB_REPO_CONDITION_KEY, &provider.place, message);
    }
    let names_branch = !claim("ref").is_empty();
    for value in subjects.iter().flat_map(|condition| &condition.values).map(|value| &value.text) {
        let repository: Vec<&str> = value.value.splitn(3, ':').take(2).collect();
        let wide_repository = repository.len() < 2 || repository.iter().any(|part| has_wildcard(part));
        if has_wildcard(&value.value) && (wide_repository || !names_branch) {
            let message = "Using a wildcard (*) in token.actions.githubusercontent.com:sub can allow \
                           requests from more sources than you intended.";
            report.add(&codes::SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, &value.place, message);
        }
    }
}

/// An action that none of the statement's principals can use.
fn check_actions(statement: &Statement, report: &mut Report) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    let callers: Vec<Caller<'_>> =
        element.entries.iter().filter_map(|(kind, text)| caller(*kind, &text.value)).collect();
    if callers.is_empty() || callers.len() < element.entries.len() {
        return;
    }
    for action in statement.listed_actions() {
        let suits = |caller: &Caller<'_>| match action.value.to_ascii_lowercase().as_str() {
            "sts:assumerole" => *caller == Caller::Other,
            "sts:assumerolewithsaml" => *caller == Caller::Saml,
            "sts:assumerolewithwebidentity" => matches!(caller, Caller::WebIdentity(_)),
            _ => true,
        };
        if !callers.iter().any(suits) {
            let names: Vec<&str> = element.entries.iter().map(|(_, text)| text.value.as_str()).collect();
            let message = format!(
                "The {} action is invalid with the following principal(s): {}.",
                action.value,
                names.join(", ")
            );
            report.add(&codes::MISMATCHED_ACTION_FOR_PRINCIPAL, &action.place, message);
        }
    }
}

fn check_audiences(statement: &Statement, report: &mut Report) {
    for condition in &statement.conditions {
        let key = condition.key.value.as_str();
        let Some((provider, "aud")) = key.rsplit_once(':') else { continue };
        let single = SINGLE_AUDIENCE.iter().any(|known| known.eq_ignore_ascii_case(provider));
        let Some(set) = condition.parsed.map(|operator| operator.set) else { continue };
        let (code, message) = match (set, single) {
            (SetMode::Scalar, _) => continue,
            (SetMode::Any, true) => (
                &codes::FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE,
                format!(
                    "Using ForAnyValue qualifier with the single-valued condition key {key} can be overly \
                     permissive."
                ),
            ),
            (SetMode::All, true) => (
                &codes::FORALLVALUES_WITH_SINGLE_VALUED_KEY,
                format!(
                    "Using ForAllValues qualifier with the single-valued condition key {key} can be overly \
                     permissive."
                ),
            ),
            (_, false) => (
                &codes::CONFIRM_AUDIENCE_CLAIM_TYPE,
                format!(
                    "The \"{key}\" claim key identifies the recipients that the JSON web token is intended \
                     for; it mostly has one value, and then takes no qualifier."
                ),
            ),
        };
        report.add(code, &condition.key.place, message);
    }
}
