//! UpdateEventSourceMapping: what is given replaces what was, what is not given stays.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::event_source::EventSource;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    DestinationConfig, EventSourceMappingConfiguration, UpdateEventSourceMappingRequest,
};

use crate::error::LambdaError;
use crate::event::AdmittedRole;
use crate::event_source::create::require_only;
use crate::event_source::kind::Kind;
use crate::event_source::settings::{apply, on_failure};
use crate::event_source::settle::{DISABLING, ENABLING, UPDATING, ready};
use crate::event_source::shape::show;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn update_event_source_mapping(
        &self,
        call: &Arc<Call>,
        input: UpdateEventSourceMappingRequest,
    ) -> Result<EventSourceMappingConfiguration, ServiceError> {
        let name = Self::mapping_name(call, &input.uuid)?;
        let mut proof = self.authorize_mapping(call, "lambda:UpdateEventSourceMapping", &name)?;
        let given =
            input.function_name.as_deref().map(|name| Self::reference(call, name, None)).transpose()?;
        if let Some(function) = &given {
            proof = self.authorize_new_target(call, &name, function)?;
        }
        let key = name.key();
        let current = ready(&self.platform.store.read(), &key, "update")?;
        let arn = current.source.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok());
        let kind = arn.as_ref().map_or(Ok(Kind::Kafka), Kind::of_arn)?;
        refuse_other_source(&current.source, &input)?;
        apply(&mut current.settings.clone(), kind, &input)?;
        let of_record = || FunctionReference::of(&current.function, current.qualifier.as_deref());
        let function = given.clone().unwrap_or_else(of_record);
        let mut admitted = Vec::new();
        if given.is_some() {
            let role = self.role_of_target(&function, name.account)?;
            self.admit_source(&role, &function.key(), kind, arn.as_ref()).await?;
            admitted.push(AdmittedRole(role));
        }
        admitted.extend(self.admit_failure_destination(&function, input.destination_config.as_ref()).await?);
        let now_ms = self.platform.now_ms();
        let answer = {
            let key = key.clone();
            let change = move |state: &mut State| change(state, &key, kind, &input, given, &admitted, now_ms);
            self.write(proof, change).await?
        };
        self.settle_mapping_soon(key);
        Ok(answer)
    }

    /// A destination of failures is checked when it is given, never on other changes (reference lambda.md 4.4).
    pub(super) async fn admit_failure_destination(
        &self,
        function: &FunctionReference,
        config: Option<&DestinationConfig>,
    ) -> Result<Option<AdmittedRole>, ServiceError> {
        let Some(config) = config.filter(|config| on_failure(config).is_some()) else { return Ok(None) };
        let destination = on_failure(config).unwrap_or_default();
        if destination.starts_with("kafka://") {
            return Err(LambdaError::not_built("Kafka topics as destinations").into());
        }
        let service = destination.parse::<Arn>().map(|arn| arn.service().to_owned()).unwrap_or_default();
        if !["sqs", "sns", "s3"].contains(&service.as_str()) {
            return Err(LambdaError::InvalidParameter(format!(
                "The destination ARN {destination} is invalid."
            ))
            .into());
        }
        self.admit_destinations(function, config).await
    }
}

/// Refuses to read in another way than was said when the mapping was made: AWS does not change that either. Its words
/// are not known.
fn refuse_other_source(
    source: &EventSource,
    input: &UpdateEventSourceMappingRequest,
) -> Result<(), LambdaError> {
    let managed = input.amazon_managed_kafka_event_source_config.as_ref();
    let other = input.self_managed_kafka_event_source_config.as_ref();
    let group = managed.and_then(|config| config.consumer_group_id.as_ref());
    let group = group.or_else(|| other.and_then(|config| config.consumer_group_id.as_ref()));
    let mode = other.and_then(|config| config.consumption_mode.as_ref());
    for (name, given, known) in [
        ("ConsumerGroupId", group, &source.consumer_group_id),
        ("ConsumptionMode", mode, &source.consumption_mode),
    ] {
        if given.is_some() && given != known.as_ref() {
            let text = format!("{name} cannot be changed after the event source mapping was created.");
            return Err(LambdaError::InvalidParameter(text));
        }
    }
    Ok(())
}

fn change(
    state: &mut State,
    key: &Key,
    kind: Kind,
    input: &UpdateEventSourceMappingRequest,
    function: Option<FunctionReference>,
    admitted: &[AdmittedRole],
    now_ms: i64,
) -> Result<EventSourceMappingConfiguration, LambdaError> {
    let mut mapping = ready(state, key, "update")?;
    apply(&mut mapping.settings, kind, input)?;
    if let Some(function) = function {
        mapping.function = function.key();
        mapping.qualifier = function.qualifier.as_ref().map(ToString::to_string);
        require_only(state, kind, &mapping)?;
    }
    let target = FunctionReference::of(&mapping.function, mapping.qualifier.as_deref());
    admitted.iter().try_for_each(|role| role.require_current(state, &target))?;
    let enabled = input.enabled.unwrap_or(mapping.enabled);
    mapping.state = match (mapping.enabled, enabled) {
        (false, true) => ENABLING,
        (true, false) => DISABLING,
        _ => UPDATING,
    }
    .to_owned();
    mapping.enabled = enabled;
    mapping.last_modified_ms = now_ms;
    let answer = show(&mapping);
    state.event_source_mappings.put(key.clone(), mapping);
    Ok(answer)
}
