//! What has to be refused, one test for each line of the checklist of mistakes in verifiers of Signature Version 4.

mod content;
mod credentials;
mod headers;
mod times;

use rolecall_sigv4::{AuthFailure, Rules};

use crate::signed::{presigned, signed};
use crate::support::Request;

const GENERAL: Rules = Rules::General;
const S3: Rules = Rules::S3;

/// Asserts that the request is refused for a reason that `pattern` matches.
#[macro_export]
macro_rules! assert_refused {
    ($request:expr, $pattern:pat $(if $guard:expr)?) => {
        let request: &$crate::support::Request = &$request;
        match request.authenticate() {
            Err($pattern) $(if $guard)? => {}
            other => panic!(
                "{} instead of {}: {request:?}",
                $crate::refusals::describe(other.map(drop)),
                stringify!($pattern)
            ),
        }
    };
}

pub fn describe(outcome: Result<(), AuthFailure>) -> String {
    match outcome {
        Ok(()) => "accepted".to_owned(),
        Err(failure) => format!("{failure:?}"),
    }
}

/// `edit` applied to a well-signed request.
fn spoilt(rules: Rules, edit: impl FnOnce(&mut Request)) -> Request {
    let mut request = signed(rules);
    request.authenticate().unwrap();
    edit(&mut request);
    request
}

fn spoilt_url(rules: Rules, edit: impl FnOnce(&mut Request)) -> Request {
    let mut request = presigned(rules, false);
    request.authenticate().unwrap();
    edit(&mut request);
    request
}
