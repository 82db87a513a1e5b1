//! What a caller sees of a mapping: which members are there depends on the kind of its source (recorded answers).

use rolecall_store::records::event_source::{EventSourceMapping, EventSourceSettings, SchemaRegistry};
use rolecall_wire::Timestamp;
use rolecall_wire::lambda::{
    AmazonManagedKafkaEventSourceConfig, DestinationConfig, DocumentDBEventSourceConfig,
    EventSourceMappingConfiguration, EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig,
    Filter, FilterCriteria, KafkaSchemaRegistryAccessConfig, KafkaSchemaRegistryConfig,
    KafkaSchemaValidationConfig, OnFailure, ProvisionedPollerConfig, ScalingConfig, SelfManagedEventSource,
    SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration,
};

use crate::event_source::{MappingName, target};

/// What AWS says of a mapping that has processed nothing, and why that is so here.
const NOT_POLLED: &str = "No records processed. Rolecall does not poll event sources yet.";

/// The mapping as answers have it.
pub(super) fn show(mapping: &EventSourceMapping) -> EventSourceMappingConfiguration {
    let settings = mapping.settings.clone();
    let name =
        MappingName { account: mapping.account, region: mapping.region.clone(), uuid: mapping.uuid.clone() };
    let is_stream = settings.parallelization_factor.is_some();
    let is_queue = mapping.source.arn.as_deref().is_some_and(|arn| arn.split(':').nth(2) == Some("sqs"));
    EventSourceMappingConfiguration {
        uuid: Some(mapping.uuid.clone()),
        starting_position: mapping.starting_position.clone(),
        starting_position_timestamp: mapping.starting_position_ms.map(Timestamp),
        batch_size: Some(settings.batch_size),
        maximum_batching_window_in_seconds: settings.batching_window_s,
        parallelization_factor: settings.parallelization_factor,
        event_source_arn: mapping.source.arn.clone(),
        filter_criteria: filters(&settings),
        function_arn: Some(target(mapping).to_string()),
        last_modified: Some(Timestamp(mapping.last_modified_ms)),
        // Of a queue AWS says nothing here (recorded).
        last_processing_result: (!is_queue).then(|| NOT_POLLED.to_owned()),
        state: Some(mapping.state.clone()),
        state_transition_reason: Some(if is_stream { "User action" } else { "USER_INITIATED" }.to_owned()),
        destination_config: (is_stream || settings.on_failure.is_some()).then(|| DestinationConfig {
            on_success: None,
            on_failure: Some(OnFailure { destination: settings.on_failure.clone() }),
        }),
        maximum_record_age_in_seconds: settings.maximum_record_age_s,
        bisect_batch_on_function_error: settings.bisect_on_error,
        maximum_retry_attempts: settings.maximum_retry_attempts,
        tumbling_window_in_seconds: settings.tumbling_window_s,
        function_response_types: settings.response_types.clone(),
        event_source_mapping_arn: Some(name.arn().to_string()),
        scaling_config: settings
            .maximum_concurrency
            .map(|most| ScalingConfig { maximum_concurrency: Some(most) }),
        metrics_config: (!settings.metrics.is_empty())
            .then(|| EventSourceMappingMetricsConfig { metrics: Some(settings.metrics.clone()) }),
        logging_config: settings
            .log_level
            .clone()
            .map(|level| EventSourceMappingLoggingConfig { system_log_level: Some(level) }),
        provisioned_poller_config: pollers(&settings),
        source_access_configurations: (!settings.access.is_empty()).then(|| access(&settings.access)),
        document_db_event_source_config: settings.database_name.clone().map(|database| {
            DocumentDBEventSourceConfig {
                database_name: Some(database),
                collection_name: settings.collection_name.clone(),
                full_document: settings.full_document.clone(),
            }
        }),
        ..of_source(mapping)
    }
}

/// What the source itself has.
fn of_source(mapping: &EventSourceMapping) -> EventSourceMappingConfiguration {
    let source = &mapping.source;
    let list = |names: &Vec<String>| (!names.is_empty()).then(|| names.clone());
    let is_foreign = !source.endpoints.is_empty();
    let registry = || mapping.settings.schema_registry.as_ref().map(registry);
    let group = source.consumer_group_id.clone();
    EventSourceMappingConfiguration {
        topics: list(&source.topics),
        queues: list(&source.queues),
        self_managed_event_source: is_foreign
            .then(|| SelfManagedEventSource { endpoints: Some(source.endpoints.clone()) }),
        amazon_managed_kafka_event_source_config: group.clone().filter(|_| !is_foreign).map(|group| {
            AmazonManagedKafkaEventSourceConfig {
                consumer_group_id: Some(group),
                schema_registry_config: registry(),
            }
        }),
        self_managed_kafka_event_source_config: group.filter(|_| is_foreign).map(|group| {
            SelfManagedKafkaEventSourceConfig {
                consumer_group_id: Some(group),
                schema_registry_config: registry(),
                consumption_mode: source.consumption_mode.clone(),
            }
        }),
        ..EventSourceMappingConfiguration::default()
    }
}

fn filters(settings: &EventSourceSettings) -> Option<FilterCriteria> {
    let filter = |pattern: &String| Filter { pattern: Some(pattern.clone()) };
    let filters: Vec<Filter> = settings.filters.iter().map(filter).collect();
    (!filters.is_empty()).then_some(FilterCriteria { filters: Some(filters) })
}

fn pollers(settings: &EventSourceSettings) -> Option<ProvisionedPollerConfig> {
    let is_set = settings.minimum_pollers.is_some() || settings.maximum_pollers.is_some();
    is_set.then(|| ProvisionedPollerConfig {
        minimum_pollers: settings.minimum_pollers,
        maximum_pollers: settings.maximum_pollers,
        poller_group_name: settings.poller_group.clone(),
    })
}

fn access(pairs: &[(String, String)]) -> Vec<SourceAccessConfiguration> {
    let shown = |(kind, uri): &(String, String)| SourceAccessConfiguration {
        r#type: Some(kind.clone()),
        uri: Some(uri.clone()),
    };
    pairs.iter().map(shown).collect()
}

fn registry(registry: &SchemaRegistry) -> KafkaSchemaRegistryConfig {
    let access = registry.access.iter().map(|(kind, uri)| KafkaSchemaRegistryAccessConfig {
        r#type: Some(kind.clone()),
        uri: Some(uri.clone()),
    });
    let validated = registry
        .validated
        .iter()
        .map(|attribute| KafkaSchemaValidationConfig { attribute: Some(attribute.clone()) });
    KafkaSchemaRegistryConfig {
        schema_registry_uri: registry.uri.clone(),
        event_record_format: registry.event_record_format.clone(),
        access_configs: Some(access.collect()),
        schema_validation_configs: Some(validated.collect()),
    }
}
