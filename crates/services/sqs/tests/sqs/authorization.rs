//! Every operation: allowed with exactly its action on exactly its resource, denied without, denied with a Deny on it.

use rolecall_authority::Caller;
use rolecall_wire::ServiceError;
use rolecall_wire::sqs::{self as wire, Input, Operation};

use crate::world::{World, arn, create, delete, send, set, url};

const QUEUE: &str = "jobs";

/// An operation's input, its action where it is not named like it, and the resource.
struct Row {
    input: Input,
    action: &'static str,
    resource: String,
}

/// The rows; the handle is one of a message that was received.
fn rows(handle: &str) -> Vec<Row> {
    let row = |input: Input| {
        let action = match input.operation() {
            Operation::SendMessageBatch => "SendMessage",
            Operation::DeleteMessageBatch => "DeleteMessage",
            Operation::ChangeMessageVisibilityBatch => "ChangeMessageVisibility",
            operation => operation.name(),
        };
        Row { input, action, resource: arn(QUEUE) }
    };
    let queue_url = || url(QUEUE);
    let receipt_handle = || handle.to_owned();
    let id = || "1".to_owned();
    let entry =
        wire::SendMessageBatchRequestEntry { id: id(), message_body: "b".to_owned(), ..Default::default() };
    let hide = wire::ChangeMessageVisibilityBatchRequestEntry {
        id: id(),
        receipt_handle: receipt_handle(),
        visibility_timeout: Some(30),
    };
    let tags = || [("team".to_owned(), "red".to_owned())].into();
    vec![
        Row { resource: arn("new"), ..row(create("new", &[])) },
        Row { resource: "*".to_owned(), ..row(Input::ListQueues(Default::default())) },
        row(Input::GetQueueUrl(wire::GetQueueUrlRequest {
            queue_name: QUEUE.to_owned(),
            ..Default::default()
        })),
        row(Input::GetQueueAttributes(wire::GetQueueAttributesRequest {
            queue_url: queue_url(),
            ..Default::default()
        })),
        row(set(QUEUE, &[("DelaySeconds", "0")])),
        row(Input::ListDeadLetterSourceQueues(wire::ListDeadLetterSourceQueuesRequest {
            queue_url: queue_url(),
            ..Default::default()
        })),
        row(send(QUEUE, "body")),
        row(Input::SendMessageBatch(wire::SendMessageBatchRequest {
            queue_url: queue_url(),
            entries: vec![entry],
        })),
        row(Input::ReceiveMessage(wire::ReceiveMessageRequest {
            queue_url: queue_url(),
            ..Default::default()
        })),
        row(Input::ChangeMessageVisibility(wire::ChangeMessageVisibilityRequest {
            queue_url: queue_url(),
            receipt_handle: receipt_handle(),
            visibility_timeout: 30,
        })),
        row(Input::ChangeMessageVisibilityBatch(wire::ChangeMessageVisibilityBatchRequest {
            queue_url: queue_url(),
            entries: vec![hide],
        })),
        row(delete(QUEUE, handle)),
        row(Input::DeleteMessageBatch(wire::DeleteMessageBatchRequest {
            queue_url: queue_url(),
            entries: vec![wire::DeleteMessageBatchRequestEntry {
                id: id(),
                receipt_handle: receipt_handle(),
            }],
        })),
        row(Input::AddPermission(wire::AddPermissionRequest {
            queue_url: queue_url(),
            label: "all".to_owned(),
            aws_account_ids: vec!["444455556666".to_owned()],
            actions: vec!["SendMessage".to_owned()],
        })),
        row(Input::RemovePermission(wire::RemovePermissionRequest {
            queue_url: queue_url(),
            label: "all".to_owned(),
        })),
        row(Input::TagQueue(wire::TagQueueRequest { queue_url: queue_url(), tags: tags() })),
        row(Input::ListQueueTags(wire::ListQueueTagsRequest { queue_url: queue_url() })),
        row(Input::UntagQueue(wire::UntagQueueRequest {
            queue_url: queue_url(),
            tag_keys: vec!["team".to_owned()],
        })),
        row(Input::PurgeQueue(wire::PurgeQueueRequest { queue_url: queue_url() })),
        row(Input::DeleteQueue(wire::DeleteQueueRequest { queue_url: queue_url() })),
    ]
}

