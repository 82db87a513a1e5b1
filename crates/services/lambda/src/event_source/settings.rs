//! What can be changed of a mapping: which parameters a kind of source has, and their values (AWS's API reference,
//! CreateEventSourceMapping). What a request does not say stays, or is as AWS fills it in.

use rolecall_store::records::event_source::{EventSourceSettings, SchemaRegistry};
use rolecall_wire::lambda::{
    CreateEventSourceMappingRequest, DestinationConfig, KafkaSchemaRegistryConfig, SourceAccessConfiguration,
    UpdateEventSourceMappingRequest,
};

use crate::error::LambdaError;
use crate::event_source::filter;
use crate::event_source::kind::Kind;

/// What a new mapping has where nothing is said.
pub(super) fn defaults(kind: Kind) -> EventSourceSettings {
    let stream = kind.is_stream();
    EventSourceSettings {
        batch_size: kind.default_batch_size(),
        batching_window_s: (stream || kind.is_queue()).then_some(0),
        parallelization_factor: stream.then_some(1),
        maximum_record_age_s: stream.then_some(-1),
        maximum_retry_attempts: stream.then_some(-1),
        bisect_on_error: stream.then_some(false),
        tumbling_window_s: stream.then_some(0),
        response_types: (stream || kind.is_queue()).then(Vec::new),
        ..EventSourceSettings::default()
    }
}

/// The part of a new mapping's request that an update has too.
pub(super) fn of_create(input: &CreateEventSourceMappingRequest) -> UpdateEventSourceMappingRequest {
    let input = input.clone();
    UpdateEventSourceMappingRequest {
        uuid: String::new(),
        function_name: None,
        enabled: input.enabled,
        batch_size: input.batch_size,
        filter_criteria: input.filter_criteria,
        kms_key_arn: input.kms_key_arn,
        metrics_config: input.metrics_config,
        logging_config: input.logging_config,
        scaling_config: input.scaling_config,
        maximum_batching_window_in_seconds: input.maximum_batching_window_in_seconds,
        parallelization_factor: input.parallelization_factor,
        destination_config: input.destination_config,
        maximum_record_age_in_seconds: input.maximum_record_age_in_seconds,
        bisect_batch_on_function_error: input.bisect_batch_on_function_error,
        maximum_retry_attempts: input.maximum_retry_attempts,
        tumbling_window_in_seconds: input.tumbling_window_in_seconds,
        source_access_configurations: input.source_access_configurations,
        function_response_types: input.function_response_types,
        amazon_managed_kafka_event_source_config: input.amazon_managed_kafka_event_source_config,
        self_managed_kafka_event_source_config: input.self_managed_kafka_event_source_config,
        document_db_event_source_config: input.document_db_event_source_config,
        provisioned_poller_config: input.provisioned_poller_config,
    }
}

/// Refuses parameters that the kind of source does not have. The words are recorded for DestinationConfig.
pub(super) fn check_parameters(
    kind: Kind,
    input: &UpdateEventSourceMappingRequest,
) -> Result<(), LambdaError> {
    let (queue, stream, kafka) = (kind.is_queue(), kind.is_stream(), kind.is_kafka());
    let credentials = kafka || matches!(kind, Kind::Mq | Kind::DocumentDb);
    for (given, has, name) in [
        (wants_destination(input.destination_config.as_ref()), stream || kafka, "DestinationConfig"),
        (input.scaling_config.is_some(), queue, "ScalingConfig"),
        (input.parallelization_factor.is_some(), stream, "ParallelizationFactor"),
        (input.tumbling_window_in_seconds.is_some(), stream, "TumblingWindowInSeconds"),
        (input.maximum_record_age_in_seconds.is_some(), stream || kafka, "MaximumRecordAgeInSeconds"),
        (input.maximum_retry_attempts.is_some(), stream || kafka, "MaximumRetryAttempts"),
        (input.bisect_batch_on_function_error.is_some(), stream || kafka, "BisectBatchOnFunctionError"),
        (some(&input.function_response_types), stream || queue || kafka, "FunctionResponseTypes"),
        (some(&input.source_access_configurations), credentials, "SourceAccessConfigurations"),
        (
            input.amazon_managed_kafka_event_source_config.is_some(),
            kind == Kind::Msk,
            "AmazonManagedKafkaEventSourceConfig",
        ),
        (
            input.self_managed_kafka_event_source_config.is_some(),
            kind == Kind::Kafka,
            "SelfManagedKafkaEventSourceConfig",
        ),
        (
            input.document_db_event_source_config.is_some(),
            kind == Kind::DocumentDb,
            "DocumentDBEventSourceConfig",
        ),
        (input.provisioned_poller_config.is_some(), kafka || queue, "ProvisionedPollerConfig"),
    ] {
        if given && !has {
            return Err(unsupported(name));
        }
    }
    // No mapping tells anybody of what went well.
    let success = input.destination_config.as_ref().and_then(|config| config.on_success.as_ref());
    if success.and_then(|success| success.destination.as_ref()).is_some_and(|arn| !arn.is_empty()) {
        return Err(unsupported("OnSuccess"));
    }
    if input.kms_key_arn.as_ref().is_some_and(|key| !key.is_empty()) {
        return Err(LambdaError::not_built("customer managed KMS keys"));
    }
    Ok(())
}

