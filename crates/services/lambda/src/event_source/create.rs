//! CreateEventSourceMapping.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::event_source::{EventSource, EventSourceMapping};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{CreateEventSourceMappingRequest, EventSourceMappingConfiguration};

use crate::error::LambdaError;
use crate::event::AdmittedRole;
use crate::event_source::kind::{Kind, unrecognized};
use crate::event_source::settings::{apply, check_parameters, defaults, of_create, unsupported};
use crate::event_source::settle::CREATING;
use crate::event_source::shape::show;
use crate::event_source::{MappingName, of_home, target};
use crate::function::of_reference;
use crate::name::{FunctionReference, exists};
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn create_event_source_mapping(
        &self,
        call: &Arc<Call>,
        input: CreateEventSourceMappingRequest,
    ) -> Result<EventSourceMappingConfiguration, ServiceError> {
        let function = Self::reference(call, &input.function_name, None)?;
        let name = Self::mapping_name(call, &self.platform.entropy().uuid())?;
        let proof = self.authorize_new_mapping(call, &input, &function, &name)?;
        let (kind, arn) = source_kind(&input)?;
        check_source(kind, &input)?;
        let wanted = of_create(&input);
        check_parameters(kind, &wanted)?;
        let role = self.role_of_target(&function, name.account)?;
        let mut settings = defaults(kind);
        apply(&mut settings, kind, &wanted)?;
        self.admit_source(&role, &function.key(), kind, arn.as_ref()).await?;
        self.admit_failure_destination(&function, wanted.destination_config.as_ref()).await?;
        let admitted = AdmittedRole(role);
        let mapping = EventSourceMapping {
            account: name.account,
            region: name.region.clone(),
            uuid: name.uuid.clone(),
            function: function.key(),
            qualifier: function.qualifier.as_ref().map(ToString::to_string),
            source: self.source(kind, &input),
            state: CREATING.to_owned(),
            enabled: input.enabled.unwrap_or(true),
            last_modified_ms: self.platform.now_ms(),
            starting_position: starting_position(kind, &input),
            starting_position_ms: input.starting_position_timestamp.map(|time| time.epoch_ms()),
            settings,
            tags: tags(&input),
        };
        let key = name.key();
        let insert = move |state: &mut State| {
            admitted.require_current(state, &function)?;
            insert(state, kind, mapping)
        };
        let answer = self.write(proof, insert).await?;
        self.settle_mapping_soon(key);
        Ok(answer)
    }

    /// The mapping has no ARN before it is made, so the check is on `*` with the function as a condition key.
    fn authorize_new_mapping(
        &self,
        call: &Call,
        input: &CreateEventSourceMappingRequest,
        function: &FunctionReference,
        name: &MappingName,
    ) -> Result<Authorized, ServiceError> {
        let tags = tags(input);
        let pairs = || tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let check = Check::on_all("lambda:CreateEventSourceMapping")
            .key("lambda:FunctionArn", function.arn().as_str())
            .request_tags(pairs());
        let proof = self.authorize(call, check)?;
        if !tags.is_empty() {
            let check = Check::on("lambda:TagResource", &name.arn(), name.account).request_tags(pairs());
            self.authorize(call, check)?;
        }
        Ok(proof)
    }

    /// The execution role of the function that a mapping is for.
    pub(super) fn role_of_target(
        &self,
        function: &FunctionReference,
        account: rolecall_arn::AccountId,
    ) -> Result<String, LambdaError> {
        let state = self.platform.store.read();
        if function.account != account || !exists(function, &state) {
            return Err(LambdaError::InvalidParameter("Function does not exist".to_owned()));
        }
        Ok(of_reference(&state, function)?.0.role.clone())
    }

    fn source(&self, kind: Kind, input: &CreateEventSourceMappingRequest) -> EventSource {
        let managed = input.amazon_managed_kafka_event_source_config.as_ref();
        let other = input.self_managed_kafka_event_source_config.as_ref();
        let given = managed.and_then(|config| config.consumer_group_id.clone());
        let given = given.or_else(|| other.and_then(|config| config.consumer_group_id.clone()));
        let endpoints = input.self_managed_event_source.as_ref().and_then(|source| source.endpoints.clone());
        EventSource {
            arn: input.event_source_arn.clone(),
            endpoints: endpoints.unwrap_or_default(),
            topics: input.topics.clone().unwrap_or_default(),
            queues: input.queues.clone().unwrap_or_default(),
            consumer_group_id: kind
                .is_kafka()
                .then(|| given.unwrap_or_else(|| self.platform.entropy().uuid())),
            consumption_mode: other.and_then(|config| config.consumption_mode.clone()),
        }
    }
}

