//! The operator role, with which Lambda manages the instances of a capacity provider (reference lambda.md 4.7).

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Caller, Check, Origin};
use rolecall_service::internal;
use rolecall_wire::sts::{AssumeRoleRequest, Input};
use rolecall_wire::{Fault, ServiceError};

use crate::capacity_provider::ProviderReference;
use crate::error::{LambdaError, SERVICE};
use crate::role::LAMBDA;
use crate::service::Lambda;

/// Where the role does not exist or does not trust Lambda. AWS's words are not known.
const NOT_ASSUMABLE: &str = "The role defined for the capacity provider cannot be assumed by Lambda.";

impl Lambda {
    /// Whether the call may give the role to the capacity provider.
    pub(super) fn authorize_operator(
        &self,
        call: &Call,
        role: &str,
        provider: &ProviderReference,
    ) -> Result<Authorized, ServiceError> {
        let arn: Arn = role.parse().map_err(|_| LambdaError::InvalidParameter(NOT_ASSUMABLE.to_owned()))?;
        if arn.account_id() != Some(provider.account()) {
            let text = "Cross-account pass role is not allowed.";
            return Err(LambdaError::AccessDenied(text.to_owned()).into());
        }
        let check = Check::on("iam:PassRole", &arn, provider.account())
            .key("iam:PassedToService", LAMBDA)
            .key("iam:AssociatedResourceArn", provider.arn().as_str());
        self.authorize(call, check)
    }

    /// Refuses a role that Lambda cannot assume for the capacity provider.
    pub(super) async fn require_operator(
        &self,
        role: &str,
        provider: &ProviderReference,
    ) -> Result<(), ServiceError> {
        let (account, region, name) = provider.key();
        let origin =
            Origin::Service { source_arn: Some(provider.arn().to_string()), source_account: Some(account) };
        let call = self.platform.service_call(Caller::service(LAMBDA), region, origin);
        let request = AssumeRoleRequest {
            role_arn: role.to_owned(),
            // A session's name has at least two characters and at most 64.
            role_session_name: format!("{name:.40}@capacity_provider"),
            ..AssumeRoleRequest::default()
        };
        match self.platform.call(&Arc::new(call), Input::AssumeRole(request)).await {
            Ok(_) => Ok(()),
            Err(error) if error.fault == Fault::Sender => {
                tracing::info!(role, provider = %provider.arn(), %error, "the operator role cannot be assumed");
                Err(LambdaError::InvalidParameter(NOT_ASSUMABLE.to_owned()).into())
            }
            Err(error) => Err(internal(SERVICE, error)),
        }
    }
}
