//! What SDKs outside Lambda are told to trace.

use rolecall_wire::Timestamp;
use rolecall_wire::xray::{self as wire, Input, Output};

use crate::world::World;

#[tokio::test]
async fn there_is_the_default_rule_with_awss_figures() {
    let world = World::new().await;
    let Output::GetSamplingRules(answer) = world.ok(Input::GetSamplingRules(Default::default())).await else {
        panic!("another answer")
    };
    let [record] = answer.sampling_rule_records.unwrap().try_into().unwrap();
    let rule = record.sampling_rule.unwrap();
    assert_eq!(rule.rule_name.as_deref(), Some("Default"));
    assert_eq!(rule.rule_arn.as_deref(), Some("arn:aws:xray:us-east-1:111122223333:sampling-rule/Default"));
    assert_eq!((rule.reservoir_size, rule.fixed_rate), (Some(1), Some(0.05)));
}

#[tokio::test]
async fn targets_are_given_for_the_rule_that_exists() {
    let world = World::new().await;
    let statistics = |rule: &str| wire::SamplingStatisticsDocument {
        rule_name: rule.to_owned(),
        client_id: "0123456789abcdef01234567".to_owned(),
        timestamp: Timestamp(world.now_ms()),
        request_count: 10,
        sampled_count: 1,
        borrow_count: None,
    };
    let documents = vec![statistics("Default"), statistics("mine")];
    let input = wire::GetSamplingTargetsRequest {
        sampling_statistics_documents: documents,
        sampling_boost_statistics_documents: None,
    };
    let Output::GetSamplingTargets(answer) = world.ok(Input::GetSamplingTargets(input)).await else {
        panic!("another answer")
    };
    let [target] = answer.sampling_target_documents.unwrap().try_into().unwrap();
    assert_eq!((target.rule_name.as_deref(), target.reservoir_quota), (Some("Default"), Some(1)));
    let [unknown] = answer.unprocessed_statistics.unwrap().try_into().unwrap();
    assert_eq!(unknown.rule_name.as_deref(), Some("mine"));
}