/// The refusal of a parameter that the kind of source does not have.
pub(super) fn unsupported(parameter: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "Unsupported {parameter} parameter for given event source mapping type."
    ))
}

/// Applies a request to the settings.
pub(super) fn apply(
    settings: &mut EventSourceSettings,
    kind: Kind,
    input: &UpdateEventSourceMappingRequest,
) -> Result<(), LambdaError> {
    check_parameters(kind, input)?;
    settings.batch_size = input.batch_size.unwrap_or(settings.batch_size);
    keep(&mut settings.batching_window_s, &input.maximum_batching_window_in_seconds);
    keep(&mut settings.parallelization_factor, &input.parallelization_factor);
    keep(&mut settings.maximum_record_age_s, &input.maximum_record_age_in_seconds);
    keep(&mut settings.maximum_retry_attempts, &input.maximum_retry_attempts);
    keep(&mut settings.bisect_on_error, &input.bisect_batch_on_function_error);
    keep(&mut settings.tumbling_window_s, &input.tumbling_window_in_seconds);
    keep(&mut settings.response_types, &input.function_response_types);
    if let Some(criteria) = &input.filter_criteria {
        settings.filters = filter::read(criteria)?;
    }
    if let Some(config) = &input.destination_config {
        settings.on_failure = on_failure(config).map(str::to_owned);
    }
    if let Some(scaling) = &input.scaling_config {
        settings.maximum_concurrency = scaling.maximum_concurrency;
    }
    if let Some(access) = &input.source_access_configurations {
        settings.access = access.iter().map(pair).collect();
    }
    if let Some(metrics) = &input.metrics_config {
        settings.metrics = metrics.metrics.clone().unwrap_or_default();
    }
    if let Some(logging) = &input.logging_config {
        settings.log_level = logging.system_log_level.clone();
    }
    apply_pollers(settings, input)?;
    apply_products(settings, input);
    check_batches(settings, kind)
}

fn apply_pollers(
    settings: &mut EventSourceSettings,
    input: &UpdateEventSourceMappingRequest,
) -> Result<(), LambdaError> {
    let Some(pollers) = &input.provisioned_poller_config else { return Ok(()) };
    (settings.minimum_pollers, settings.maximum_pollers) = (pollers.minimum_pollers, pollers.maximum_pollers);
    settings.poller_group = pollers.poller_group_name.clone();
    match (settings.minimum_pollers, settings.maximum_pollers) {
        (Some(minimum), Some(maximum)) if minimum > maximum => Err(LambdaError::InvalidParameter(
            "MinimumPollers must not be greater than MaximumPollers.".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// What only Kafka and DocumentDB have.
fn apply_products(settings: &mut EventSourceSettings, input: &UpdateEventSourceMappingRequest) {
    let managed = input.amazon_managed_kafka_event_source_config.as_ref();
    let other = input.self_managed_kafka_event_source_config.as_ref();
    let registry = managed.and_then(|config| config.schema_registry_config.as_ref());
    let registry = registry.or_else(|| other.and_then(|config| config.schema_registry_config.as_ref()));
    if let Some(config) = registry {
        settings.schema_registry = Some(schema_registry(config));
    }
    if let Some(config) = &input.document_db_event_source_config {
        keep(&mut settings.database_name, &config.database_name);
        keep(&mut settings.collection_name, &config.collection_name);
        keep(&mut settings.full_document, &config.full_document);
    }
}

fn schema_registry(config: &KafkaSchemaRegistryConfig) -> SchemaRegistry {
    let access = config.access_configs.iter().flatten();
    let access = access
        .map(|access| (access.r#type.clone().unwrap_or_default(), access.uri.clone().unwrap_or_default()));
    let validated = config.schema_validation_configs.iter().flatten();
    SchemaRegistry {
        uri: config.schema_registry_uri.clone(),
        event_record_format: config.event_record_format.clone(),
        access: access.collect(),
        validated: validated.filter_map(|validation| validation.attribute.clone()).collect(),
    }
}

/// The limits that depend on each other.
fn check_batches(settings: &EventSourceSettings, kind: Kind) -> Result<(), LambdaError> {
    let refuse = |text: String| Err(LambdaError::InvalidParameter(text));
    let window = settings.batching_window_s.unwrap_or(0);
    if settings.batch_size > kind.max_batch_size() {
        return refuse(format!(
            "Batch size must be between 1 and {} for the given event source mapping type.",
            kind.max_batch_size()
        ));
    }
    if kind == Kind::FifoQueue && window > 0 {
        return refuse("Batching window is not supported for FIFO queues.".to_owned());
    }
    if settings.batch_size > 10 && window == 0 && kind == Kind::Queue {
        return refuse(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
                .to_owned(),
        );
    }
    Ok(())
}

/// The destination of what could not be processed.
pub(super) fn on_failure(config: &DestinationConfig) -> Option<&str> {
    let destination = config.on_failure.as_ref().and_then(|failure| failure.destination.as_deref());
    destination.filter(|destination| !destination.is_empty())
}

fn wants_destination(config: Option<&DestinationConfig>) -> bool {
    config.is_some_and(|config| config.on_failure.is_some() || config.on_success.is_some())
}

fn pair(access: &SourceAccessConfiguration) -> (String, String) {
    (access.r#type.clone().unwrap_or_default(), access.uri.clone().unwrap_or_default())
}

fn some<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}

fn keep<T: Clone>(value: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        value.clone_from(new);
    }
}
