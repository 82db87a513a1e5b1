//! Whether a `Principal` or `NotPrincipal` element names the caller, and how far that goes (reference iam.md 1.5, 5.3).

use rolecall_policy::Principal;

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
        Principals::NotThese(names) => {
            let named = names.iter().any(|name| reach(name, caller).is_some());
            if named { None } else { Some(Reach::Unlimited) }
        }
    }
}

/// How a statement of a trust policy that allows names the caller. There everyone is every principal of an account:
/// a service has to be named, and an unsigned request comes from a provider that has to be named (reference iam.md
/// 1.5.1, 5.6).
pub(crate) fn trusted_as(element: &Principals, caller: &Principal) -> Option<Reach> {
    if caller.account().is_some() {
        return allowed_as(element, caller);
    }
    match element {
        Principals::These(names) => {
            let services = names.iter().filter(|name| matches!(name, Named::Service(_)));
            services.filter_map(|name| reach(name, caller)).max()
        }
        _ => None,
    }
}

/// Whether a statement that denies is about the caller. A caller with a permissions boundary is always about whom a
/// `NotPrincipal` speaks (reference iam.md 1.5.2).
pub(crate) fn is_denied(element: &Principals, caller: &Principal, has_boundary: bool) -> bool {
    match element {
        Principals::NotThese(names) => has_boundary || !is_excepted(names, caller),
        _ => allowed_as(element, caller).is_some(),
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
            has(&|text| text == role_arn.as_str() || text == role_id)
                && has(&|text| text == session_arn.as_str())
                && has(&|text| is_account(text, caller))
        }
        Principal::User { arn, id, .. } => has(&|text| text == arn.as_str() || text == id),
        Principal::FederatedUser { arn, .. } => {
            has(&|text| text == arn.as_str()) && has(&|text| is_account(text, caller))
        }
        Principal::Root { .. } | Principal::Service { .. } => {
            names.iter().any(|name| reach(name, caller).is_some())
        }
        Principal::Anonymous => false,
    }
}

fn reach(name: &Named, caller: &Principal) -> Option<Reach> {
    match name {
        Named::Everyone => Some(Reach::Unlimited),
        Named::Service(service) => match caller {
            Principal::Service { name } if name == service => Some(Reach::Unlimited),
            _ => None,
        },
        Named::Aws(text) if is_account(text, caller) => Some(Reach::Account),
        Named::Aws(text) => reach_of_name(text, caller),
        Named::Other => None,
    }
}

fn reach_of_name(text: &str, caller: &Principal) -> Option<Reach> {
    match caller {
        Principal::User { arn, id, .. } if text == arn.as_str() || text == id => Some(Reach::Unlimited),
        Principal::RoleSession { session_arn, .. } if text == session_arn.as_str() => Some(Reach::Unlimited),
        Principal::RoleSession { role_arn, role_id, .. } if text == role_arn.as_str() || text == role_id => {
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

/// An account is written as its number or as the ARN of its root.
fn is_account(text: &str, caller: &Principal) -> bool {
    let Some(account) = caller.account() else { return false };
    text == account.to_string() || text == format!("arn:aws:iam::{account}:root")
}
