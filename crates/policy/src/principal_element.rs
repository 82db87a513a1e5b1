//! The `Principal` and `NotPrincipal` elements. How a statement names the caller decides how much its Allow is worth
//! (reference iam.md 1.5, 5.3).

use rolecall_arn::{AccountId, Arn};

use crate::document::{PrincipalType, RawPrincipal, Text};
use crate::{Context, ContextValue, Principal, Request};

/// How a statement names the caller, the most far-reaching first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// As `*`, or exactly as the one that calls: a user, a role session, a federated user, a service.
    Direct,
    /// As the identity behind a session: the role of a role session, the user of a federated user.
    BehindSession,
    /// As the account, which then decides with its own policies.
    Account,
}

/// Whom a statement is about.
#[derive(Debug)]
pub(crate) enum Principals {
    /// The kind of policy has no principals: the statement is about whoever has the policy.
    Holder,
    /// Neither element in a policy that needs one: nobody.
    Nobody,
    /// `Principal`.
    Listed(Box<[Written]>),
    /// `NotPrincipal`.
    NotListed(Box<[Written]>),
}

/// One principal as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Everyone,
    Account(AccountId),
    /// Any other ARN or a unique id; compared as a whole.
    Aws(Box<str>),
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// An account by an id that only S3 can turn into the account's own.
    CanonicalUser(Box<str>),
}

impl Principals {
    pub(crate) fn compile(names_principals: bool, element: Option<&RawPrincipal<'_>>) -> Self {
        let Some(element) = element else {
            return if names_principals { Principals::Nobody } else { Principals::Holder };
        };
        let written = element.entries.iter().map(|(kind, text)| Written::compile(*kind, text)).collect();
        if element.negated { Principals::NotListed(written) } else { Principals::Listed(written) }
    }

    /// Puts accounts in the place of the canonical users that are known.
    pub(crate) fn resolve_canonical_users(&mut self, account_of: &dyn Fn(&str) -> Option<AccountId>) {
        let (Principals::Listed(list) | Principals::NotListed(list)) = self else { return };
        for written in list.iter_mut() {
            if let Written::CanonicalUser(id) = written
                && let Some(account) = account_of(id)
            {
                *written = Written::Account(account);
            }
        }
    }

    /// How a statement that allows names the caller. In a trust policy `*` means those who have an account: a service
    /// and an identity provider let nobody in unless they are named (reference iam.md 1.5.1, 5.6).
    pub(crate) fn allow(&self, is_trust: bool, caller: &Principal) -> Option<Naming> {
        match self {
            Principals::Holder => Some(Naming::Direct),
            Principals::Nobody => None,
            Principals::Listed(list) if is_trust && !caller.is_of_iam() => {
                list.iter().filter(|one| **one != Written::Everyone).find_map(|one| one.names(caller))
            }
            Principals::Listed(list) => best_naming(list, caller),
            // An element that names nobody is a mistake and lets nobody in.
            Principals::NotListed(list) if list.is_empty() => None,
            Principals::NotListed(list) => {
                let listed = list.iter().any(|one| one.may_name(caller, None));
                (!listed).then_some(Naming::Direct)
            }
        }
    }

    /// Whether a statement that denies is about the caller. A caller with a permissions boundary is caught by every
    /// `NotPrincipal` (reference iam.md 1.5.2).
    pub(crate) fn deny(&self, request: &Request<'_>, has_boundary: bool) -> bool {
        match self {
            Principals::Holder => true,
            Principals::Nobody => false,
            Principals::Listed(list) => {
                list.iter().any(|one| one.may_name(request.principal, Some(request.context)))
            }
            Principals::NotListed(list) => has_boundary || !spares_from_deny(list, request.principal),
        }
    }
}

impl Written {
    fn compile(kind: PrincipalType, text: &Text<'_>) -> Self {
        let value = &*text.value;
        match kind {
            PrincipalType::Aws if value == "*" => Written::Everyone,
            PrincipalType::Aws => {
                account_of(value).map_or_else(|| Written::Aws(value.into()), Written::Account)
            }
            PrincipalType::Service => Written::Service(value.into()),
            PrincipalType::Federated => Written::Federated(value.into()),
            PrincipalType::CanonicalUser => Written::CanonicalUser(value.into()),
        }
    }

