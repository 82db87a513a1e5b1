//! TracingConfig: who decides that an invocation is traced, and whether the role may record it.
//!
//! The guide names the permission for run time only (reference lambda.md 4.3), but many public reports show AWS
//! refusing active tracing at configuration with the words below, for a role that may not call PutTraceSegments. So it is
//! asked here, and by X-Ray itself again at every call. PutTelemetryRecords is in no such report, and is not asked for.

use rolecall_wire::lambda::TracingConfig;
use rolecall_wire::xray::{Input, PutTraceSegmentsRequest};
use rolecall_wire::{Fault, ServiceError};

use crate::error::{LambdaError, SERVICE};
use crate::invoke::RoleSession;
use crate::name::Key;
use crate::service::Lambda;

/// The caller decides.
pub(crate) const PASS_THROUGH: &str = "PassThrough";
/// Lambda decides where the caller has not.
pub(crate) const ACTIVE: &str = "Active";

/// The mode that a request asks for.
pub(crate) fn mode(config: Option<&TracingConfig>) -> Option<&str> {
    config.and_then(|config| config.mode.as_deref())
}

impl Lambda {
    /// Refuses active tracing where the role may not record it.
    pub(crate) async fn admit_tracing(
        &self,
        role: &str,
        function: &Key,
        mode: Option<&str>,
    ) -> Result<(), ServiceError> {
        if mode != Some(ACTIVE) {
            return Ok(());
        }
        let mut session = RoleSession::new(self.platform.clone(), role.to_owned(), function.clone());
        // Without a document X-Ray looks at the right alone, and then has nothing to record.
        match session.call(Input::PutTraceSegments(PutTraceSegmentsRequest::default())).await {
            Err(error) if error.code == "AccessDeniedException" => {
                let text =
                    "The provided execution role does not have permissions to call PutTraceSegments on XRAY";
                Err(LambdaError::InvalidParameter(text.to_owned()).into())
            }
            Err(error) if error.fault == Fault::Receiver => Err(rolecall_service::internal(SERVICE, error)),
            _ => Ok(()),
        }
    }
}
