//! The execution role as Lambda uses it in behalf of a function's code, for logs and traces: a session that is renewed,
//! and calls that carry `lambda:SourceFunctionArn` (reference lambda.md 4.5).

use std::sync::Arc;

use rolecall_authority::{Call, Caller, Origin};
use rolecall_service::Platform;
use rolecall_wire::{AnyInput, AnyOutput, Sensitive, ServiceError};

use crate::name::{Key, function_arn};
use crate::role::assume;

/// How long a writer rests after a refusal, in milliseconds, unless some policy is changed before.
const REST_MS: i64 = 60_000;

/// The role of one function.
pub(crate) struct RoleSession {
    pub(crate) platform: Arc<Platform>,
    role: String,
    function: Key,
    /// The session's token.
    token: Option<Sensitive<String>>,
}

impl RoleSession {
    /// A role that nobody has assumed yet.
    pub(crate) fn new(platform: Arc<Platform>, role: String, function: Key) -> Self {
        RoleSession { platform, role, function, token: None }
    }

    /// Calls another service as the role.
    ///
    /// # Errors
    /// The other service's refusal, or why the role cannot be assumed.
    pub(crate) async fn call(&mut self, input: impl Into<AnyInput>) -> Result<AnyOutput, ServiceError> {
        let caller = self.caller().await?;
        let origin = Origin::Service { source_arn: None, source_account: None };
        let mut call: Call = self.platform.service_call(caller, self.function.1.clone(), origin);
        call.source_function_arn = Some(function_arn(&self.function, None).to_string());
        self.platform.call(&Arc::new(call), input).await
    }

    /// The role in a session that is still good.
    async fn caller(&mut self) -> Result<Caller, ServiceError> {
        let known = self.token.as_ref().and_then(|token| self.platform.authority.session_caller(token));
        if let Some(caller) = known {
            return Ok(caller);
        }
        let session = assume(&self.platform, &self.role, &self.function, None).await?;
        let token = session.session_token.unwrap_or_default();
        let caller = self.platform.authority.session_caller(&token);
        self.token = Some(token);
        caller.ok_or_else(|| ServiceError::new(403, "AccessDenied", "The execution role is gone."))
    }
}

/// After a refusal nothing is tried again that has to fail again.
#[derive(Default)]
pub(crate) struct Rest(Option<Resting>);

struct Resting {
    until_ms: i64,
    /// The generation of the policies that refused.
    policy_generation: u64,
}

impl Rest {
    /// Whether it goes on.
    pub(crate) fn goes_on(&self, platform: &Platform) -> bool {
        self.0.as_ref().is_some_and(|resting| {
            platform.now_ms() < resting.until_ms
                && platform.store.read().policy_generation() == resting.policy_generation
        })
    }

    /// A rest that begins now, after an attempt under the policies of this generation.
    pub(crate) fn begin(platform: &Platform, policy_generation: u64) -> Self {
        Rest(Some(Resting { until_ms: platform.now_ms() + REST_MS, policy_generation }))
    }
}
