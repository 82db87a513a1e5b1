//! Which requests SDKs outside Lambda shall trace: GetSamplingRules and GetSamplingTargets.
//!
//! Sampling rules cannot be made here, so there is AWS's default rule only: the first request of each second, and five
//! per cent of the others. A client that asks for targets gets its share of the first: the whole, as no other client is
//! remembered between calls.

use rolecall_authority::Call;
use rolecall_wire::{ServiceError, Timestamp, xray as wire};

use crate::XRay;
use crate::error::XRayError;

const DEFAULT: &str = "Default";
/// Requests a second that are traced whatever the rate says.
const RESERVOIR: i32 = 1;
/// The share of further requests that are traced.
const FIXED_RATE: f64 = 0.05;
/// How often a client shall ask, in seconds.
const INTERVAL_S: i32 = 10;
/// The rule is as old as the service: 2016-12-01.
const CREATED_MS: i64 = 1_480_550_400_000;

impl XRay {
    pub(crate) fn get_sampling_rules(
        &self,
        call: &Call,
        input: wire::GetSamplingRulesRequest,
    ) -> Result<wire::GetSamplingRulesResult, ServiceError> {
        self.authorize(call, "xray:GetSamplingRules")?;
        let (account, region) = Self::owner(call)?;
        if input.next_token.is_some() {
            return Err(XRayError::InvalidToken.into());
        }
        let any = || Some("*".to_owned());
        let rule = wire::SamplingRule {
            rule_name: Some(DEFAULT.to_owned()),
            rule_arn: Some(format!("arn:aws:xray:{region}:{account}:sampling-rule/{DEFAULT}")),
            resource_arn: any(),
            priority: Some(10_000),
            fixed_rate: Some(FIXED_RATE),
            reservoir_size: Some(RESERVOIR),
            service_name: any(),
            service_type: any(),
            host: any(),
            http_method: any(),
            url_path: any(),
            version: Some(1),
            attributes: Some(Default::default()),
            ..Default::default()
        };
        let record = wire::SamplingRuleRecord {
            sampling_rule: Some(rule),
            created_at: Some(Timestamp(CREATED_MS)),
            modified_at: Some(Timestamp(CREATED_MS)),
        };
        Ok(wire::GetSamplingRulesResult { sampling_rule_records: Some(vec![record]), next_token: None })
    }

    pub(crate) fn get_sampling_targets(
        &self,
        call: &Call,
        input: wire::GetSamplingTargetsRequest,
    ) -> Result<wire::GetSamplingTargetsResult, ServiceError> {
        self.authorize(call, "xray:GetSamplingTargets")?;
        Self::owner(call)?;
        let until = Timestamp(self.platform.now_ms() + i64::from(INTERVAL_S) * 1000);
        let (known, unknown): (Vec<_>, Vec<_>) = input
            .sampling_statistics_documents
            .into_iter()
            .map(|statistics| statistics.rule_name)
            .partition(|rule| rule == DEFAULT);
        let target = |rule| wire::SamplingTargetDocument {
            rule_name: Some(rule),
            fixed_rate: Some(FIXED_RATE),
            reservoir_quota: Some(RESERVOIR),
            reservoir_quota_ttl: Some(until),
            interval: Some(INTERVAL_S),
            ..Default::default()
        };
        let boosts = input.sampling_boost_statistics_documents.unwrap_or_default();
        Ok(wire::GetSamplingTargetsResult {
            sampling_target_documents: Some(known.into_iter().map(target).collect()),
            last_rule_modification: Some(Timestamp(CREATED_MS)),
            unprocessed_statistics: Some(unknown.into_iter().map(unprocessed).collect()),
            unprocessed_boost_statistics: Some(
                boosts.into_iter().map(|boost| unprocessed(boost.rule_name)).collect(),
            ),
        })
    }
}

/// The statistics of a rule that does not exist, or that has no boost.
fn unprocessed(rule: String) -> wire::UnprocessedStatistics {
    wire::UnprocessedStatistics {
        message: Some(format!("Sampling rule {rule} does not exist.")),
        rule_name: Some(rule),
        error_code: Some("400".to_owned()),
    }
}
