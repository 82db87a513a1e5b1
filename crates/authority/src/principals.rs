//! Users and roles that a resource-based or trust policy names.
//!
//! A policy that names a user means the user who has that name when the policy is written. When the user is deleted,
//! a new one of the same name is somebody else (reference iam.md 1.5.1, lambda.md 2.9). So the unique ids are noted
//! beside the document, and put in the place of a name that has come to mean somebody else.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_store::State;
use serde_json::Value;

/// The unique ids of the users and roles that a document names, by ARN.
pub type BoundPrincipals = BTreeMap<String, String>;

/// A document names a user or role that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid principal in policy: \"{kind}\":\"{value}\"")]
pub struct InvalidPrincipal {
    /// The kind of principal, `AWS`.
    pub kind: String,
    /// The principal as written.
    pub value: String,
}

/// Looks up every user and role that the document's principals name.
///
/// # Errors
/// [`InvalidPrincipal`] for the first that does not exist. A user or role of another partition or of an account that
/// this server does not have cannot exist either.
pub fn bind(document: &str, state: &State) -> Result<BoundPrincipals, InvalidPrincipal> {
    let mut bound = BoundPrincipals::new();
    for value in aws_principals(document) {
        if value == "*" || is_account(&value) {
            continue;
        }
        match unique_id(&value, state) {
            Named::Entity(id) => {
                bound.insert(value, id);
            }
            Named::Other => {}
            Named::Missing => return Err(InvalidPrincipal { kind: "AWS".to_owned(), value }),
        }
    }
    Ok(bound)
}

/// The document with the unique id in the place of every name whose owner is gone. It is the same text where all that
/// it names are still there.
pub fn effective_document(document: &Arc<str>, bound: &BoundPrincipals, state: &State) -> Arc<str> {
    let gone: BoundPrincipals = bound
        .iter()
        .filter(|(arn, id)| !matches!(unique_id(arn, state), Named::Entity(current) if current == **id))
        .map(|(arn, id)| (arn.clone(), id.clone()))
        .collect();
    if gone.is_empty() {
        return Arc::clone(document);
    }
    let Ok(mut value) = serde_json::from_str::<Value>(document) else { return Arc::clone(document) };
    for statement in statements(&mut value) {
        for element in ["Principal", "NotPrincipal"] {
            if let Some(principals) =
                statement.get_mut(element).and_then(|principal| principal.get_mut("AWS"))
            {
                replace(principals, &gone);
            }
        }
    }
    Arc::from(value.to_string())
}

fn replace(principals: &mut Value, gone: &BoundPrincipals) {
    match principals {
        Value::String(text) => {
            if let Some(id) = gone.get(text) {
                text.clone_from(id);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, gone)),
        _ => {}
    }
}

fn statements(document: &mut Value) -> Vec<&mut Value> {
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn aws_principals(document: &str) -> Vec<String> {
    let Ok(mut value) = serde_json::from_str::<Value>(document) else { return Vec::new() };
    let mut found = Vec::new();
    for statement in statements(&mut value) {
        for element in ["Principal", "NotPrincipal"] {
            match statement.get(element).and_then(|principal| principal.get("AWS")) {
                Some(Value::String(text)) => found.push(text.clone()),
                Some(Value::Array(values)) => {
                    found.extend(values.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    found
}

/// An account id or the ARN of an account's root.
fn is_account(value: &str) -> bool {
    let account =
        value.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(value);
    account.parse::<rolecall_arn::AccountId>().is_ok()
}

enum Named {
    /// A user or role that exists, with its unique id.
    Entity(String),
    /// A session or unique id, which is not bound.
    Other,
    /// Nothing that exists.
    Missing,
}

fn unique_id(value: &str, state: &State) -> Named {
    if value.parse::<rolecall_arn::UniqueId>().is_ok() {
        return Named::Other;
    }
    let Some((arn, account)) = value.parse::<Arn>().ok().and_then(|arn| arn.account_id().map(|id| (arn, id)))
    else {
        return Named::Missing;
    };
    let Some((kind, rest)) = arn.resource().split_once('/') else { return Named::Missing };
    let name = rest.rsplit('/').next().unwrap_or_default().to_lowercase();
    match (arn.service(), kind) {
        ("sts", "assumed-role") if !rest.contains('*') && rest.contains('/') => Named::Other,
        ("sts", "federated-user") if !rest.contains('*') => Named::Other,
        ("iam", "user") => match state.users.get(&(account, name)) {
            Some(user) if rest == format!("{}{}", user.path.trim_start_matches('/'), user.name) => {
                Named::Entity(user.id.clone())
            }
            _ => Named::Missing,
        },
        ("iam", "role") => match state.roles.get(&(account, name)) {
            Some(role) if rest == format!("{}{}", role.path.trim_start_matches('/'), role.name) => {
                Named::Entity(role.id.clone())
            }
            _ => Named::Missing,
        },
        _ => Named::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_arn::AccountId;
    use rolecall_store::records::iam::{Policies, User};

    const POLICY: &str =
        r#"{"Statement":[{"Principal":{"AWS":["arn:aws:iam::000000000001:user/ana","*"]}}]}"#;

    fn with_user(id: &str) -> State {
        let mut state = State::default();
        let account = AccountId::from_number(1);
        let user = User {
            account,
            name: "ana".to_owned(),
            path: "/".to_owned(),
            id: id.to_owned(),
            created_ms: 0,
            policies: Policies::default(),
            boundary: None,
            groups: Vec::new(),
            tags: Vec::new(),
        };
        state.users.put((account, "ana".to_owned()), user);
        state
    }

    #[test]
    fn a_name_means_the_user_who_had_it_when_the_policy_was_written() {
        let bound = bind(POLICY, &with_user("AIDA1")).unwrap();
        assert_eq!(bound.values().collect::<Vec<_>>(), ["AIDA1"]);
        let document: Arc<str> = Arc::from(POLICY);
        assert!(Arc::ptr_eq(&effective_document(&document, &bound, &with_user("AIDA1")), &document));
        let after = effective_document(&document, &bound, &with_user("AIDA2"));
        assert_eq!(&*after, r#"{"Statement":[{"Principal":{"AWS":["AIDA1","*"]}}]}"#);
    }

    #[test]
    fn a_principal_that_does_not_exist_is_named() {
        let error = bind(POLICY, &State::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::000000000001:user/ana""#
        );
        for value in
            ["arn:aws:sts::000000000001:assumed-role/R/*", "ana", "arn:aws:iam::000000000001:group/g"]
        {
            let policy = format!(r#"{{"Statement":{{"Principal":{{"AWS":"{value}"}}}}}}"#);
            assert!(bind(&policy, &State::default()).is_err(), "{value}");
        }
    }
}
