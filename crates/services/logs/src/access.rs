//! The checks of this service: which action on which of a group's ARNs.

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_service::denied;
use rolecall_store::State;
use rolecall_wire::{ServiceError, ServiceId};

use crate::Logs;
use crate::error::LogsError;
use crate::name::GroupName;

impl Logs {
    /// Checks an action on a group.
    pub(crate) fn authorize_group(
        &self,
        call: &Call,
        action: &str,
        group: &GroupName,
        state: &State,
    ) -> Result<Authorized, ServiceError> {
        self.authorize(call, self.check(action, group, &group.group_resource(), state))
    }

    /// Checks an action on a stream.
    pub(crate) fn authorize_stream(
        &self,
        call: &Call,
        action: &str,
        group: &GroupName,
        stream: &str,
        state: &State,
    ) -> Result<Authorized, ServiceError> {
        self.authorize(call, self.check(action, group, &group.stream_resource(stream), state))
    }

    /// Checks an action on all groups of the caller's account.
    pub(crate) fn authorize_all_groups(&self, call: &Call, action: &str) -> Result<Authorized, ServiceError> {
        let account = call.caller.account().ok_or_else(|| LogsError::NoAccount(call.caller.arn()))?;
        self.authorize(call, Check::on(action, &GroupName::all_groups(account, &call.region), account))
    }

    /// Asks the authority, and gives a denial this service's form.
    pub(crate) fn authorize(&self, call: &Call, check: Check<'_>) -> Result<Authorized, ServiceError> {
        self.platform.authority.authorize(call, check).map_err(|refused| denied(ServiceId::Logs, &refused))
    }

    /// A check with the group's tags, where there is such a group.
    pub(crate) fn check<'a>(
        &self,
        action: &'a str,
        group: &GroupName,
        resource: &Arn,
        state: &State,
    ) -> Check<'a> {
        let check = Check::on(action, resource, group.account);
        match state.log_groups.get(&group.key()) {
            Some(record) => check.resource_tags(&record.tags),
            None => check,
        }
    }
}
