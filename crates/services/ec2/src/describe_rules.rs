//! DescribeSecurityGroupRules.

use rolecall_authority::Call;
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::error::Ec2Error;
use crate::filter::Filters;
use crate::page::{page, refuse_ids_in_pages};
use crate::rule_view::show_rule;
use crate::security_group::groups_of;

const FILTERS: &[&str] = &["group-id", "security-group-rule-id"];

impl Ec2 {
    /// DescribeSecurityGroupRules.
    pub(crate) fn describe_security_group_rules(
        &self,
        call: &Call,
        input: wire::DescribeSecurityGroupRulesRequest,
    ) -> Result<wire::DescribeSecurityGroupRulesResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeSecurityGroupRules")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        refuse_ids_in_pages(input.security_group_rule_ids.as_deref(), input.max_results)?;
        let state = self.platform.store.read();
        let ids = input.security_group_rule_ids.unwrap_or_default();
        let all =
            || groups_of(&state, &place).flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        if let Some(missing) = ids.iter().find(|id| !all().any(|(_, rule)| rule.id == **id)) {
            return Err(Ec2Error::NoRule(missing.clone()).into());
        }
        let mut wanted: Vec<_> = all()
            .filter(|(_, rule)| ids.is_empty() || ids.contains(&rule.id))
            .filter(|(group, rule)| {
                filters.pass(&rule.tags, |name| match name {
                    "group-id" => vec![group.id.clone()],
                    _ => vec![rule.id.clone()],
                })
            })
            .map(|(group, rule)| (rule.id.clone(), show_rule(&place, group, rule)))
            .collect();
        wanted.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (rules, next_token) = page(wanted, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeSecurityGroupRulesResult { security_group_rules: Some(rules), next_token })
    }
}
