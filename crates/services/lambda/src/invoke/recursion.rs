//! Loops in which functions call themselves: PutFunctionRecursionConfig, GetFunctionRecursionConfig, and what they decide
//! (reference lambda.md 3.7).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse, PutFunctionRecursionConfigRequest,
    PutFunctionRecursionConfigResponse,
};

use crate::error::LambdaError;
use crate::function::latest;
use crate::invoke::lineage::Trace;
use crate::name::FunctionReference;
use crate::service::Lambda;

const ALLOW: &str = "Allow";
const TERMINATE: &str = "Terminate";

/// An event's pass through a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// `X-Amzn-Trace-Id` as the function gets it.
    pub(crate) trace: String,
    /// Whether the function must not be run, as it is one pass too many of a loop.
    pub(crate) is_stopped: bool,
}

impl Lambda {
    pub(crate) async fn put_function_recursion_config(
        &self,
        call: &Arc<Call>,
        input: PutFunctionRecursionConfigRequest,
    ) -> Result<PutFunctionRecursionConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:PutFunctionRecursionConfig", &reference)?;
        self.write(proof, move |state| {
            latest(state, &reference)?;
            let allows = input.recursive_loop == ALLOW;
            state.functions.update(&reference.key(), |function| function.allows_recursion = allows);
            Ok(PutFunctionRecursionConfigResponse { recursive_loop: Some(input.recursive_loop) })
        })
        .await
    }

    pub(crate) fn get_function_recursion_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionRecursionConfigRequest,
    ) -> Result<GetFunctionRecursionConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetFunctionRecursionConfig", &reference)?;
        latest(&self.platform.store.read(), &reference)?;
        let recursive_loop = if self.allows_recursion(&reference) { ALLOW } else { TERMINATE };
        Ok(GetFunctionRecursionConfigResponse { recursive_loop: Some(recursive_loop.to_owned()) })
    }

    /// Counts the call's pass through the function.
    pub(crate) fn pass(&self, call: &Call, reference: &FunctionReference) -> Pass {
        let (entropy, now_ms) = (self.platform.entropy(), self.platform.now_ms());
        let trace = Trace::enter(call.trace.as_deref(), &reference.unqualified_arn(), entropy, now_ms);
        let is_stopped = trace.is_loop() && !self.allows_recursion(reference);
        Pass { trace: trace.header, is_stopped }
    }

    /// The same for an invocation that runs at once: its trace.
    ///
    /// # Errors
    /// [`LambdaError::RecursiveInvocation`] where it is one pass too many.
    pub(crate) fn pass_now(&self, call: &Call, reference: &FunctionReference) -> Result<String, LambdaError> {
        let pass = self.pass(call, reference);
        if pass.is_stopped { Err(LambdaError::RecursiveInvocation) } else { Ok(pass.trace) }
    }

    /// The trace of an event that was accepted without one, by an older version of this program.
    pub(crate) fn new_trace(&self, reference: &FunctionReference) -> String {
        let (entropy, now_ms) = (self.platform.entropy(), self.platform.now_ms());
        Trace::enter(None, &reference.unqualified_arn(), entropy, now_ms).header
    }

    fn allows_recursion(&self, reference: &FunctionReference) -> bool {
        let state = self.platform.store.read();
        state.functions.get(&reference.key()).is_some_and(|function| function.allows_recursion)
    }
}
