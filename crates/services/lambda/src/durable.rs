//! Durable executions. Rolecall does not have durable functions: a function that asks to be one is refused, and so is
//! an invocation that names an execution. So no durable execution exists, which is what these operations answer, to
//! callers who have the right to know; the list of a function's executions is empty.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Call, Check};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    CheckpointDurableExecutionRequest, DeleteDurableExecutionRequest, GetDurableExecutionHistoryRequest,
    GetDurableExecutionRequest, GetDurableExecutionStateRequest, ListDurableExecutionsByFunctionRequest,
    ListDurableExecutionsByFunctionResponse, PauseDurableExecutionRequest, ResumeDurableExecutionRequest,
    SendDurableExecutionCallbackFailureRequest, SendDurableExecutionCallbackHeartbeatRequest,
    SendDurableExecutionCallbackSuccessRequest, StopDurableExecutionRequest,
};

use crate::error::LambdaError;
use crate::function::of_reference;
use crate::name::FunctionReference;
use crate::service::Lambda;

/// What follows the words for the thing that is missing.
const WHY: &str = "Rolecall does not have durable functions yet, so there is none.";

/// An operation on one durable execution.
pub(crate) trait OnExecution {
    /// The action.
    const ACTION: &'static str;
    /// Whether AWS answers that the execution is not found; the others call the parameter invalid.
    const KNOWS_NOT_FOUND: bool = true;

    /// The ARN of the execution.
    fn arn(&self) -> &str;
}

macro_rules! on_execution {
    ($($request:ty => $action:literal $(, $not_found:literal)?;)*) => {$(
        impl OnExecution for $request {
            const ACTION: &'static str = concat!("lambda:", $action);
            $(const KNOWS_NOT_FOUND: bool = $not_found;)?

            fn arn(&self) -> &str {
                &self.durable_execution_arn
            }
        }
    )*};
}

// Delete, Pause and Resume stand in no list of AWS's actions; theirs are named like the operations
// (reference lambda.md 1.1).
on_execution! {
    GetDurableExecutionRequest => "GetDurableExecution";
    GetDurableExecutionHistoryRequest => "GetDurableExecutionHistory";
    GetDurableExecutionStateRequest => "GetDurableExecutionState", false;
    CheckpointDurableExecutionRequest => "CheckpointDurableExecution", false;
    StopDurableExecutionRequest => "StopDurableExecution";
    PauseDurableExecutionRequest => "PauseDurableExecution";
    ResumeDurableExecutionRequest => "ResumeDurableExecution";
    DeleteDurableExecutionRequest => "DeleteDurableExecution";
}

/// An operation on the execution that waits for a callback.
pub(crate) trait OnCallback {
    /// The action.
    const ACTION: &'static str;
}

impl OnCallback for SendDurableExecutionCallbackSuccessRequest {
    const ACTION: &'static str = "lambda:SendDurableExecutionCallbackSuccess";
}

impl OnCallback for SendDurableExecutionCallbackFailureRequest {
    const ACTION: &'static str = "lambda:SendDurableExecutionCallbackFailure";
}

impl OnCallback for SendDurableExecutionCallbackHeartbeatRequest {
    const ACTION: &'static str = "lambda:SendDurableExecutionCallbackHeartbeat";
}

impl Lambda {
    /// An operation on a durable execution: the answer is always an error.
    pub(crate) fn on_execution<R: OnExecution>(&self, call: &Call, input: &R) -> ServiceError {
        match self.no_execution::<R>(call, input.arn()) {
            Ok(error) => error.into(),
            Err(error) => error,
        }
    }

    fn no_execution<R: OnExecution>(&self, call: &Call, text: &str) -> Result<LambdaError, ServiceError> {
        let invalid =
            || LambdaError::InvalidParameter(format!("'{text}' is not the ARN of a durable execution."));
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let (function, _) = text.split_once("/durable-execution/").ok_or_else(invalid)?;
        let owner = arn.account_id().ok_or_else(invalid)?;
        let state = self.platform.store.read();
        let mut check = Check::on(R::ACTION, &arn, owner);
        let reference = FunctionReference::parse(function, None, &Self::home(call))?;
        if let Some(function) = state.functions.get(&reference.key()) {
            check = check.resource_tags(&function.tags);
        }
        self.authorize(call, check)?;
        let text = format!("Durable execution not found: {arn}. {WHY}");
        Ok(if R::KNOWS_NOT_FOUND { LambdaError::NotFound(text) } else { LambdaError::InvalidParameter(text) })
    }

    /// An operation on a callback. On AWS the resource is the execution that the callback belongs to; as there is none,
    /// only a right on everything can be the right one.
    pub(crate) fn on_callback<R: OnCallback>(&self, call: &Call, _input: &R) -> ServiceError {
        match self.authorize(call, Check::on_all(R::ACTION)) {
            Ok(_) => LambdaError::NotFound(format!("Callback not found. {WHY}")).into(),
            Err(denial) => denial,
        }
    }

    pub(crate) fn list_durable_executions_by_function(
        &self,
        call: &Arc<Call>,
        input: ListDurableExecutionsByFunctionRequest,
    ) -> Result<ListDurableExecutionsByFunctionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:ListDurableExecutionsByFunction", &reference)?;
        of_reference(&self.platform.store.read(), &reference)?;
        Ok(ListDurableExecutionsByFunctionResponse {
            durable_executions: Some(Vec::new()),
            next_marker: None,
        })
    }
}
