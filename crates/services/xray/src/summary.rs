//! What GetTraceSummaries tells of a trace.
//!
//! The root causes of faults, errors and slowness, which X-Ray works out of the whole trace, are left out.

use std::collections::BTreeMap;

use rolecall_arn::AccountId;
use rolecall_wire::{Timestamp, xray as wire};
use serde_json::Value;

use crate::batch_get_traces::to_milliseconds;
use crate::trace::{Node, Trace, end_of, failed, request_of, start_of, status_of, text};

/// The summary of an account's trace.
pub(crate) fn summary(trace: &Trace, account: AccountId) -> wire::TraceSummary {
    let (start, end) = trace.span();
    let root = trace.root();
    let has = |flag: &str| Some(root.is_some_and(|root| failed(root, flag)));
    let facts = Facts::of(trace, account);
    wire::TraceSummary {
        id: Some(trace.id.clone()),
        start_time: Some(Timestamp((start * 1000.0).round() as i64)),
        duration: Some(to_milliseconds(end - start)),
        response_time: root.and_then(|root| Some(to_milliseconds(end_of(root)? - start_of(root)))),
        has_fault: has("fault"),
        has_error: has("error"),
        has_throttle: has("throttle"),
        is_partial: Some(trace.is_partial()),
        http: Some(root.map(http).unwrap_or_default()),
        annotations: Some(facts.annotations),
        users: Some(facts.users),
        service_ids: Some(facts.services),
        resource_ar_ns: Some(facts.resources),
        instance_ids: Some(facts.instances),
        availability_zones: Some(facts.zones),
        entry_point: root.map(|root| service_id(root, account)),
        revision: Some(i32::try_from(trace.documents).unwrap_or(i32::MAX)),
        matched_event_time: Some(Timestamp(trace.received_ms)),
        ..Default::default()
    }
}

/// What is gathered from all segments, each once.
#[derive(Default)]
struct Facts {
    annotations: BTreeMap<String, Vec<wire::ValueWithServiceIds>>,
    users: Vec<wire::TraceUser>,
    services: Vec<wire::ServiceId>,
    resources: Vec<wire::ResourceARNDetail>,
    instances: Vec<wire::InstanceIdDetail>,
    zones: Vec<wire::AvailabilityZoneDetail>,
}

impl Facts {
    fn of(trace: &Trace, account: AccountId) -> Self {
        let mut facts = Facts::default();
        for segment in &trace.segments {
            let service = service_id(segment, account);
            if let Some(arn) = text(segment, "resource_arn") {
                add(&mut facts.resources, wire::ResourceARNDetail { arn: Some(arn.to_owned()) });
            }
            let ec2 = segment.get("aws").and_then(|aws| aws.get("ec2"));
            let of_ec2 = |member: &str| ec2?.get(member)?.as_str().map(str::to_owned);
            if let Some(id) = of_ec2("instance_id") {
                add(&mut facts.instances, wire::InstanceIdDetail { id: Some(id) });
            }
            if let Some(zone) = of_ec2("availability_zone") {
                add(&mut facts.zones, wire::AvailabilityZoneDetail { name: Some(zone) });
            }
            if let Some(user) = text(segment, "user") {
                facts.users.push(wire::TraceUser {
                    user_name: Some(user.to_owned()),
                    service_ids: Some(vec![service.clone()]),
                });
            }
            facts.add_annotations(segment, &service);
            add(&mut facts.services, service);
        }
        facts
    }

    /// Adds the annotations of the segment and of all below it.
    fn add_annotations(&mut self, segment: &Node, service: &wire::ServiceId) {
        crate::trace::visit(segment, &mut |node| {
            for (key, value) in node.get("annotations").and_then(Value::as_object).into_iter().flatten() {
                let Some(value) = annotation(value) else { continue };
                let values = self.annotations.entry(key.clone()).or_default();
                add(
                    values,
                    wire::ValueWithServiceIds {
                        annotation_value: Some(value),
                        service_ids: Some(vec![service.clone()]),
                    },
                );
            }
        });
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// An annotation is a text, a number or a truth value; anything else is none.
fn annotation(value: &Value) -> Option<wire::AnnotationValue> {
    let (string_value, number_value, boolean_value) =
        (value.as_str().map(str::to_owned), value.as_f64(), value.as_bool());
    let is_none = string_value.is_none() && number_value.is_none() && boolean_value.is_none();
    (!is_none).then_some(wire::AnnotationValue { string_value, number_value, boolean_value })
}

fn service_id(segment: &Node, account: AccountId) -> wire::ServiceId {
    let name = text(segment, "name").unwrap_or_default().to_owned();
    wire::ServiceId {
        names: Some(vec![name.clone()]),
        name: Some(name),
        account_id: Some(account.to_string()),
        r#type: text(segment, "origin").map(str::to_owned),
    }
}

fn http(root: &Node) -> wire::Http {
    let request = |member| request_of(root, member).map(str::to_owned);
    wire::Http {
        http_url: request("url"),
        http_status: status_of(root).and_then(|status| i32::try_from(status).ok()),
        http_method: request("method"),
        user_agent: request("user_agent"),
        client_ip: request("client_ip"),
    }
}
