//! DecodeAuthorizationMessage: what the encoded message of a denial says (reference iam.md 5.14).

use rolecall_authority::{Call, Check};
use rolecall_service::denied;
use rolecall_wire::sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use rolecall_wire::{ServiceError, ServiceId};

use crate::Sts;
use crate::error::StsError;

impl Sts {
    /// Whoever may decode messages may decode all that were told to callers of the account.
    pub(crate) fn decode_authorization_message(
        &self,
        call: &Call,
        input: &DecodeAuthorizationMessageRequest,
    ) -> Result<DecodeAuthorizationMessageResponse, ServiceError> {
        let authority = &self.platform.authority;
        let account = call.caller.account().ok_or(StsError::NoAccount)?;
        let check = Check::on_all("sts:DecodeAuthorizationMessage");
        authority.authorize(call, check).map_err(|refused| denied(ServiceId::Sts, &refused))?;
        let message = authority.decode_message(&input.encoded_message, account);
        let message = message.ok_or(StsError::InvalidMessage)?;
        Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(message) })
    }
}
