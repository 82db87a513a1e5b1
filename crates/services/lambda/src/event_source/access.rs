//! The checks of event source mappings: which mapping, for which function (reference lambda.md 1.5 and 1.7).

use rolecall_authority::{Authorized, Call, Check};
use rolecall_wire::ServiceError;

use crate::error::LambdaError;
use crate::event_source::{MappingName, target};
use crate::name::FunctionReference;
use crate::service::Lambda;

impl Lambda {
    /// Whether the call may do the action on the mapping, which the key `lambda:FunctionArn` tells the function of; a
    /// mapping that does not exist has none, and no tags.
    pub(super) fn authorize_mapping(
        &self,
        call: &Call,
        action: &str,
        mapping: &MappingName,
    ) -> Result<Authorized, ServiceError> {
        let record = self.platform.store.read().event_source_mappings.get(&mapping.key()).cloned();
        let check = Check::on(action, &mapping.arn(), mapping.account);
        let check = match &record {
            Some(record) => {
                check.key("lambda:FunctionArn", target(record).as_str()).resource_tags(&record.tags)
            }
            None => check,
        };
        self.authorize(call, check)
    }

    /// A mapping that is given to another function needs to be allowed for that one too.
    pub(super) fn authorize_new_target(
        &self,
        call: &Call,
        mapping: &MappingName,
        function: &FunctionReference,
    ) -> Result<Authorized, ServiceError> {
        let record = self.platform.store.read().event_source_mappings.get(&mapping.key()).cloned();
        let check = Check::on("lambda:UpdateEventSourceMapping", &mapping.arn(), mapping.account)
            .key("lambda:FunctionArn", function.arn().as_str());
        let check = match &record {
            Some(record) => check.resource_tags(&record.tags),
            None => check,
        };
        self.authorize(call, check)
    }

    /// The mapping of a request, in the caller's account and the region that is called.
    pub(super) fn mapping_name(call: &Call, uuid: &str) -> Result<MappingName, LambdaError> {
        let nobody = "A caller without an account has no event source mappings.";
        let account =
            call.caller.account().ok_or_else(|| LambdaError::InvalidParameter(nobody.to_owned()))?;
        Ok(MappingName { account, region: call.region.clone(), uuid: uuid.to_owned() })
    }
}
