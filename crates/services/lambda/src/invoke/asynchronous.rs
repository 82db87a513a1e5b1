//! InvokeAsync, the older form of an asynchronous invocation. Its right is that of Invoke: a grant of
//! `lambda:InvokeAsync` alone gives nothing (reference lambda.md 9-6).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{InvokeAsyncRequest, InvokeAsyncResponse};

use crate::invoke::payload::{EMPTY_EVENT, check_older_event};
use crate::invoke::queue::Accepted;
use crate::invoke::target::choose;
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn invoke_async(
        &self,
        call: &Arc<Call>,
        input: InvokeAsyncRequest,
    ) -> Result<InvokeAsyncResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_invocation(call, &reference)?;
        let record = choose(&self.platform.store.read(), &reference, self.platform.entropy())?;
        let payload = if input.invoke_args.is_empty() { EMPTY_EVENT.into() } else { input.invoke_args };
        check_older_event(&payload)?;
        crate::function::require_runnable(&record)?;
        let event = Accepted { payload, client_context: None, pass: self.pass(call, &reference, &record) };
        self.accept(proof, call.request_id.clone(), &reference, event).await?;
        Ok(InvokeAsyncResponse { status: Some(202) })
    }
}
