//! The making of temporary credentials, whosever they are.

use rolecall_arn::UniqueIdKind;
use rolecall_authority::{Session, SessionHolder};
use rolecall_service::{Platform, internal};
use rolecall_store::Secret;
use rolecall_wire::sts::Credentials;
use rolecall_wire::{Sensitive, ServiceError, ServiceId, Timestamp};

/// Makes a session of the holder that lasts the given number of seconds from now, and its token.
pub(crate) fn issue(
    platform: &Platform,
    holder: SessionHolder,
    duration_s: i64,
) -> Result<Credentials, ServiceError> {
    let issued_ms = platform.now_ms();
    let session = Session {
        access_key_id: platform.entropy().unique_id(UniqueIdKind::TemporaryAccessKey).to_string(),
        secret: Secret::new(platform.entropy().secret_access_key()),
        issued_ms,
        expires_ms: issued_ms + duration_s * 1000,
        holder,
    };
    let issued = platform.authority.issue(session);
    let issued =
        issued.ok_or_else(|| internal(ServiceId::Sts, "a session could not be written into a token"))?;
    Ok(Credentials {
        access_key_id: Some(issued.session.access_key_id),
        secret_access_key: Some(Sensitive::new(issued.session.secret.expose().to_owned())),
        session_token: Some(Sensitive::new(issued.token.expose().to_owned())),
        expiration: Some(Timestamp(issued.session.expires_ms)),
    })
}
