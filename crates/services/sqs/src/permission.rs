//! AddPermission and RemovePermission: statements of the queue policy that are made for the caller.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Authorized, Call};
use rolecall_store::records::sqs::Queue;
use rolecall_wire::{ServiceError, sqs as wire};
use serde_json::{Map, Value, json};

use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::QueueName;
use crate::policy;

/// The actions that a queue's owner can give away (AddPermission in the API reference).
const ACTIONS: [&str; 7] = [
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
];
/// How many actions a statement of AddPermission has at most.
const MAX_ACTIONS: usize = 7;
/// The longest label.
const MAX_LABEL: usize = 80;

impl Sqs {
    /// AddPermission: a statement under the label that allows accounts some actions.
    pub(crate) async fn add_permission(
        &self,
        call: &Call,
        input: wire::AddPermissionRequest,
    ) -> Result<wire::AddPermissionResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_owner(call, "sqs:AddPermission", &queue, &state, |check| check)?;
        check_label(&input.label)?;
        let actions = read_actions(&input.actions)?;
        let accounts = read_accounts(&input.aws_account_ids)?;
        let statement = statement(&input.label, &accounts, &actions, &queue);
        let arn = queue.arn();
        self.change_policy(proof, &queue, move |document, statements| {
            if statements.iter().any(|statement| statement["Sid"] == *input.label) {
                return Err(SqsError::value(&input.label, "Label", "Already exists."));
            }
            document.get_or_insert_with(|| empty_document(&arn));
            statements.push(statement);
            Ok(())
        })
        .await?;
        Ok(wire::AddPermissionResponse)
    }

    /// RemovePermission: the statement under the label goes.
    pub(crate) async fn remove_permission(
        &self,
        call: &Call,
        input: wire::RemovePermissionRequest,
    ) -> Result<wire::RemovePermissionResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_owner(call, "sqs:RemovePermission", &queue, &state, |check| check)?;
        self.change_policy(proof, &queue, move |_, statements| {
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != *input.label);
            if statements.len() == before {
                return Err(SqsError::value(&input.label, "Label", "can't find label."));
            }
            Ok(())
        })
        .await?;
        Ok(wire::RemovePermissionResponse)
    }

    /// Changes the statements of the queue policy; a policy without statements is none.
    async fn change_policy(
        &self,
        _proof: Authorized,
        queue: &QueueName,
        change: impl FnOnce(&mut Option<Map<String, Value>>, &mut Vec<Value>) -> Result<(), SqsError>
        + Send
        + 'static,
    ) -> Result<(), ServiceError> {
        let (key, now_ms) = (queue.key(), self.platform.now_ms());
        let written = self.platform.store.write(move |state| {
            let mut record = Queue::clone(state.queues.get(&key).ok_or(SqsError::NoQueue)?);
            let mut document = record.policy.as_deref().and_then(|text| serde_json::from_str(text).ok());
            let mut statements = take_statements(document.as_mut());
            change(&mut document, &mut statements)?;
            let text = document.filter(|_| !statements.is_empty()).map(|mut document| {
                document.insert("Statement".to_owned(), Value::Array(statements));
                Arc::from(Value::Object(document).to_string())
            });
            policy::set(&mut record, text, state)?;
            record.modified_ms = now_ms;
            state.queues.put(key, record);
            Ok(())
        });
        written.await.map_err(write_failed)
    }
}

fn take_statements(document: Option<&mut Map<String, Value>>) -> Vec<Value> {
    match document.and_then(|document| document.remove("Statement")) {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// The policy that AWS begins for a queue that has none.
fn empty_document(queue: &Arn) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("Version".to_owned(), "2008-10-17".into());
    document.insert("Id".to_owned(), format!("{queue}/SQSDefaultPolicy").into());
    document
}

fn statement(label: &str, accounts: &[AccountId], actions: &[String], queue: &QueueName) -> Value {
    let principals: Vec<String> = accounts.iter().map(|id| Arn::iam(*id, "root").to_string()).collect();
    json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": one_or_list(principals)},
        "Action": one_or_list(actions.to_vec()),
        "Resource": queue.arn().as_str(),
    })
}

/// AWS writes a list of one as the one.
fn one_or_list(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { texts.remove(0).into() } else { texts.into() }
}

fn check_label(label: &str) -> Result<(), SqsError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=MAX_LABEL).contains(&label.len()) && label.bytes().all(legal) {
        return Ok(());
    }
    let reason = "Must be 1 to 80 alphanumeric characters, hyphens or underscores.";
    Err(SqsError::value(label, "Label", reason))
}

fn read_actions(names: &[String]) -> Result<Vec<String>, SqsError> {
    if names.is_empty() {
        return Err(SqsError::Missing("Actions"));
    }
    if names.len() > MAX_ACTIONS {
        let words = format!("{} Actions were found, maximum allowed is {MAX_ACTIONS}.", names.len());
        return Err(SqsError::Parameter(words));
    }
    let read = |name: &String| {
        let known = ACTIONS.contains(&name.as_str());
        let reason = "Only the queue owner is allowed to invoke this action.";
        if known {
            Ok(format!("SQS:{name}"))
        } else {
            Err(SqsError::value(format!("SQS:{name}"), "ActionName", reason))
        }
    };
    names.iter().map(read).collect()
}

fn read_accounts(ids: &[String]) -> Result<Vec<AccountId>, SqsError> {
    if ids.is_empty() {
        return Err(SqsError::Missing("AWSAccountIds"));
    }
    let read = |id: &String| {
        let reason = "Unable to verify.";
        id.parse().map_err(|_| SqsError::value(format!("[{id}]"), "PrincipalId", reason))
    };
    ids.iter().map(read).collect()
}
