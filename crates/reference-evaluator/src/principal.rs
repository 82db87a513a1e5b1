//! Whether a `Principal` or `NotPrincipal` element names the caller, and how far that goes (reference iam.md 1.5, 5.3).

use rolecall_arn::Arn;
use rolecall_policy::{Context, ContextValue, Principal, Request};

use crate::document::{Named, Principals};

/// How far a grant to a name of the caller goes inside one account (reference iam.md 5.3). Ordered by how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The account is named: its own policies must allow as well.
    Account,
    /// The role is named, or the user behind a federated session: boundary and session policies still limit.
    Limited,
    /// The caller itself is named, or everyone: nothing limits but a denial.
    Unlimited,
}

/// How a statement that allows names the caller; `None` when it does not.
pub(crate) fn allowed_as(element: &Principals, caller: &Principal) -> Option<Reach> {
    match element {
        Principals::NotApplicable => Some(Reach::Account),
        Principals::Unsaid => None,
        Principals::These(names) => names.iter().filter_map(|name| reach(name, caller)).max(),
        // It does not say who is left out, so there is nobody of whom it is certain that it lets them in.
        Principals::NotThese(names) if names.is_empty() => None,
        Principals::NotThese(names) => {
            // Whom nobody can tell to be another than the caller is not let in.
            let may_be_named = names.iter().any(|name| might_mean(name, caller));
            if may_be_named { None } else { Some(Reach::Unlimited) }
        }
    }
}

/// How a statement of a trust policy that allows names the caller. There everyone is every principal of an account:
/// a service has to be named, and so has the provider of a caller who comes with a token or an assertion (reference
/// iam.md 1.5.1, 5.6).
pub(crate) fn trusted_as(element: &Principals, caller: &Principal) -> Option<Reach> {
    let must_be_named = |name: &Named| match caller {
        Principal::Service { .. } => matches!(name, Named::Service(_)),
        Principal::Federated { .. } => matches!(name, Named::Provider(_)),
        Principal::Anonymous => false,
        _ => true,
    };
    match element {
        Principals::These(names) => {
            names.iter().filter(|name| must_be_named(name)).filter_map(|name| reach(name, caller)).max()
        }
        _ => None,
    }
}

/// Whether a statement that denies is about the caller. A caller with a permissions boundary is always about whom a
/// `NotPrincipal` speaks (reference iam.md 1.5.2).
pub(crate) fn is_denied(element: &Principals, request: &Request<'_>, has_boundary: bool) -> bool {
    let caller = request.principal;
    match element {
        Principals::NotApplicable => true,
        Principals::Unsaid => false,
        Principals::NotThese(names) => has_boundary || !is_excepted(names, caller),
        Principals::These(names) => {
            names.iter().any(|name| might_mean(name, caller) || is_origin(name, request.context))
        }
    }
}

/// Whether the caller's session began at the provider that is named (reference iam.md 4.1, `aws:FederatedProvider`).
fn is_origin(name: &Named, context: &Context) -> bool {
    match (name, context.get("aws:FederatedProvider")) {
        (Named::Provider(named), Some(ContextValue::One(provider))) => named == provider,
        _ => false,
    }
}

/// A role session is excepted from a `NotPrincipal` only when role, session and account are all listed. The reference
/// does not tell of federated users; their session and account are asked for likewise.
fn is_excepted(names: &[Named], caller: &Principal) -> bool {
    if names.contains(&Named::Everyone) {
        return true;
    }
    let has = |wanted: &dyn Fn(&str) -> bool| {
        names.iter().any(|name| matches!(name, Named::Aws(text) if wanted(text)))
    };
    match caller {
        Principal::RoleSession { role_arn, role_id, session_arn, .. } => {
            has(&|text| is_role(text, role_arn, role_id))
                && has(&|text| text == session_arn.as_str())
                && has(&|text| is_account(text, caller))
        }
        Principal::User { arn, id, .. } => has(&|text| text == arn.as_str() || text == id),
        Principal::FederatedUser { arn, .. } => {
            has(&|text| text == arn.as_str()) && has(&|text| is_account(text, caller))
        }
        Principal::Root { .. } | Principal::Service { .. } | Principal::Federated { .. } => {
            names.iter().any(|name| reach(name, caller).is_some())
        }
        Principal::Anonymous => false,
    }
}

fn reach(name: &Named, caller: &Principal) -> Option<Reach> {
    match (name, caller) {
        (Named::Everyone, _) => Some(Reach::Unlimited),
        (Named::Service(named), Principal::Service { name }) if named == name => Some(Reach::Unlimited),
        (Named::Provider(named), Principal::Federated { provider, .. }) if named == provider => {
            Some(Reach::Unlimited)
        }
        // Whoever a provider sends has no identity in the account before it has assumed a role.
        (Named::Aws(_), Principal::Federated { .. }) => None,
        (Named::Aws(text), _) if is_account(text, caller) => Some(Reach::Account),
        (Named::Aws(text), _) => reach_of_name(text, caller),
        (Named::Service(_) | Named::Provider(_) | Named::CanonicalUser, _) => None,
    }
}

/// Whether the name means the caller, or might: a canonical user is some account, and a provider belongs to one.
fn might_mean(name: &Named, caller: &Principal) -> bool {
    let possible = match name {
        Named::CanonicalUser => caller.account().is_some(),
        Named::Aws(text) => is_account(text, caller),
        _ => false,
    };
    possible || reach(name, caller).is_some()
}

fn reach_of_name(text: &str, caller: &Principal) -> Option<Reach> {
    match caller {
        Principal::User { arn, id, .. } if text == arn.as_str() || text == id => Some(Reach::Unlimited),
        Principal::RoleSession { session_arn, .. } if text == session_arn.as_str() => Some(Reach::Unlimited),
        Principal::RoleSession { role_arn, role_id, .. } if is_role(text, role_arn, role_id) => {
            Some(Reach::Limited)
        }
        Principal::FederatedUser { arn, .. } if text == arn.as_str() => Some(Reach::Unlimited),
        Principal::FederatedUser { user_arn, user_id, .. }
            if text == user_arn.as_str() || text == user_id =>
        {
            Some(Reach::Limited)
        }
        _ => None,
    }
}

/// A role is named by its ARN or its id. Where the caller's ARN has no path it may come from a session's, which tells
/// none, so the account and the name of the role are what is compared (reference iam.md 1.5.1).
fn is_role(text: &str, role_arn: &Arn, role_id: &str) -> bool {
    let written: Vec<&str> = text.split('/').collect();
    let of_caller: Vec<&str> = role_arn.as_str().split('/').collect();
    let same_name = of_caller.len() == 2
        && written.len() > 2
        && written.first() == of_caller.first()
        && written.last() == of_caller.last();
    text == role_arn.as_str() || text == role_id || same_name
}

/// An account is written as its number or as the ARN of its root.
fn is_account(text: &str, caller: &Principal) -> bool {
    let Some(account) = caller.account() else { return false };
    text == account.to_string() || text == format!("arn:aws:iam::{account}:root")
}