fn tags(input: &CreateEventSourceMappingRequest) -> Vec<Tag> {
    let tags = input.tags.iter().flatten();
    tags.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// What the request names as its source: exactly one of an ARN and endpoints.
fn source_kind(input: &CreateEventSourceMappingRequest) -> Result<(Kind, Option<Arn>), LambdaError> {
    match (&input.event_source_arn, &input.self_managed_event_source) {
        (Some(text), None) => {
            let arn: Arn = text.parse().map_err(|_| unrecognized())?;
            Ok((Kind::of_arn(&arn)?, Some(arn)))
        }
        (None, Some(_)) => Ok((Kind::Kafka, None)),
        _ => Err(unrecognized()),
    }
}

/// What only the making of a mapping says, by the kind of its source.
fn check_source(kind: Kind, input: &CreateEventSourceMappingRequest) -> Result<(), LambdaError> {
    let refuse = |text: String| Err(LambdaError::InvalidParameter(text));
    let lacks = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    match input.starting_position.as_deref() {
        None if kind.needs_starting_position() => {
            return refuse(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."
                    .to_owned(),
            );
        }
        Some(_) if !kind.has_starting_position() => return Err(unsupported("StartingPosition")),
        Some("AT_TIMESTAMP") if matches!(kind, Kind::DynamoDb | Kind::DocumentDb) => {
            let arn = input.event_source_arn.as_deref().unwrap_or_default();
            return refuse(format!("Unsupported starting position for arn type: {arn}"));
        }
        Some("AT_TIMESTAMP") if input.starting_position_timestamp.is_none() => {
            return refuse("Required 'startingPositionTimestamp' parameter is missing.".to_owned());
        }
        _ => {}
    }
    if input.topics.is_some() && !kind.is_kafka() {
        return Err(unsupported("Topics"));
    }
    if input.queues.is_some() && kind != Kind::Mq {
        return Err(unsupported("Queues"));
    }
    let no_access = input.source_access_configurations.as_ref().is_none_or(Vec::is_empty);
    if no_access && matches!(kind, Kind::Kafka | Kind::Mq | Kind::DocumentDb) {
        return refuse("Required 'sourceAccessConfigurations' parameter is missing.".to_owned());
    }
    if kind.is_kafka() && lacks(&input.topics) {
        return refuse("Required 'topics' parameter is missing.".to_owned());
    }
    if kind == Kind::Mq && lacks(&input.queues) {
        return refuse("Required 'queues' parameter is missing.".to_owned());
    }
    let database =
        input.document_db_event_source_config.as_ref().and_then(|config| config.database_name.as_ref());
    if kind == Kind::DocumentDb && database.is_none() {
        return refuse(
            "Required 'documentDBEventSourceConfig.databaseName' parameter is missing.".to_owned(),
        );
    }
    Ok(())
}

/// Kafka that somebody else runs is read from its beginning where nothing is said.
fn starting_position(kind: Kind, input: &CreateEventSourceMappingRequest) -> Option<String> {
    let from_start = (kind == Kind::Kafka).then(|| "TRIM_HORIZON".to_owned());
    input.starting_position.clone().or(from_start)
}

fn insert(
    state: &mut State,
    kind: Kind,
    mapping: EventSourceMapping,
) -> Result<EventSourceMappingConfiguration, LambdaError> {
    require_only(state, kind, &mapping)?;
    let home = (mapping.account, mapping.region.clone(), mapping.uuid.clone());
    let answer = show(&mapping);
    state.event_source_mappings.put(home, mapping);
    Ok(answer)
}

/// Refuses a second mapping from the same source to the same function.
pub(super) fn require_only(
    state: &State,
    kind: Kind,
    mapping: &EventSourceMapping,
) -> Result<(), LambdaError> {
    let home = (mapping.account, mapping.region.clone(), mapping.uuid.clone());
    let same = |other: &&EventSourceMapping| {
        other.uuid != mapping.uuid
            && other.source.arn == mapping.source.arn
            && other.source.endpoints == mapping.source.endpoints
            && other.source.topics == mapping.source.topics
            && other.source.queues == mapping.source.queues
            && target(other) == target(mapping)
    };
    match of_home(state, &home).find(same) {
        Some(other) => Err(LambdaError::Conflict(duplicate(kind, other))),
        None => Ok(()),
    }
}

/// AWS's words for a mapping that is there already (recorded, reference lambda.md 8.4).
fn duplicate(kind: Kind, other: &EventSourceMapping) -> String {
    let please = format!("Please update or delete the existing mapping with UUID {}", other.uuid);
    let (arn, name) = (other.source.arn.as_deref().unwrap_or_default(), &other.function.2);
    match kind {
        Kind::Queue | Kind::FifoQueue => format!(
            "An event source mapping with SQS arn (\" {arn} \") and function (\" {name} \") already exists. {please}"
        ),
        Kind::Kafka | Kind::Msk => {
            let endpoints: Vec<&str> =
                other.source.endpoints.values().flatten().map(String::as_str).collect();
            let source = if endpoints.is_empty() { arn.to_owned() } else { endpoints.join(",") };
            let (function, topics) = (target(other), other.source.topics.join(","));
            format!(
                "An event source mapping with event source (\"{source}\"), function (\"{function}\"), topics (\"{topics}\") already exists. {please}"
            )
        }
        _ => format!(
            "The event source arn (\" {arn} \") and function (\" {name} \") provided mapping already exists. {please}"
        ),
    }
}
