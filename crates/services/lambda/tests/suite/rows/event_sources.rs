//! Event source mappings.

use rolecall_store::records::event_source::{EventSource, EventSourceMapping, EventSourceSettings};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    CreateEventSourceMappingRequest, DeleteEventSourceMappingRequest, GetEventSourceMappingRequest, Input,
    SelfManagedEventSource, SourceAccessConfiguration, UpdateEventSourceMappingRequest,
};

use crate::support::Bench;

/// The mapping that [`furnish`] makes.
const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";
const MAPPING: &str =
    "arn:aws:lambda:us-east-1:111122223333:event-source-mapping:01234567-89ab-cdef-0123-456789abcdef";

/// Makes what the rows are about.
pub async fn furnish(bench: &Bench) {
    let key = |name: &str| (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), name.to_owned());
    let mapping = EventSourceMapping {
        account: ACCOUNT.parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        uuid: UUID.to_owned(),
        function: key("f"),
        qualifier: None,
        source: EventSource {
            arn: Some("arn:aws:sqs:us-east-1:111122223333:q".to_owned()),
            endpoints: Default::default(),
            topics: Vec::new(),
            queues: Vec::new(),
            consumer_group_id: None,
            consumption_mode: None,
        },
        state: "Enabled".to_owned(),
        enabled: true,
        last_modified_ms: 0,
        starting_position: None,
        starting_position_ms: None,
        settings: EventSourceSettings { batch_size: 10, ..Default::default() },
        tags: Vec::new(),
    };
    let key = key(UUID);
    bench
        .house
        .write(move |state| {
            state.event_source_mappings.put(key, mapping);
        })
        .await;
}

/// Each operation with the resource that it is checked on.
pub fn rows() -> Vec<(Input, &'static str)> {
    let uuid = UUID.to_owned();
    vec![
        (Input::CreateEventSourceMapping(kafka("f")), "*"),
        (Input::ListEventSourceMappings(Default::default()), "*"),
        (Input::GetEventSourceMapping(GetEventSourceMappingRequest { uuid: uuid.clone() }), MAPPING),
        (
            Input::UpdateEventSourceMapping(UpdateEventSourceMappingRequest {
                uuid: uuid.clone(),
                batch_size: Some(5),
                ..Default::default()
            }),
            MAPPING,
        ),
        (Input::DeleteEventSourceMapping(DeleteEventSourceMappingRequest { uuid }), MAPPING),
    ]
}

/// A source that no permission of the role is asked for.
pub fn kafka(function: &str) -> CreateEventSourceMappingRequest {
    let endpoints = [("KAFKA_BOOTSTRAP_SERVERS".to_owned(), vec!["kafka:1000".to_owned()])].into();
    CreateEventSourceMappingRequest {
        function_name: function.to_owned(),
        self_managed_event_source: Some(SelfManagedEventSource { endpoints: Some(endpoints) }),
        topics: Some(vec!["topic".to_owned()]),
        source_access_configurations: Some(vec![SourceAccessConfiguration {
            r#type: Some("BASIC_AUTH".to_owned()),
            uri: Some("arn:aws:secretsmanager:us-east-1:111122223333:secret:s".to_owned()),
        }]),
        ..Default::default()
    }
}