    /// How this names the caller, if it does. An account is those whom its IAM knows, so it does not name somebody who
    /// is on the way in from one of its identity providers.
    fn names(&self, caller: &Principal) -> Option<Naming> {
        match self {
            Written::Everyone => Some(Naming::Direct),
            Written::Account(account) => {
                (caller.is_of_iam() && caller.account() == Some(*account)).then_some(Naming::Account)
            }
            Written::Service(service) => {
                matches!(caller, Principal::Service { name } if **name == **service).then_some(Naming::Direct)
            }
            Written::Federated(named) => {
                matches!(caller, Principal::Federated { provider, .. } if **provider == **named)
                    .then_some(Naming::Direct)
            }
            Written::Aws(text) => aws_name(text, caller),
            Written::CanonicalUser(_) => None,
        }
    }

    /// Whether this names the caller when everything that is in doubt is held against the caller: a canonical user can
    /// be any account, an account is also the account of its providers, and a provider is also the sessions that came
    /// from it, which the context tells.
    fn may_name(&self, caller: &Principal, context: Option<&Context>) -> bool {
        match self {
            Written::Account(account) => caller.account() == Some(*account),
            Written::CanonicalUser(_) => caller.account().is_some(),
            Written::Federated(named) => {
                self.names(caller).is_some() || context.is_some_and(|context| came_from(named, context))
            }
            Written::Everyone | Written::Aws(_) | Written::Service(_) => self.names(caller).is_some(),
        }
    }
}

/// Whether the caller's session was made through the provider.
fn came_from(provider: &str, context: &Context) -> bool {
    matches!(context.get("aws:FederatedProvider"), Some(ContextValue::One(value)) if value == provider)
}

/// A bare account id and the root ARN of the account mean the same.
fn account_of(value: &str) -> Option<AccountId> {
    let id = value.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(value);
    id.parse().ok()
}

fn aws_name(text: &str, caller: &Principal) -> Option<Naming> {
    let is = |candidate: &str| !candidate.is_empty() && candidate == text;
    match caller {
        Principal::User { arn, id, .. } if is(arn.as_str()) || is(id) => Some(Naming::Direct),
        Principal::RoleSession { session_arn, .. } if is(session_arn.as_str()) => Some(Naming::Direct),
        Principal::RoleSession { role_arn, role_id, .. }
            if is(role_arn.as_str()) || is(role_id) || is_role_at_some_path(text, role_arn) =>
        {
            Some(Naming::BehindSession)
        }
        Principal::FederatedUser { arn, .. } if is(arn.as_str()) => Some(Naming::Direct),
        Principal::FederatedUser { user_arn, user_id, .. } if is(user_arn.as_str()) || is(user_id) => {
            Some(Naming::BehindSession)
        }
        _ => None,
    }
}

/// Whether a text is the ARN of the caller's role at a path, where the caller's ARN has none. A session's ARN does not
/// tell the path, and an account has one role of a name, whatever its path (reference iam.md 1.5.1).
fn is_role_at_some_path(text: &str, role_arn: &Arn) -> bool {
    let Some((before, name)) = role_arn.as_str().rsplit_once('/') else { return false };
    let is_without_path = before.ends_with(":role");
    is_without_path
        && text
            .strip_prefix(before)
            .and_then(|rest| rest.rsplit_once('/'))
            .is_some_and(|(path, last)| path.starts_with('/') && last == name)
}

/// The most far-reaching way in which a list names the caller.
fn best_naming(written: &[Written], caller: &Principal) -> Option<Naming> {
    written.iter().filter_map(|one| one.names(caller)).min()
}

