//! How long a signature is good for. A signed header is good for fifteen minutes either way. A presigned S3 URL is
//! good for as long as it says, a week at most; a presigned URL of another service for as long as it says and at
//! most fifteen minutes (reference iam.md 6.2).

use super::Presented;
use crate::authorization::{Carrier, Rules};
use crate::failure::{AuthFailure, CarrierKind, MAX_SKEW_S};

/// The longest life of a presigned URL, in seconds: seven days.
pub(crate) const MAX_EXPIRES_S: i64 = 7 * 24 * 60 * 60;

/// Checks that `now` lies within the life of the signature; all times in seconds since the epoch.
pub(super) fn check(
    presented: &Presented,
    timestamp: i64,
    rules: Rules,
    now: i64,
) -> Result<Carrier, AuthFailure> {
    let expires_s = presented.expires.as_deref().map(read_expires).transpose()?;
    let lifetime_s = match (rules, expires_s) {
        (Rules::S3, Some(expires_s)) => expires_s,
        (Rules::General, Some(expires_s)) => expires_s.min(MAX_SKEW_S),
        (_, None) => MAX_SKEW_S,
    };
    let carrier = presented.carrier;
    if timestamp > now.saturating_add(MAX_SKEW_S) {
        return Err(AuthFailure::SignatureNotYetCurrent { timestamp, now, carrier });
    }
    if now > timestamp.saturating_add(lifetime_s) {
        return Err(AuthFailure::SignatureExpired { timestamp, now, lifetime_s, carrier });
    }
    Ok(match carrier {
        CarrierKind::Query => Carrier::Query { expires_s: lifetime_s.unsigned_abs() },
        CarrierKind::Header => Carrier::Header,
    })
}

/// Reads `X-Amz-Expires`: digits only, at most a week.
fn read_expires(value: &str) -> Result<i64, AuthFailure> {
    let malformed = |message| AuthFailure::MalformedExpires { message };
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed("X-Amz-Expires should be a number"));
    }
    if value.starts_with('-') {
        return Err(malformed("X-Amz-Expires must be non-negative"));
    }
    match digits.parse::<i64>() {
        Ok(expires_s) if expires_s <= MAX_EXPIRES_S => Ok(expires_s),
        _ => Err(malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
             than 604800 seconds",
        )),
    }
}