/// SQS's answer to a caller who may not: the action in lower case.
fn denial(caller: &Caller, action: &str, resource: &str) -> ServiceError {
    let action = format!("sqs:{}", action.to_lowercase());
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
         allows the {action} action",
        caller.arn()
    );
    ServiceError::new(403, "AccessDeniedException", message)
}

#[tokio::test]
async fn every_operation_is_allowed_by_its_own_permission_and_by_nothing_less() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    world.queue(QUEUE, &[]).await;
    world.send(QUEUE, "body").await;
    let received = world.receive(QUEUE, Some(600)).await;
    let handle = received[0].receipt_handle.clone().unwrap();
    for (index, Row { input, action, resource }) in rows(&handle).into_iter().enumerate() {
        let refused = world.call(&nobody, input.clone()).await.unwrap_err();
        assert_eq!(refused, denial(&nobody, action, &resource), "{action}");

        let denying = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Action":"sqs:{action}","Resource":"{resource}"}}]}}"#
        );
        let denied_user = world.user(&format!("denied{index}"), Some(&denying)).await;
        let refused = world.call(&denied_user, input.clone()).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{action}");
        let words = refused.message.unwrap_or_default();
        assert!(words.ends_with("with an explicit deny in an identity-based policy"), "{words}");

        let allowing = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sqs:{action}","Resource":"{resource}"}}}}"#
        );
        let allowed_user = world.user(&format!("allowed{index}"), Some(&allowing)).await;
        let answer = world.call(&allowed_user, input).await;
        assert!(answer.is_ok(), "{action}: {answer:?}");
    }
}

#[test]
fn every_built_operation_has_a_row() {
    let covered: Vec<Operation> = rows("").iter().map(|row| row.input.operation()).collect();
    for operation in Operation::ALL.into_iter().filter(|operation| operation.is_built()) {
        assert!(covered.contains(&operation), "{} has no row", operation.name());
    }
}

#[tokio::test]
async fn tags_decide_and_tags_at_creation_need_the_permission_to_tag() {
    let world = World::new().await;
    let create = |name: &str| {
        let tags = Some([("team".to_owned(), "red".to_owned())].into());
        Input::CreateQueue(wire::CreateQueueRequest { queue_name: name.to_owned(), attributes: None, tags })
    };
    let policy = |actions: &str, condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{actions}],"Resource":"*",
                "Condition":{{"StringEquals":{{"{condition}":"red"}}}}}}}}"#
        )
    };
    let without = world.user("without", Some(&policy(r#""sqs:CreateQueue""#, "aws:RequestTag/team"))).await;
    let refused = world.call(&without, create("a")).await.unwrap_err();
    assert!(refused.message.unwrap().contains("sqs:tagqueue"));
    let actions = r#""sqs:CreateQueue","sqs:TagQueue""#;
    let with = world.user("with", Some(&policy(actions, "aws:RequestTag/team"))).await;
    world.call(&with, create("a")).await.unwrap();
    world.queue("b", &[]).await;
    let sender = world.user("sender", Some(&policy(r#""sqs:SendMessage""#, "aws:ResourceTag/team"))).await;
    world.call(&sender, send("a", "x")).await.unwrap();
    assert!(world.call(&sender, send("b", "x")).await.is_err());
}

#[tokio::test]
async fn whether_a_queue_exists_is_not_told_to_those_who_may_not_ask() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    world.queue(QUEUE, &[]).await;
    for name in [QUEUE, "missing"] {
        let refused = world.call(&nobody, send(name, "x")).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{name}");
    }
    let missing = world.refusal(send("missing", "x")).await;
    let words = "The specified queue does not exist.".to_owned();
    assert_eq!(missing, ("AWS.SimpleQueueService.NonExistentQueue".to_owned(), words));
}
