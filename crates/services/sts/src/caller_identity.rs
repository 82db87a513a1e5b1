//! GetCallerIdentity: allowed for everybody who is authenticated, whatever policies say (reference iam.md 5.6).

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::sts::GetCallerIdentityResponse;

use crate::error::StsError;

/// Who makes the call.
pub(crate) fn of(call: &Call) -> Result<GetCallerIdentityResponse, ServiceError> {
    let account = call.caller.account().ok_or(StsError::NoAccount)?;
    Ok(GetCallerIdentityResponse {
        user_id: Some(call.caller.user_id()),
        account: Some(account.to_string()),
        arn: Some(call.caller.arn()),
    })
}
