//! The checks of this service. No action of X-Ray that is built here has a resource: only `Resource: "*"` covers it.

use rolecall_authority::{Authorized, Call, Check};
use rolecall_service::denied;
use rolecall_store::TraceOwner;
use rolecall_wire::{ServiceError, ServiceId};

use crate::XRay;
use crate::error::XRayError;

impl XRay {
    /// Asks the authority, and gives a denial this service's form.
    pub(crate) fn authorize(&self, call: &Call, action: &str) -> Result<Authorized, ServiceError> {
        let checked = self.platform.authority.authorize(call, Check::on_all(action));
        checked.map_err(|refused| denied(ServiceId::Xray, &refused))
    }

    /// The account and region whose traces the call is about.
    pub(crate) fn owner(call: &Call) -> Result<TraceOwner, XRayError> {
        let account = call.caller.account().ok_or_else(|| XRayError::NoAccount(call.caller.arn()))?;
        Ok((account, call.region.clone()))
    }
}
