//! Every operation: allowed with exactly its action on exactly its resource, denied without, denied with a Deny on it.

use crate::world::{World, denial, group_resource};
use rolecall_wire::ServiceError;
use rolecall_wire::logs::{self as wire, Input, Operation};

const GROUP: &str = "/aws/lambda/f";
const STREAM: &str = "2026/01/01/[$LATEST]0123";

/// An operation's input, its action, and the resource that AWS prints for it.
struct Row {
    input: Input,
    resource: String,
}

fn rows(now_ms: i64) -> Vec<Row> {
    let group = || Some(GROUP.to_owned());
    let on_group = format!("{}:log-stream:", group_resource(GROUP));
    let on_stream = format!("{}:log-stream:{STREAM}", group_resource(GROUP));
    let arn = group_resource(GROUP);
    let name = GROUP.to_owned();
    let stream = STREAM.to_owned();
    let row = |input: Input, resource: &str| Row { input, resource: resource.to_owned() };
    let tags = [("team".to_owned(), "red".to_owned())].into();
    let event = wire::InputLogEvent { timestamp: now_ms, message: "hello".to_owned() };
    vec![
        row(
            Input::CreateLogGroup(wire::CreateLogGroupRequest {
                log_group_name: "new".to_owned(),
                ..Default::default()
            }),
            &format!("{}:log-stream:", group_resource("new")),
        ),
        row(
            Input::CreateLogStream(wire::CreateLogStreamRequest {
                log_group_name: name.clone(),
                log_stream_name: "new".to_owned(),
            }),
            &format!("{arn}:log-stream:new"),
        ),
        row(
            Input::DescribeLogGroups(Default::default()),
            "arn:aws:logs:us-east-1:111122223333:log-group::log-stream:",
        ),
        row(
            Input::PutRetentionPolicy(wire::PutRetentionPolicyRequest {
                log_group_name: name.clone(),
                retention_in_days: 7,
            }),
            &on_group,
        ),
        row(
            Input::DeleteRetentionPolicy(wire::DeleteRetentionPolicyRequest { log_group_name: name.clone() }),
            &on_group,
        ),
        row(
            Input::DescribeLogStreams(wire::DescribeLogStreamsRequest {
                log_group_name: group(),
                ..Default::default()
            }),
            &on_group,
        ),
        row(
            Input::PutLogEvents(wire::PutLogEventsRequest {
                log_group_name: name.clone(),
                log_stream_name: stream.clone(),
                log_events: vec![event],
                ..Default::default()
            }),
            &on_stream,
        ),
        row(
            Input::GetLogEvents(wire::GetLogEventsRequest {
                log_group_name: group(),
                log_stream_name: stream.clone(),
                ..Default::default()
            }),
            &on_stream,
        ),
        row(
            Input::FilterLogEvents(wire::FilterLogEventsRequest {
                log_group_name: group(),
                ..Default::default()
            }),
            &on_group,
        ),
        row(Input::TagResource(wire::TagResourceRequest { resource_arn: arn.clone(), tags }), &arn),
        row(
            Input::UntagResource(wire::UntagResourceRequest {
                resource_arn: arn.clone(),
                tag_keys: vec!["team".to_owned()],
            }),
            &arn,
        ),
        row(Input::ListTagsForResource(wire::ListTagsForResourceRequest { resource_arn: arn.clone() }), &arn),
        row(
            Input::ListTagsLogGroup(wire::ListTagsLogGroupRequest { log_group_name: name.clone() }),
            &on_group,
        ),
        row(
            Input::DeleteLogStream(wire::DeleteLogStreamRequest {
                log_group_name: name.clone(),
                log_stream_name: stream,
            }),
            &on_stream,
        ),
        row(Input::DeleteLogGroup(wire::DeleteLogGroupRequest { log_group_name: name }), &on_group),
    ]
}

#[tokio::test]
async fn every_operation_is_allowed_by_its_own_permission_and_by_nothing_less() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    for (index, row) in rows(world.now_ms()).into_iter().enumerate() {
        let action = format!("logs:{}", row.input.operation().name());
        let resource = &row.resource;
        let refused = world.call(&nobody, row.input.clone()).await.unwrap_err();
        assert_eq!(
            refused,
            denial(&nobody, &action, resource, "because no identity-based policy allows the"),
            "{action}"
        );

        let denying = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Action":"{action}","Resource":"{resource}"}}]}}"#
        );
        let denied_user = world.user(&format!("denied{index}"), Some(&denying)).await;
        let refused = world.call(&denied_user, row.input.clone()).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{action}");
        let words = refused.message.unwrap_or_default();
        assert!(words.ends_with("with an explicit deny in an identity-based policy"), "{words}");

        let allowing = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
        );
        let allowed_user = world.user(&format!("allowed{index}"), Some(&allowing)).await;
        world.prepare(GROUP, STREAM).await;
        let answer: Result<_, ServiceError> = world.call(&allowed_user, row.input).await;
        assert!(answer.is_ok(), "{action}: {answer:?}");
    }
}

