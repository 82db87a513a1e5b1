//! AddPermission and RemovePermission: statements of the topic policy that are made for the caller.

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::sns::Topic;
use rolecall_wire::{ServiceError, sns as wire};
use serde_json::{Map, Value, json};

use crate::Sns;
use crate::error::SnsError;
use crate::name::TopicName;
use crate::policy;

impl Sns {
    /// AddPermission: a statement under the label that allows accounts some actions.
    pub(crate) async fn add_permission(
        &self,
        call: &Call,
        input: wire::AddPermissionInput,
    ) -> Result<wire::AddPermissionResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:AddPermission", &topic, &state, |check| check)?;
        let principals = read_accounts(&input.aws_account_id)?;
        let actions: Vec<_> =
            input.action_name.iter().map(|name| policy::action(name)).collect::<Result<_, _>>()?;
        let statement = json!({
            "Sid": input.label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_list(principals)},
            "Action": one_or_list(actions),
            "Resource": topic.arn().as_str(),
        });
        self.change_topic(proof, topic.key(), move |topic, state| {
            change(topic, state, |statements| {
                if statements.iter().any(|statement| statement["Sid"] == *input.label) {
                    return Err(SnsError::parameter("Statement already exists"));
                }
                statements.push(statement);
                Ok(())
            })
        })
        .await?;
        Ok(wire::AddPermissionResponse)
    }

    /// RemovePermission: the statement under the label goes. That there is none is no error.
    pub(crate) async fn remove_permission(
        &self,
        call: &Call,
        input: wire::RemovePermissionInput,
    ) -> Result<wire::RemovePermissionResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:RemovePermission", &topic, &state, |check| check)?;
        self.change_topic(proof, topic.key(), move |topic, state| {
            change(topic, state, |statements| {
                statements.retain(|statement| statement["Sid"] != *input.label);
                Ok(())
            })
        })
        .await?;
        Ok(wire::RemovePermissionResponse)
    }
}

fn change(
    topic: &mut Topic,
    state: &State,
    change: impl FnOnce(&mut Vec<Value>) -> Result<(), SnsError>,
) -> Result<(), SnsError> {
    let mut document: Map<String, Value> = serde_json::from_str(&topic.policy).unwrap_or_default();
    let mut statements = match document.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    change(&mut statements)?;
    // That the first policy comes back where no statement is left is our choice: it lets nobody in.
    if statements.is_empty() {
        return policy::set(topic, "", state);
    }
    document.insert("Statement".to_owned(), Value::Array(statements));
    policy::set(topic, &Value::Object(document).to_string(), state)
}

/// AWS writes a list of one as the one.
fn one_or_list(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { texts.remove(0).into() } else { texts.into() }
}

/// The accounts as policies name them.
fn read_accounts(ids: &[String]) -> Result<Vec<String>, SnsError> {
    let read = |id: &String| {
        let account: Result<AccountId, _> = id.parse();
        account
            .map(|account| Arn::iam(account, "root").to_string())
            .map_err(|_| SnsError::parameter("AWSAccountId"))
    };
    ids.iter().map(read).collect()
}
