//! The execution role: who may pass it, and whether Lambda can assume it (reference lambda.md 4.1).
//!
//! Lambda reads no role of IAM's. It asks STS for a session as `lambda.amazonaws.com`, on behalf of the function, and
//! the role's trust policy decides, with its conditions, like for anybody.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Caller, Check, Origin};
use rolecall_service::{Platform, internal};
use rolecall_wire::sts::{AssumeRoleRequest, Credentials, Input, Output};
use rolecall_wire::{AnyOutput, Fault, ServiceError};

use crate::error::{LambdaError, SERVICE};
use crate::name::{Key, function_arn};
use crate::service::Lambda;

/// The service principal that Lambda is.
pub(crate) const LAMBDA: &str = "lambda.amazonaws.com";

/// AWS's words where the role does not exist or does not trust Lambda.
pub(crate) const NOT_ASSUMABLE: &str = "The role defined for the function cannot be assumed by Lambda.";

impl Lambda {
    /// Whether the call may give the role to the function (reference iam.md 5.10).
    pub(crate) fn authorize_pass_role(
        &self,
        call: &Call,
        role: &str,
        function: &Key,
    ) -> Result<Authorized, ServiceError> {
        let arn: Arn = role.parse().map_err(|_| LambdaError::InvalidParameter(NOT_ASSUMABLE.to_owned()))?;
        if arn.account_id() != Some(function.0) {
            let text = "Cross-account pass role is not allowed.";
            return Err(LambdaError::AccessDenied(text.to_owned()).into());
        }
        let check = Check::on("iam:PassRole", &arn, function.0)
            .key("iam:PassedToService", LAMBDA)
            .key("iam:AssociatedResourceArn", function_arn(function, None).as_str());
        self.authorize(call, check)
    }

    /// Refuses a role that Lambda cannot assume for the function.
    pub(crate) async fn require_assumable(&self, role: &str, function: &Key) -> Result<(), ServiceError> {
        assume(&self.platform, role, function, None).await.map(drop)
    }
}

/// The role as Lambda itself uses it on behalf of the function, to tell destinations: not the function's code calls, so
/// that `lambda:SourceFunctionArn` is absent (reference lambda.md 4.5).
///
/// # Errors
/// Those of [`assume`], and a denial where the role is deleted at this moment.
pub(crate) async fn delivery_caller(
    platform: &Platform,
    role: &str,
    function: &Key,
) -> Result<Caller, ServiceError> {
    let session = assume_for(platform, role, function, None, None).await?;
    let caller = session.session_token.and_then(|token| platform.authority.session_caller(&token));
    caller.ok_or_else(|| LambdaError::AccessDenied(NOT_ASSUMABLE.to_owned()).into())
}

/// A session of the role for the function, of the given length in seconds (an hour where none is given).
///
/// # Errors
/// The caller's error of reference lambda.md 4.1-3 where STS refuses, or a failure of this program.
pub(crate) async fn assume(
    platform: &Platform,
    role: &str,
    function: &Key,
    duration_s: Option<i32>,
) -> Result<Credentials, ServiceError> {
    let source_arn = function_arn(function, None).to_string();
    assume_for(platform, role, function, duration_s, Some(source_arn)).await
}

/// The same, with the function in whose name the session calls, where it calls in one's.
async fn assume_for(
    platform: &Platform,
    role: &str,
    function: &Key,
    duration_s: Option<i32>,
    source_function_arn: Option<String>,
) -> Result<Credentials, ServiceError> {
    let source_arn = function_arn(function, None).to_string();
    let origin = Origin::Service { source_arn: Some(source_arn), source_account: Some(function.0) };
    let mut call = platform.service_call(Caller::service(LAMBDA), function.1.clone(), origin);
    call.source_function_arn = source_function_arn;
    let request = AssumeRoleRequest {
        role_arn: role.to_owned(),
        role_session_name: session_name(&function.2),
        duration_seconds: duration_s,
        ..AssumeRoleRequest::default()
    };
    match platform.call(&Arc::new(call), Input::AssumeRole(request)).await {
        Ok(AnyOutput::Sts(Output::AssumeRole(answer))) => {
            answer.credentials.ok_or_else(|| internal(SERVICE, "STS answered without credentials"))
        }
        Ok(_) => Err(internal(SERVICE, "STS answered another operation")),
        Err(error) if error.fault == Fault::Sender => {
            tracing::info!(role, function = %function_arn(function, None), %error, "the role cannot be assumed");
            Err(LambdaError::InvalidParameter(NOT_ASSUMABLE.to_owned()).into())
        }
        Err(error) => Err(internal(SERVICE, error)),
    }
}

/// The function's name; a session's name has at least two characters (reference lambda.md 4.2).
fn session_name(function_name: &str) -> String {
    if function_name.len() < 2 {
        format!("{function_name}@lambda_function")
    } else {
        function_name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_character_is_no_session_name() {
        assert_eq!(session_name("f"), "f@lambda_function");
        assert_eq!(session_name("fn"), "fn");
    }
}
