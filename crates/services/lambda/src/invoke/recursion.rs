//! Loops in which functions call themselves: PutFunctionRecursionConfig, GetFunctionRecursionConfig, and what they decide
//! (reference lambda.md 3.7).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse, PutFunctionRecursionConfigRequest,
    PutFunctionRecursionConfigResponse,
};

use crate::error::LambdaError;
use crate::function::latest;
use crate::invoke::lineage::Trace;
use crate::invoke::segments::EventTrace;
use crate::invoke::trace_header::TraceHeader;
use crate::name::FunctionReference;
use crate::service::Lambda;

const ALLOW: &str = "Allow";
const TERMINATE: &str = "Terminate";

/// An event's pass through a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The trace header at the function's door.
    pub(crate) trace: TraceHeader,
    /// The segment that called, where the call named one.
    pub(crate) upstream: Option<String>,
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
    pub(crate) fn pass(&self, call: &Call, reference: &FunctionReference, version: &FunctionVersion) -> Pass {
        let (entropy, now_ms) = (self.platform.entropy(), self.platform.now_ms());
        let samples = || is_active(version) && self.parts.sampler.samples(&reference.key(), now_ms, entropy);
        let arn = reference.unqualified_arn();
        let trace = Trace::enter(call.trace.as_deref(), &arn, entropy, now_ms, samples);
        let is_stopped = trace.is_loop() && !self.allows_recursion(reference);
        Pass { trace: trace.header, upstream: trace.upstream, is_stopped }
    }

    /// The same for an invocation that runs at once: its trace.
    ///
    /// # Errors
    /// [`LambdaError::RecursiveInvocation`] where it is one pass too many.
    pub(crate) fn pass_now(
        &self,
        call: &Call,
        reference: &FunctionReference,
        version: &FunctionVersion,
    ) -> Result<EventTrace, LambdaError> {
        let pass = self.pass(call, reference, version);
        if pass.is_stopped {
            return Err(LambdaError::RecursiveInvocation);
        }
        call.answer_trace(pass.trace.to_text());
        let (header, upstream) = (pass.trace, pass.upstream);
        Ok(EventTrace { header, upstream, received_ms: call.time_ms, attempt: None })
    }

    /// The trace of an event that was accepted without one, by an older version of this program.
    pub(crate) fn new_trace(&self, reference: &FunctionReference) -> TraceHeader {
        let (entropy, now_ms) = (self.platform.entropy(), self.platform.now_ms());
        Trace::enter(None, &reference.unqualified_arn(), entropy, now_ms, || false).header
    }

    fn allows_recursion(&self, reference: &FunctionReference) -> bool {
        let state = self.platform.store.read();
        state.functions.get(&reference.key()).is_some_and(|function| function.allows_recursion)
    }
}

/// Whether Lambda itself decides to trace invocations of the version.
fn is_active(version: &FunctionVersion) -> bool {
    version.tracing_mode == "Active"
}
