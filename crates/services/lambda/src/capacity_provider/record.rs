//! From a request to the record of a capacity provider, and from the record to an answer.

use std::collections::BTreeMap;

use rolecall_store::records::Tag;
use rolecall_store::records::capacity::{
    CapacityLogging, CapacityProvider as ProviderRecord, CapacityScaling,
    InstanceRequirements as InstanceRecord, PropagatedTags,
};
use rolecall_wire::lambda::{
    CapacityProvider, CapacityProviderLoggingConfig, CapacityProviderPermissionsConfig,
    CapacityProviderScalingConfig, CapacityProviderTelemetryConfig, CapacityProviderVpcConfig,
    CreateCapacityProviderRequest, InstanceRequirements, PropagateTags, TargetTrackingScalingPolicy,
    UpdateCapacityProviderRequest,
};

use crate::capacity_provider::ProviderReference;
use crate::time::timestamp;

/// The state of a capacity provider that functions could be put on.
pub(super) const ACTIVE: &str = "Active";
/// The state of one that is being deleted.
pub(super) const DELETING: &str = "Deleting";

/// A new record.
pub(super) fn create(name: &str, input: CreateCapacityProviderRequest, now_ms: i64) -> ProviderRecord {
    let tags: BTreeMap<String, String> = input.tags.unwrap_or_default();
    ProviderRecord {
        name: name.to_owned(),
        subnet_ids: input.vpc_config.subnet_ids,
        security_group_ids: input.vpc_config.security_group_ids,
        operator_role: input.permissions_config.capacity_provider_operator_role_arn,
        instances: input.instance_requirements.map(|instances| InstanceRecord {
            architectures: instances.architectures,
            allowed_types: instances.allowed_instance_types,
            excluded_types: instances.excluded_instance_types,
        }),
        scaling: input.capacity_provider_scaling_config.map(scaling),
        propagated_tags: input.propagate_tags.map(propagated),
        logging: input.telemetry_config.and_then(logging),
        last_modified_ms: now_ms,
        tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
    }
}

/// What is given replaces what was.
pub(super) fn update(
    record: ProviderRecord,
    input: UpdateCapacityProviderRequest,
    now_ms: i64,
) -> ProviderRecord {
    ProviderRecord {
        scaling: input.capacity_provider_scaling_config.map(scaling).or(record.scaling),
        propagated_tags: input.propagate_tags.map(propagated).or(record.propagated_tags),
        logging: input.telemetry_config.and_then(logging).or(record.logging),
        last_modified_ms: now_ms,
        ..record
    }
}

fn scaling(config: CapacityProviderScalingConfig) -> CapacityScaling {
    let pair = |policy: TargetTrackingScalingPolicy| (policy.predefined_metric_type, policy.target_value);
    CapacityScaling {
        max_vcpus: config.max_v_cpu_count,
        mode: config.scaling_mode,
        policies: config.scaling_policies.map(|policies| policies.into_iter().map(pair).collect()),
    }
}

fn propagated(tags: PropagateTags) -> PropagatedTags {
    PropagatedTags { mode: tags.mode, explicit: tags.explicit_tags }
}

fn logging(config: CapacityProviderTelemetryConfig) -> Option<CapacityLogging> {
    let logging = config.logging_config?;
    Some(CapacityLogging { system_log_level: logging.system_log_level, log_group: logging.log_group })
}

/// The capacity provider as an answer has it. What was never said is not shown: AWS's defaults would be about
/// instances, and there are none.
pub(super) fn shown(reference: &ProviderReference, record: &ProviderRecord, state: &str) -> CapacityProvider {
    CapacityProvider {
        capacity_provider_arn: Some(reference.arn().to_string()),
        state: Some(state.to_owned()),
        vpc_config: Some(CapacityProviderVpcConfig {
            subnet_ids: record.subnet_ids.clone(),
            security_group_ids: record.security_group_ids.clone(),
        }),
        permissions_config: Some(CapacityProviderPermissionsConfig {
            capacity_provider_operator_role_arn: record.operator_role.clone(),
        }),
        instance_requirements: record.instances.clone().map(|instances| InstanceRequirements {
            architectures: instances.architectures,
            allowed_instance_types: instances.allowed_types,
            excluded_instance_types: instances.excluded_types,
        }),
        capacity_provider_scaling_config: record.scaling.clone().map(shown_scaling),
        kms_key_arn: None,
        last_modified: Some(timestamp(record.last_modified_ms)),
        propagate_tags: record
            .propagated_tags
            .clone()
            .map(|tags| PropagateTags { mode: tags.mode, explicit_tags: tags.explicit }),
        telemetry_config: record.logging.clone().map(|logging| CapacityProviderTelemetryConfig {
            logging_config: Some(CapacityProviderLoggingConfig {
                system_log_level: logging.system_log_level,
                log_group: logging.log_group,
            }),
        }),
    }
}

fn shown_scaling(scaling: CapacityScaling) -> CapacityProviderScalingConfig {
    let policy = |(predefined_metric_type, target_value)| TargetTrackingScalingPolicy {
        predefined_metric_type,
        target_value,
    };
    CapacityProviderScalingConfig {
        max_v_cpu_count: scaling.max_vcpus,
        scaling_mode: scaling.mode,
        scaling_policies: scaling.policies.map(|policies| policies.into_iter().map(policy).collect()),
    }
}
