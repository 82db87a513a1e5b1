//! The record of an event as functions receive it (S3 user guide, "Event message structure", version 2.1).

use rolecall_authority::{Call, Caller, Holder, Origin};
use rolecall_policy::Principal;
use rolecall_store::records::s3::{Bucket, FunctionNotification, Object};
use rolecall_wire::Timestamp;
use serde_json::{Map, Value, json};

use crate::access::bucket_arn;
use crate::canonical_id::customer_id;
use crate::url_encoding;

/// Something that happened to an object.
pub(crate) struct Occurrence {
    /// `ObjectCreated:Put`, ...
    pub(super) event: &'static str,
    pub(super) key: String,
    /// Size and entity tag; a removed object has none.
    content: Option<(u64, String)>,
    sequencer: u64,
}

impl Occurrence {
    /// An object was stored.
    pub(crate) fn created(event: &'static str, key: &str, object: &Object) -> Self {
        let content = Some((object.size, object.etag.clone()));
        Occurrence { event, key: key.to_owned(), content, sequencer: object.sequencer }
    }

    /// An object was removed.
    pub(crate) fn removed(event: &'static str, key: &str, sequencer: u64) -> Self {
        Occurrence { event, key: key.to_owned(), content: None, sequencer }
    }
}

/// What the message says of the call that made the event.
pub(crate) struct Cause {
    principal_id: String,
    source_address: String,
    request_id: String,
    pub(super) time_ms: i64,
    pub(super) trace: Option<String>,
}

impl Cause {
    /// The call as the cause of events.
    pub(crate) fn of(call: &Call) -> Self {
        Cause {
            principal_id: principal_id(&call.caller),
            source_address: source_address(call),
            request_id: call.request_id.clone(),
            time_ms: call.time_ms,
            trace: call.trace.clone(),
        }
    }
}

/// The message: one record in a list, as S3 sends it.
pub(super) fn message(
    cause: &Cause,
    bucket: &Bucket,
    notification: &FunctionNotification,
    occurrence: &Occurrence,
) -> String {
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region.as_str(),
        "eventTime": Timestamp(cause.time_ms).to_iso8601_ms(),
        "eventName": occurrence.event,
        "userIdentity": {"principalId": cause.principal_id},
        "requestParameters": {"sourceIPAddress": cause.source_address},
        "responseElements": {"x-amz-request-id": cause.request_id, "x-amz-id-2": cause.request_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification.id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": customer_id(bucket.account)},
                "arn": bucket_arn(&bucket.name).as_str(),
            },
            "object": object(occurrence),
        },
    });
    json!({"Records": [record]}).to_string()
}

fn object(occurrence: &Occurrence) -> Value {
    let mut object = Map::new();
    object.insert("key".to_owned(), url_encoding::encode(&occurrence.key).into());
    if let Some((size, etag)) = &occurrence.content {
        object.insert("size".to_owned(), (*size).into());
        object.insert("eTag".to_owned(), etag.as_str().into());
    }
    object.insert("sequencer".to_owned(), format!("{:018X}", occurrence.sequencer).into());
    Value::Object(object)
}

/// `AWS:AIDA...` for a user, `AWS:AROA...:session` for a session, the customer id for root.
fn principal_id(caller: &Caller) -> String {
    match (&caller.holder, &caller.principal) {
        (Holder::Root(account), _) => customer_id(*account),
        (Holder::Anonymous, _) => "Anonymous".to_owned(),
        (_, Principal::Service { name }) => name.clone(),
        _ => format!("AWS:{}", caller.user_id()),
    }
}

/// The address of the peer; for a call by a service its name, as CloudTrail has it.
fn source_address(call: &Call) -> String {
    match (&call.origin, &call.caller.principal) {
        (Origin::Http { source_ip: Some(address), .. }, _) => address.to_canonical().to_string(),
        (Origin::Service { .. }, Principal::Service { name }) => name.clone(),
        _ => String::new(),
    }
}