#[test]
fn every_built_operation_has_a_row() {
    let covered: Vec<Operation> = rows(0).iter().map(|row| row.input.operation()).collect();
    for operation in Operation::ALL.into_iter().filter(|operation| operation.is_built()) {
        assert!(covered.contains(&operation), "{} has no row", operation.name());
    }
}

/// The policies that execution roles and developers have in practice (reference lambda.md 4.3).
#[tokio::test]
async fn the_usual_policies_for_functions_work() {
    let world = World::new().await;
    let usual = [
        "*",
        "arn:aws:logs:*:*:*",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f:*",
        "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    ];
    for (index, resource) in usual.into_iter().enumerate() {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                "Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","logs:FilterLogEvents"],
                "Resource":"{resource}"}}}}"#
        );
        let user = world.user(&format!("user{index}"), Some(&policy)).await;
        world.remove(GROUP).await;
        let create = wire::CreateLogGroupRequest { log_group_name: GROUP.to_owned(), ..Default::default() };
        let inputs = [
            Input::CreateLogGroup(create),
            Input::CreateLogStream(wire::CreateLogStreamRequest {
                log_group_name: GROUP.to_owned(),
                log_stream_name: STREAM.to_owned(),
            }),
            world.put_one(GROUP, STREAM, "hello"),
            Input::FilterLogEvents(wire::FilterLogEventsRequest {
                log_group_name: Some(GROUP.to_owned()),
                ..Default::default()
            }),
        ];
        for input in inputs {
            let name = input.operation().name();
            let answer = world.call(&user, input).await;
            assert!(answer.is_ok(), "{resource} {name}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_policy_for_one_function_does_not_cover_another() {
    let world = World::new().await;
    world.prepare("/aws/lambda/foobar", STREAM).await;
    world.prepare(GROUP, STREAM).await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*",
        "Resource":["arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/foo:*",
                    "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f"]}}"#;
    let user = world.user("user", Some(policy)).await;
    for group in ["/aws/lambda/foobar", GROUP] {
        let refused = world.call(&user, world.put_one(group, STREAM, "x")).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{group}: the ARN without :* is for tagging only");
    }
}

#[tokio::test]
async fn tags_at_creation_need_the_permission_to_tag() {
    let world = World::new().await;
    let create = |name: &str| {
        let tags = Some([("team".to_owned(), "red".to_owned())].into());
        Input::CreateLogGroup(wire::CreateLogGroupRequest {
            log_group_name: name.to_owned(),
            tags,
            ..Default::default()
        })
    };
    let policy = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}}}"#
        )
    };
    let without = world.user("without", Some(&policy(r#""logs:CreateLogGroup""#))).await;
    let refused = world.call(&without, create("a")).await.unwrap_err();
    assert_eq!(
        refused,
        denial(
            &without,
            "logs:TagResource",
            &group_resource("a"),
            "because no identity-based policy allows the"
        )
    );
    for (name, action) in [("b", "logs:TagResource"), ("c", "logs:TagLogGroup")] {
        let with = world.user(name, Some(&policy(&format!(r#""logs:CreateLogGroup","{action}""#)))).await;
        assert!(world.call(&with, create(name)).await.is_ok(), "{action}");
    }
}

#[tokio::test]
async fn the_tags_of_a_group_decide() {
    let world = World::new().await;
    world.prepare(GROUP, STREAM).await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}"#;
    let user = world.user("user", Some(policy)).await;
    assert!(world.call(&user, world.put_one(GROUP, STREAM, "x")).await.is_err());
    let tags = [("team".to_owned(), "red".to_owned())].into();
    let tag = Input::TagResource(wire::TagResourceRequest { resource_arn: group_resource(GROUP), tags });
    world.call(&world.root(), tag).await.unwrap();
    assert!(world.call(&user, world.put_one(GROUP, STREAM, "x")).await.is_ok());
}

#[tokio::test]
async fn whether_a_group_exists_is_not_told_to_those_who_may_not_ask() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    let ask = |name: &str| {
        Input::FilterLogEvents(wire::FilterLogEventsRequest {
            log_group_name: Some(name.to_owned()),
            ..Default::default()
        })
    };
    world.prepare(GROUP, STREAM).await;
    for name in [GROUP, "missing"] {
        let refused = world.call(&nobody, ask(name)).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{name}");
    }
}
