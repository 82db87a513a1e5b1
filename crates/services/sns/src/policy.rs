//! Topic policies: the one that every topic begins with, and what is taken for one when it is written.
//!
//! Only the actions that a topic policy can name can be allowed to other accounts (API permissions in the SNS developer
//! guide). Tags and subscriptions are not among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolecall_authority::bind;
use rolecall_policy::PolicyKind;
use rolecall_store::State;
use rolecall_store::records::sns::Topic;
use serde_json::{Value, json};

use crate::error::SnsError;
use crate::name::TopicName;

/// The actions that AWS's first policy names.
const FIRST_ACTIONS: [&str; 8] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];
/// The other actions that a topic policy can name. There is no operation `Receive`, but AWS takes it.
const OTHER_ACTIONS: [&str; 4] =
    ["GetDataProtectionPolicy", "PutDataProtectionPolicy", "ListTagsForResource", "Receive"];
/// The largest topic policy in bytes.
const MAX_BYTES: usize = 30 * 1024;
/// How many statements a topic policy has at most.
const MAX_STATEMENTS: usize = 100;

/// The policy that AWS gives a new topic. It lets in services that act for the owner and say so with the key
/// `AWS:SourceOwner`; no service here does.
pub(crate) fn first(topic: &TopicName) -> Arc<str> {
    let policy = json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": FIRST_ACTIONS.map(|action| format!("SNS:{action}")),
            "Resource": topic.arn().as_str(),
            "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account.as_str()}},
        }],
    });
    Arc::from(policy.to_string())
}

/// Sets the policy of a topic; an empty text brings back the first. The users and roles that it names must exist.
pub(crate) fn set(topic: &mut Topic, text: &str, state: &State) -> Result<(), SnsError> {
    let document = if text.is_empty() { first(&TopicName::from(&*topic)) } else { Arc::from(text) };
    let is_valid =
        document.len() <= MAX_BYTES && rolecall_policy::validate(PolicyKind::Resource, &document).is_ok();
    if !is_valid {
        return Err(SnsError::parameter("Policy Error: null"));
    }
    check_statements(&document)?;
    topic.bound_principals =
        bind(&document, state).map_err(|_| SnsError::parameter("Policy Error: PrincipalNotFound"))?;
    topic.policy = document;
    Ok(())
}

/// The name of an action as a topic policy writes it.
pub(crate) fn action(name: &str) -> Result<String, SnsError> {
    let action = format!("SNS:{name}");
    if is_topic_action(&action) { Ok(action) } else { Err(out_of_scope()) }
}

/// What SNS asks of a topic policy beside what every policy has to be. It takes no pattern of actions.
fn check_statements(document: &str) -> Result<(), SnsError> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = list(&document["Statement"]);
    if statements.len() > MAX_STATEMENTS {
        return Err(SnsError::parameter("Policy Error: null"));
    }
    let ids: BTreeSet<Option<&str>> = statements.iter().map(|statement| statement["Sid"].as_str()).collect();
    if ids.len() < statements.len() {
        return Err(SnsError::parameter("Every policy statement must have a unique ID."));
    }
    for statement in statements {
        let mut actions = ["Action", "NotAction"].iter().flat_map(|name| list(&statement[name]));
        if !actions.all(|action| action.as_str().is_some_and(is_topic_action)) {
            return Err(out_of_scope());
        }
        if list(&statement["Resource"]).len() != 1 {
            return Err(SnsError::parameter("Policy statement must apply to a single resource!"));
        }
    }
    Ok(())
}

/// The elements of a list, or the one that stands for a list of one.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

fn is_topic_action(action: &str) -> bool {
    let names = || FIRST_ACTIONS.iter().chain(&OTHER_ACTIONS);
    action.split_once(':').is_some_and(|(service, name)| {
        service.eq_ignore_ascii_case("sns") && names().any(|known| known.eq_ignore_ascii_case(name))
    })
}

fn out_of_scope() -> SnsError {
    SnsError::parameter("Policy statement action out of service scope!")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(statement: &Value) -> Option<String> {
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        check_statements(&document).err().map(|refused| refused.to_string())
    }

    #[test]
    fn a_topic_policy_names_the_actions_of_topics_and_one_resource() {
        let topic = "arn:aws:sns:us-east-1:111122223333:news";
        for action in ["sns:Publish", "SNS:subscribe", "SNS:Receive"] {
            assert_eq!(refusal(&json!({"Action": action, "Resource": topic})), None, "{action}");
        }
        for action in ["sns:*", "*", "sns:CreateTopic", "sns:Unsubscribe", "sqs:SendMessage", "Publish"] {
            let refused = refusal(&json!([{"Action": ["sns:Publish", action], "Resource": topic}]));
            let words = "Invalid parameter: Policy statement action out of service scope!";
            assert_eq!(refused.as_deref(), Some(words), "{action}");
        }
        let refused = refusal(&json!({"Action": "sns:Publish", "Resource": [topic, topic]}));
        let words = "Invalid parameter: Policy statement must apply to a single resource!";
        assert_eq!(refused.as_deref(), Some(words));
        let statement = |id: &str| json!({"Sid": id, "Action": "sns:Publish", "Resource": topic});
        assert_eq!(refusal(&json!([statement("a"), statement("b")])), None);
        let refused = refusal(&json!([statement("a"), statement("a")]));
        assert_eq!(
            refused.as_deref(),
            Some("Invalid parameter: Every policy statement must have a unique ID.")
        );
    }
}
