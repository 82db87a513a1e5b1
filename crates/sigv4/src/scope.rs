//! Whether a credential is scoped to the service, region and day that it is used for. A key that was derived for one
//! service must not open another (mistake 24).

use crate::authorization::{Authorization, Carrier};
use crate::failure::{AuthFailure, CarrierKind, ScopeMistakes};

/// The last part of every credential scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

impl From<Carrier> for CarrierKind {
    fn from(carrier: Carrier) -> Self {
        match carrier {
            Carrier::Header => Self::Header,
            Carrier::Query { .. } => Self::Query,
        }
    }
}

/// Checks the whole scope: region, service, terminator and date, in AWS's order and in one message (reference
/// iam.md 6.3, row 12). `regions` are the ones that this endpoint serves; the first is named in messages.
///
/// # Errors
/// [`AuthFailure::WrongScope`] with everything that is wrong.
pub fn check_scope(
    authorization: &Authorization,
    expected_service: &str,
    regions: &[&str],
) -> Result<(), AuthFailure> {
    let scope = &authorization.scope;
    let mut mistakes = day_and_terminator(authorization);
    if !regions.contains(&scope.region.as_str()) {
        let expected = regions.first().copied().unwrap_or_default();
        mistakes.region = Some((scope.region.clone(), expected.to_owned()));
    }
    if scope.service != expected_service {
        mistakes.service = Some((scope.service.clone(), expected_service.to_owned()));
    }
    refuse(authorization, mistakes)
}

/// Checks what needs no knowledge of the endpoint. [`verify`](crate::verify) does it again, so that a caller who
/// forgets [`check_scope`] accepts no signature of another day.
pub(crate) fn check_day_and_terminator(authorization: &Authorization) -> Result<(), AuthFailure> {
    refuse(authorization, day_and_terminator(authorization))
}

fn day_and_terminator(authorization: &Authorization) -> ScopeMistakes {
    let date = &authorization.scope.date;
    let time = &authorization.timestamp_text;
    ScopeMistakes {
        terminator: (authorization.terminator != TERMINATOR).then(|| authorization.terminator.clone()),
        date: (time.get(..8) != Some(date)).then(|| (date.clone(), time.clone())),
        ..ScopeMistakes::default()
    }
}

fn refuse(authorization: &Authorization, mistakes: ScopeMistakes) -> Result<(), AuthFailure> {
    if mistakes == ScopeMistakes::default() {
        return Ok(());
    }
    Err(AuthFailure::WrongScope { mistakes: Box::new(mistakes), carrier: authorization.carrier.into() })
}
