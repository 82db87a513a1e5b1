//! GetSessionToken: temporary credentials for the very user or root user who calls. No policy is asked
//! (reference iam.md 5.6).

use rolecall_authority::{Call, Holder, SessionHolder};
use rolecall_wire::ServiceError;
use rolecall_wire::sts::{GetSessionTokenRequest, GetSessionTokenResponse};

use crate::Sts;
use crate::credentials::issue;
use crate::error::StsError;

/// How long the credentials last where the caller does not say.
const DEFAULT_DURATION_S: i64 = 43_200;

/// How long the credentials of a root user last at most; more that is asked for is cut to this.
const ROOT_MAX_DURATION_S: i64 = 3600;

impl Sts {
    pub(crate) fn get_session_token(
        &self,
        call: &Call,
        input: &GetSessionTokenRequest,
    ) -> Result<GetSessionTokenResponse, ServiceError> {
        if call.caller.session.is_some() {
            return Err(StsError::SessionCaller("GetSessionToken").into());
        }
        if input.serial_number.is_some() || input.token_code.is_some() {
            return Err(StsError::NoMfaDevice.into());
        }
        let holder = self.long_term_holder(call)?;
        let duration_s = duration_of(&holder, input.duration_seconds);
        let credentials = issue(&self.platform, holder, duration_s)?;
        Ok(GetSessionTokenResponse {
            credentials: Some(credentials),
            session_token_utilization: None,
            session_token_size: None,
        })
    }

    /// The user or root user whose long-term key signed.
    pub(crate) fn long_term_holder(&self, call: &Call) -> Result<SessionHolder, StsError> {
        match &call.caller.holder {
            Holder::Root(account) => Ok(SessionHolder::Root { account: *account }),
            Holder::User(account, name) => {
                let state = self.platform.store.read();
                let user = state.users.get(&(*account, name.clone())).ok_or(StsError::NoAccount)?;
                let (user_id, user_name) = (user.id.clone(), user.name.clone());
                Ok(SessionHolder::User { account: *account, user_id, user_name })
            }
            // A role is only ever held by a session; services and the anonymous have no keys.
            Holder::Role(..) | Holder::Anonymous | Holder::Service => Err(StsError::NoAccount),
        }
    }
}

/// How long credentials of the user or root user last that were asked for.
pub(crate) fn duration_of(holder: &SessionHolder, asked_s: Option<i32>) -> i64 {
    let asked_s = asked_s.map_or(DEFAULT_DURATION_S, i64::from);
    if matches!(holder, SessionHolder::Root { .. }) { asked_s.min(ROOT_MAX_DURATION_S) } else { asked_s }
}