/// Whether a `NotPrincipal` list spares the caller from a Deny. A session is spared only when all that it is (the
/// session, the role or user behind it, the account) is listed (reference iam.md 1.5.2).
fn spares_from_deny(written: &[Written], caller: &Principal) -> bool {
    let lists = |wanted: Naming| written.iter().any(|one| one.names(caller) == Some(wanted));
    if written.contains(&Written::Everyone) {
        return true;
    }
    match caller {
        Principal::Anonymous => false,
        Principal::Root { .. } => lists(Naming::Account),
        Principal::User { .. } | Principal::Service { .. } | Principal::Federated { .. } => {
            lists(Naming::Direct)
        }
        Principal::RoleSession { .. } => {
            lists(Naming::Direct) && lists(Naming::BehindSession) && lists(Naming::Account)
        }
        Principal::FederatedUser { .. } => lists(Naming::Direct) && lists(Naming::Account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(caller: &str, id: &str, written: &[(PrincipalType, &str)]) -> (Option<Naming>, bool) {
        let caller = Principal::parse(caller, id).unwrap();
        let compile = |(kind, value): &(PrincipalType, &str)| {
            Written::compile(*kind, &Text { value: (*value).into(), span: 0..0 })
        };
        let list: Vec<Written> = written.iter().map(compile).collect();
        (best_naming(&list, &caller), spares_from_deny(&list, &caller))
    }

    #[test]
    fn every_written_form_names_whom_it_should() {
        use PrincipalType::{Aws, CanonicalUser, Federated, Service};
        const USER: &str = "arn:aws:iam::111122223333:user/team/ana";
        const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/deploy/ci";
        const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
        const ROOT: &str = "arn:aws:iam::111122223333:root";
        const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com";
        let cases = [
            (USER, (Aws, USER), Some(Naming::Direct), true),
            (USER, (Aws, "AIDAX"), Some(Naming::Direct), true),
            (USER, (Aws, "arn:aws:iam::111122223333:user/ana"), None, false),
            (USER, (Aws, "arn:aws:iam::111122223333:user/team/*"), None, false),
            (USER, (Aws, "111122223333"), Some(Naming::Account), false),
            (USER, (Aws, ROOT), Some(Naming::Account), false),
            (USER, (Aws, "*"), Some(Naming::Direct), true),
            (USER, (Aws, "444455556666"), None, false),
            (ROOT, (Aws, "111122223333"), Some(Naming::Account), true),
            (SESSION, (Aws, SESSION), Some(Naming::Direct), false),
            (SESSION, (Aws, ROLE), Some(Naming::BehindSession), false),
            (SESSION, (Aws, "AIDAX"), Some(Naming::BehindSession), false),
            (SESSION, (Aws, "arn:aws:sts::111122223333:assumed-role/deploy/*"), None, false),
            ("s3.amazonaws.com", (Service, "s3.amazonaws.com"), Some(Naming::Direct), true),
            ("s3.amazonaws.com", (Service, "sns.amazonaws.com"), None, false),
            ("s3.amazonaws.com", (Aws, "s3.amazonaws.com"), None, false),
            (USER, (Federated, USER), None, false),
            (OIDC, (Federated, OIDC), Some(Naming::Direct), true),
            (OIDC, (Federated, "arn:aws:iam::111122223333:oidc-provider/id.example.co"), None, false),
            (OIDC, (Federated, "*"), None, false),
            (OIDC, (Aws, OIDC), None, false),
            (OIDC, (Aws, "111122223333"), None, false),
            ("accounts.google.com", (Federated, "accounts.google.com"), Some(Naming::Direct), true),
            ("accounts.google.com", (Federated, "www.amazon.com"), None, false),
            (
                USER,
                (CanonicalUser, "79a59d900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"),
                None,
                false,
            ),
        ];
        for (caller, written, named, spared) in cases {
            assert_eq!(naming(caller, "AIDAX", &[written]), (named, spared), "{caller} {written:?}");
        }
        let all = [(Aws, SESSION), (Aws, ROLE), (Aws, ROOT)];
        assert!(naming(SESSION, "AROAX", &all).1);
        assert!(!naming(SESSION, "AROAX", &all[..2]).1);
        assert!(!naming(SESSION, "AROAX", &all[1..]).1);
    }
}
