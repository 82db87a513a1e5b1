//! Whether the execution role may tell a destination or a dead-letter queue: asked when it is configured, and again by
//! the other service at every delivery (reference lambda.md 4.6).

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Call, Check, Origin};
use rolecall_store::State;
use rolecall_wire::lambda::DestinationConfig;
use rolecall_wire::s3::{HeadBucketRequest, Input as S3Input};
use rolecall_wire::{Fault, ServiceError, ServiceId};

use crate::error::LambdaError;
use crate::event::destination::{Destination, invalid, named, require_other_function};
use crate::function::{of_reference, update_in_progress};
use crate::name::{FunctionReference, Key};
use crate::role::delivery_caller;
use crate::service::Lambda;

impl Lambda {
    /// Refuses destinations that cannot be, that the execution role may not tell, or whose service does not exist here.
    /// Answers for which role they were admitted, where there are any.
    pub(crate) async fn admit_destinations(
        &self,
        reference: &FunctionReference,
        config: &DestinationConfig,
    ) -> Result<Option<AdmittedRole>, ServiceError> {
        let destinations = named(config)?;
        if destinations.is_empty() {
            return Ok(None);
        }
        let role = of_reference(&self.platform.store.read(), reference)?.0.role.clone();
        let call = self.call_as_role(&role, &reference.key()).await?;
        for (arn, destination) in destinations {
            self.admit(&call, &arn, &destination, reference).await?;
        }
        Ok(Some(AdmittedRole(role)))
    }

    /// A call that Lambda makes with the execution role, for itself: without `lambda:SourceFunctionArn` (reference
    /// lambda.md 4.5).
    pub(crate) async fn call_as_role(&self, role: &str, function: &Key) -> Result<Call, ServiceError> {
        let caller = delivery_caller(&self.platform, role, function).await?;
        let origin = Origin::Service { source_arn: None, source_account: None };
        Ok(self.platform.service_call(caller, function.1.clone(), origin))
    }

    async fn admit(
        &self,
        call: &Call,
        arn: &str,
        destination: &Destination,
        source: &FunctionReference,
    ) -> Result<(), ServiceError> {
        match destination {
            Destination::Function(function) => {
                let allowed = self.authorize_function(call, "lambda:InvokeFunction", function);
                allowed.map_err(|_| not_permitted("InvokeFunction", arn))?;
                Ok(require_other_function(&self.platform.store.read(), arn, function, source)?)
            }
            Destination::Bucket(bucket) => self.admit_bucket(call, arn, bucket, source).await,
            Destination::Queue(queue) => {
                let refusal = not_permitted("SendMessage", "SQS");
                self.require_telling(call, ServiceId::Sqs, "sqs:SendMessage", queue, refusal)?;
                Ok(require_standard(queue, arn)?)
            }
            Destination::Topic(topic) => {
                let refusal = not_permitted("Publish", "SNS");
                self.require_telling(call, ServiceId::Sns, "sns:Publish", topic, refusal)?;
                Ok(require_standard(topic, arn)?)
            }
            Destination::EventBus(bus) => {
                self.require_permission(
                    call,
                    bus,
                    "events:PutEvents",
                    not_permitted("PutEvents", "EventBridge"),
                )?;
                Err(LambdaError::not_built(
                    "the event buses of EventBridge, so that none can be a destination",
                )
                .into())
            }
        }
    }

    /// AWS wants the right to list the bucket, beside that to write. S3 itself says whether the role has them.
    async fn admit_bucket(
        &self,
        call: &Call,
        arn: &str,
        bucket: &str,
        source: &FunctionReference,
    ) -> Result<(), ServiceError> {
        let look = HeadBucketRequest {
            bucket: bucket.to_owned(),
            expected_bucket_owner: Some(source.account.as_str().to_owned()),
        };
        let own = self.platform.service_call(call.caller.clone(), call.region.clone(), call.origin.clone());
        match self.platform.call(&Arc::new(own), S3Input::HeadBucket(look)).await {
            Ok(_) => {}
            Err(error) if error.status == 403 => return Err(not_permitted("ListBucket", "S3").into()),
            Err(error) if error.fault == Fault::Sender => return Err(invalid(arn).into()),
            Err(error) => return Err(error),
        }
        let objects: Arn = format!("arn:aws:s3:::{bucket}/aws/lambda/async/{}/*", source.name)
            .parse()
            .map_err(|_| invalid(arn))?;
        match self.platform.consider(ServiceId::S3, call, "s3:PutObject", &objects) {
            Err(error) if error.status == 403 => Err(not_permitted("PutObject", "S3").into()),
            answer => answer,
        }
    }

    /// Refuses a queue or topic that the role may not tell, as its service decides it with the target's own policy.
    ///
    /// Whether the target is there is not asked: on AWS an event bus need not be, and of queues and topics nothing is
    /// known (reference lambda.md 4.6). A grant of the target's own policy needs the target.
    pub(crate) fn require_telling(
        &self,
        call: &Call,
        service: ServiceId,
        action: &str,
        target: &Arn,
        refusal: LambdaError,
    ) -> Result<(), ServiceError> {
        // It is told in its own region.
        let region = target.region().parse().map_err(|_| invalid(target.as_str()))?;
        let there = self.platform.service_call(call.caller.clone(), region, call.origin.clone());
        match self.platform.consider(service, &there, action, target) {
            Err(error) if error.status == 403 => Err(refusal.into()),
            Err(error) if error.fault == Fault::Receiver => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Whether the role may do the action, as far as its own policies say it.
    fn require_permission(
        &self,
        call: &Call,
        target: &Arn,
        action: &str,
        refusal: LambdaError,
    ) -> Result<(), ServiceError> {
        let Some(owner) = target.account_id() else { return Err(invalid(target.as_str()).into()) };
        self.authorize(call, Check::on(action, target, owner)).map_err(|_| refusal)?;
        Ok(())
    }
}

/// The execution role that was found to have the rights which something needs.
pub(crate) struct AdmittedRole(pub(crate) String);

impl AdmittedRole {
    /// Refuses what was admitted for another role than the function has when it is written.
    ///
    /// # Errors
    /// AWS's words for a function that is being changed.
    pub(crate) fn require_current(
        &self,
        state: &State,
        function: &FunctionReference,
    ) -> Result<(), LambdaError> {
        let is_current = of_reference(state, function)?.0.role == self.0;
        if is_current { Ok(()) } else { Err(update_in_progress(&function.key())) }
    }
}

/// AWS's words for a destination that the role may not tell.
fn not_permitted(action: &str, service: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "The function execution role does not have permissions to call {action} on {service}"
    ))
}

/// Refuses what keeps an order.
fn require_standard(target: &Arn, arn: &str) -> Result<(), LambdaError> {
    if target.resource().ends_with(".fifo") { Err(invalid(arn)) } else { Ok(()) }
}
