//! Log groups: making, removing and listing them.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::logs::LogGroup;
use rolecall_wire::{ServiceError, logs as wire};

use crate::Logs;
use crate::error::{LogsError, write_failed};
use crate::name::GroupName;
use crate::tags::refuse_reserved;

/// How many groups one answer lists at most, and where nothing is said.
const MAX_PAGE: usize = 50;

/// The only class of groups here.
const STANDARD: &str = "STANDARD";

impl Logs {
    /// CreateLogGroup.
    pub(crate) async fn create_log_group(
        &self,
        call: &Call,
        input: wire::CreateLogGroupRequest,
    ) -> Result<wire::CreateLogGroupResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let tags = input.tags.clone().unwrap_or_default();
        let check = Check::on("logs:CreateLogGroup", &group.group_resource(), group.account);
        let proof = self.authorize(call, check.request_tags(pairs(&tags)))?;
        if !tags.is_empty() {
            self.authorize_initial_tags(call, &group, &tags)?;
        }
        refuse_what_is_not_built(&input)?;
        refuse_reserved(tags.keys())?;
        self.insert_group(proof, group, tags).await?;
        Ok(wire::CreateLogGroupResponse)
    }

    /// To create a group with tags, `logs:TagResource` or the older `logs:TagLogGroup` is needed as well
    /// (CreateLogGroup in the API reference).
    fn authorize_initial_tags(
        &self,
        call: &Call,
        group: &GroupName,
        tags: &BTreeMap<String, String>,
    ) -> Result<Authorized, ServiceError> {
        let tag_resource = Check::on("logs:TagResource", &group.arn(), group.account);
        let tag_log_group = Check::on("logs:TagLogGroup", &group.group_resource(), group.account);
        let refused = match self.authorize(call, tag_resource.request_tags(pairs(tags))) {
            Ok(proof) => return Ok(proof),
            Err(refused) => refused,
        };
        self.authorize(call, tag_log_group.request_tags(pairs(tags))).map_err(|_| refused)
    }

    async fn insert_group(
        &self,
        _proof: Authorized,
        group: GroupName,
        tags: BTreeMap<String, String>,
    ) -> Result<(), ServiceError> {
        let key = group.key();
        let record = LogGroup {
            account: group.account,
            region: group.region,
            name: group.name,
            created_ms: self.platform.now_ms(),
            retention_days: None,
            tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
            stored_bytes: 0,
            expired_until_ms: 0,
        };
        let written = self.platform.store.write(move |state| {
            if state.log_groups.contains(&key) {
                return Err(LogsError::GroupExists);
            }
            state.log_groups.put(key, record);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DeleteLogGroup: the group with all its streams and events.
    pub(crate) async fn delete_log_group(
        &self,
        call: &Call,
        input: wire::DeleteLogGroupRequest,
    ) -> Result<wire::DeleteLogGroupResponse, ServiceError> {
        let group = GroupName::of_identifier(call, &input.log_group_name)?;
        let proof = self.authorize_group(call, "logs:DeleteLogGroup", &group, &self.platform.store.read())?;
        self.remove_group(proof, group).await?;
        Ok(wire::DeleteLogGroupResponse)
    }

    async fn remove_group(&self, _proof: Authorized, group: GroupName) -> Result<(), ServiceError> {
        let key = group.key();
        let written = self.platform.store.write(move |state| {
            if !state.log_groups.remove(&key) {
                return Err(LogsError::NoGroup);
            }
            let streams: Vec<_> =
                crate::stream::streams_of(state, &key).map(|(key, _)| key.clone()).collect();
            for stream in &streams {
                state.log_streams.remove(stream);
            }
            state.remove_log_events(key, None);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DescribeLogGroups.
    pub(crate) fn describe_log_groups(
        &self,
        call: &Call,
        input: wire::DescribeLogGroupsRequest,
    ) -> Result<wire::DescribeLogGroupsResponse, ServiceError> {
        self.authorize_all_groups(call, "logs:DescribeLogGroups")?;
        if input.include_linked_accounts == Some(true) || input.account_identifiers.is_some() {
            return Err(LogsError::not_built("includeLinkedAccounts").into());
        }
        if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
            let words = "logGroupNamePrefix and logGroupNamePattern are mutually exclusive parameters.";
            return Err(LogsError::invalid(words).into());
        }
        let wanted = wanted_names(call, &input)?;
        let after = input.next_token.as_deref().map(parse_token).transpose()?;
        let state = self.platform.store.read();
        let mut found = groups_of(&state, call)
            .filter(|group| after.as_ref().is_none_or(|after| group.name > *after))
            .filter(|group| is_wanted(group, &input, wanted.as_deref()));
        let limit = page_size(input.limit);
        let page: Vec<&LogGroup> = found.by_ref().take(limit).collect();
        let more = found.next().is_some();
        let next_token =
            page.last().filter(|_| more).map(|last| BASE64URL_NOPAD.encode(last.name.as_bytes()));
        Ok(wire::DescribeLogGroupsResponse {
            log_groups: Some(page.into_iter().map(shown).collect()),
            next_token,
        })
    }
}

fn refuse_what_is_not_built(input: &wire::CreateLogGroupRequest) -> Result<(), LogsError> {
    if input.kms_key_id.is_some() {
        return Err(LogsError::not_built("kmsKeyId"));
    }
    if input.deletion_protection_enabled == Some(true) {
        return Err(LogsError::not_built("deletionProtectionEnabled"));
    }
    match input.log_group_class.as_deref() {
        None | Some(STANDARD) => Ok(()),
        Some(class) => Err(LogsError::not_built(&format!("The log group class {class}"))),
    }
}

/// The groups of the caller's account in the region, by name.
fn groups_of<'s>(state: &'s State, call: &Call) -> impl Iterator<Item = &'s LogGroup> {
    let account = call.caller.account();
    let region = call.region.clone();
    let from = account.map(|account| (account, region.clone(), String::new()));
    from.into_iter()
        .flat_map(|from| state.log_groups.range(from..))
        .map(|(_, group)| group.as_ref())
        .take_while(move |group| Some(group.account) == account && group.region == region)
}

fn wanted_names(
    call: &Call,
    input: &wire::DescribeLogGroupsRequest,
) -> Result<Option<Vec<String>>, LogsError> {
    let Some(identifiers) = &input.log_group_identifiers else { return Ok(None) };
    let name = |identifier: &String| GroupName::of_identifier(call, identifier).map(|group| group.name);
    identifiers.iter().map(name).collect::<Result<_, _>>().map(Some)
}

fn is_wanted(group: &LogGroup, input: &wire::DescribeLogGroupsRequest, wanted: Option<&[String]>) -> bool {
    let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
    let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
    let class = input.log_group_class.as_deref().unwrap_or(STANDARD);
    group.name.starts_with(prefix)
        && group.name.contains(pattern)
        && class == STANDARD
        && wanted.is_none_or(|names| names.contains(&group.name))
}

fn shown(group: &LogGroup) -> wire::LogGroup {
    let arn = GroupName::from(group).arn();
    wire::LogGroup {
        log_group_name: Some(group.name.clone()),
        creation_time: Some(group.created_ms),
        retention_in_days: group.retention_days.and_then(|days| i32::try_from(days).ok()),
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        stored_bytes: Some(group.stored_bytes),
        log_group_class: Some(STANDARD.to_owned()),
        log_group_arn: Some(arn.to_string()),
        deletion_protection_enabled: Some(false),
        ..Default::default()
    }
}

/// The number of things that one answer lists.
pub(crate) fn page_size(limit: Option<i32>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE)
}

fn parse_token(token: &str) -> Result<String, LogsError> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| LogsError::InvalidToken)?;
    String::from_utf8(bytes).map_err(|_| LogsError::InvalidToken)
}

fn pairs(tags: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}
