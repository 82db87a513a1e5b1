//! Policy documents that are made statement by statement.
//!
//! The users and roles that a document names are noted by their unique ids when the statement is added, so that a later
//! user of the same name is somebody else (reference lambda.md 2.9).

use std::sync::Arc;

use rolecall_authority::{bind, effective_document};
use rolecall_store::State;
use rolecall_store::records::lambda::ResourcePolicy;
use serde_json::{Value, json};

use crate::error::LambdaError;
use crate::permission::principal;

/// The longest document in bytes (reference lambda.md 2.1-5).
pub(crate) const MAX_BYTES: usize = 20_480;

/// What a caller may see of a policy: who is gone is shown by the unique id.
pub(crate) fn shown(policy: &ResourcePolicy, state: &State) -> String {
    effective_document(&policy.document, &policy.bound_principals, state).to_string()
}

/// The statement with the id, if the policy has one.
pub(crate) fn find(policy: &ResourcePolicy, sid: &str, state: &State) -> Option<Value> {
    statements(&shown(policy, state)).into_iter().find(|statement| has_sid(statement, sid))
}

/// The policy with one statement more.
///
/// # Errors
/// AWS's refusals in AWS's order (reference lambda.md 2.2): a statement id that is taken, then what `check_revision`
/// says, then a principal that does not exist, then the length.
pub(crate) fn add(
    policy: Option<&ResourcePolicy>,
    statement: Value,
    revision_id: String,
    state: &State,
    check_revision: impl FnOnce() -> Result<(), LambdaError>,
) -> Result<ResourcePolicy, LambdaError> {
    let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut document = policy.map_or_else(empty, |policy| parse(&policy.document));
    let mut bound = policy.map(|policy| policy.bound_principals.clone()).unwrap_or_default();
    let known = document.get_mut("Statement").and_then(Value::as_array_mut).ok_or_else(unreadable)?;
    if known.iter().any(|other| has_sid(other, &sid)) {
        return Err(LambdaError::Conflict(format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the \
             existing statement."
        )));
    }
    check_revision()?;
    // A principal that is gone makes every later statement impossible until its statement is removed (2.9-5).
    if policy.is_some_and(|policy| shown(policy, state) != *policy.document) {
        return Err(principal::invalid());
    }
    let alone = json!({ "Statement": [statement] }).to_string();
    bound.extend(bind(&alone, state).map_err(|_| principal::invalid())?);
    known.push(statement);
    let text = document.to_string();
    if text.len() > MAX_BYTES {
        return Err(LambdaError::PolicyTooLong(text.len()));
    }
    Ok(ResourcePolicy { document: Arc::from(text), bound_principals: bound, revision_id })
}

/// The policy without a statement; none where it was the last, as a policy that says nothing does not exist
/// (reference lambda.md 2.1-6).
///
/// # Errors
/// [`LambdaError::NotFound`] where there is no such statement, before what `check_revision` says.
pub(crate) fn remove(
    policy: &ResourcePolicy,
    sid: &str,
    revision_id: String,
    check_revision: impl FnOnce() -> Result<(), LambdaError>,
) -> Result<Option<ResourcePolicy>, LambdaError> {
    let mut document = parse(&policy.document);
    let known = document.get_mut("Statement").and_then(Value::as_array_mut).ok_or_else(unreadable)?;
    let before = known.len();
    // AWS fails at a statement for federated principals only; the document as a whole can be deleted (2.4).
    let removed_federated = known.iter().any(|statement| has_sid(statement, sid) && is_federated(statement));
    known.retain(|statement| !has_sid(statement, sid));
    if known.len() == before {
        return Err(LambdaError::NotFound(format!("Statement {sid} is not found in resource policy.")));
    }
    if removed_federated {
        return Err(LambdaError::CannotRun(
            "An error occurred and the request cannot be processed.".to_owned(),
        ));
    }
    check_revision()?;
    if known.is_empty() {
        return Ok(None);
    }
    let text = document.to_string();
    let mut bound_principals = policy.bound_principals.clone();
    bound_principals.retain(|arn, _| text.contains(&Value::String(arn.clone()).to_string()));
    Ok(Some(ResourcePolicy { document: Arc::from(text), bound_principals, revision_id }))
}

fn empty() -> Value {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": [] })
}

fn parse(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or(Value::Null)
}

fn statements(document: &str) -> Vec<Value> {
    match parse(document).get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn has_sid(statement: &Value, sid: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(sid)
}

fn is_federated(statement: &Value) -> bool {
    let kinds = statement.get("Principal").and_then(Value::as_object);
    kinds.is_some_and(|kinds| kinds.len() == 1 && kinds.contains_key("Federated"))
}

/// What only a document that this program did not write can be.
fn unreadable() -> LambdaError {
    LambdaError::CannotRun("The stored resource policy cannot be read.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sid: &str) -> Value {
        json!({ "Sid": sid, "Effect": "Allow", "Principal": "*" })
    }

    fn with(policy: Option<&ResourcePolicy>, sid: &str) -> Result<ResourcePolicy, LambdaError> {
        add(policy, statement(sid), format!("revision-{sid}"), &State::default(), || Ok(()))
    }

    #[test]
    fn statements_stay_in_the_order_in_which_they_came() {
        let one = with(None, "b").unwrap();
        let two = with(Some(&one), "a").unwrap();
        assert_eq!(
            &*two.document,
            r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"b","Effect":"Allow","Principal":"*"},{"Sid":"a","Effect":"Allow","Principal":"*"}]}"#
        );
        assert!(find(&two, "b", &State::default()).is_some());
        let left = remove(&two, "b", "r".to_owned(), || Ok(())).unwrap().unwrap();
        assert!(!left.document.contains("\"b\""));
        assert_eq!(remove(&left, "a", "r".to_owned(), || Ok(())), Ok(None));
    }

    #[test]
    fn a_taken_id_is_refused_before_a_stale_revision() {
        let one = with(None, "s3").unwrap();
        let stale = || Err(LambdaError::StaleRevision("GetPolicy"));
        let refused = add(Some(&one), statement("s3"), String::new(), &State::default(), stale).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing \
             statement."
        );
        let missing = remove(&one, "other", String::new(), stale).unwrap_err();
        assert_eq!(missing.to_string(), "Statement other is not found in resource policy.");
        assert!(matches!(remove(&one, "s3", String::new(), stale), Err(LambdaError::StaleRevision(_))));
    }

    #[test]
    fn the_length_is_limited_and_said() {
        let mut policy = with(None, "0").unwrap();
        let refused = loop {
            match with(Some(&policy), &format!("{:0>90}", policy.document.len())) {
                Ok(longer) => policy = longer,
                Err(refused) => break refused,
            }
        };
        let size = policy.document.len() + statement(&"0".repeat(90)).to_string().len() + 1;
        assert_eq!(refused, LambdaError::PolicyTooLong(size));
        let message = format!("The final policy size ({size}) is bigger than the limit (20480).");
        assert_eq!(refused.to_string(), message);
    }

    #[test]
    fn a_user_who_does_not_exist_is_no_principal() {
        let principal = json!({ "AWS": "arn:aws:iam::111122223333:user/nobody" });
        let statement = json!({ "Sid": "s", "Principal": principal });
        let refused = add(None, statement, String::new(), &State::default(), || Ok(())).unwrap_err();
        assert_eq!(refused, principal::invalid());
    }
}
