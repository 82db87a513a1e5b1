//! Every operation: allowed with exactly its action, denied without, denied with a Deny on it.

use rolecall_wire::Timestamp;
use rolecall_wire::xray::{self as wire, Input, Operation};

use crate::world::{World, put, segment};

fn inputs(now_ms: i64) -> Vec<Input> {
    let trace_id = format!("1-{:08x}-a006649127e371903a2de979", now_ms / 1000);
    vec![
        put(&[segment(&trace_id, "70de5b6f19ff9a0a", 1.0)]),
        Input::PutTelemetryRecords(wire::PutTelemetryRecordsRequest {
            telemetry_records: vec![wire::TelemetryRecord {
                timestamp: Timestamp(now_ms),
                ..Default::default()
            }],
            ..Default::default()
        }),
        Input::GetSamplingRules(Default::default()),
        Input::GetSamplingTargets(Default::default()),
        Input::GetTraceSummaries(wire::GetTraceSummariesRequest {
            start_time: Timestamp(now_ms - 1),
            end_time: Timestamp(now_ms),
            ..Default::default()
        }),
        Input::BatchGetTraces(wire::BatchGetTracesRequest { trace_ids: vec![trace_id], next_token: None }),
    ]
}

#[tokio::test]
async fn every_operation_is_allowed_by_its_own_permission_and_by_nothing_less() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    for (index, input) in inputs(world.now_ms()).into_iter().enumerate() {
        let action = format!("xray:{}", input.operation().name());
        let refused = world.call(&nobody, input.clone()).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_ref()), (403, "AccessDeniedException"));
        let words = refused.message.unwrap();
        let implicitly = format!("because no identity-based policy allows the {action} action");
        assert!(words.contains(&format!("is not authorized to perform: {action} ")), "{words}");
        assert!(words.ends_with(&implicitly), "{words}");

        let denying = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Action":"{action}","Resource":"*"}}]}}"#
        );
        let denied = world.user(&format!("denied{index}"), Some(&denying)).await;
        let words = world.call(&denied, input.clone()).await.unwrap_err().message.unwrap();
        assert!(words.ends_with("with an explicit deny in an identity-based policy"), "{words}");

        let allowing = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
        );
        let allowed = world.user(&format!("allowed{index}"), Some(&allowing)).await;
        let answer = world.call(&allowed, input).await;
        assert!(answer.is_ok(), "{action}: {answer:?}");
    }
}

#[test]
fn every_built_operation_is_called() {
    let covered: Vec<Operation> = inputs(0).iter().map(Input::operation).collect();
    for operation in Operation::ALL.into_iter().filter(|operation| operation.is_built()) {
        assert!(covered.contains(&operation), "{} is not called", operation.name());
    }
}

#[tokio::test]
async fn a_grant_on_some_resource_grants_nothing() {
    let world = World::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"xray:*",
        "Resource":"arn:aws:xray:*:*:group/*"}}"#;
    let user = world.user("user", Some(policy)).await;
    assert!(world.call(&user, Input::GetSamplingRules(Default::default())).await.is_err());
}
