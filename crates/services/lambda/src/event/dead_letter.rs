//! The dead-letter queue of a function: what is checked when it is configured (reference lambda.md 4.6).

use rolecall_arn::Arn;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::DeadLetterConfig;

use crate::error::LambdaError;
use crate::name::Key;
use crate::service::Lambda;

impl Lambda {
    /// Takes a request that names no dead-letter queue, or clears it with an empty name. A queue or topic is refused after
    /// AWS's own check, as neither service exists here: an event that is promised to one would be lost.
    ///
    /// # Errors
    /// AWS's words where the role may not send, or that Rolecall does not have the service.
    pub(crate) async fn admit_dead_letter(
        &self,
        role: &str,
        function: &Key,
        config: Option<&DeadLetterConfig>,
    ) -> Result<(), ServiceError> {
        let target = config.and_then(|config| config.target_arn.as_deref());
        let Some(target) = target.filter(|target| !target.is_empty()) else { return Ok(()) };
        let (arn, action, call_name, service) = read(target)?;
        let call = self.call_as_role(role, function).await?;
        let refusal = LambdaError::InvalidParameter(format!(
            "The provided execution role does not have permissions to call {call_name} on {service}"
        ));
        self.require_permission(&call, &arn, action, refusal)?;
        Err(LambdaError::not_built(&format!("Amazon {service}, so that it cannot be a dead-letter queue"))
            .into())
    }
}

fn read(target: &str) -> Result<(Arn, &'static str, &'static str, &'static str), LambdaError> {
    let invalid =
        || LambdaError::InvalidParameter(format!("The dead-letter target ARN {target} is invalid."));
    let arn: Arn = target.parse().map_err(|_| invalid())?;
    match arn.service() {
        _ if arn.resource().ends_with(".fifo") => Err(invalid()),
        "sqs" => Ok((arn, "sqs:SendMessage", "SendMessage", "SQS")),
        "sns" => Ok((arn, "sns:Publish", "Publish", "SNS")),
        _ => Err(invalid()),
    }
}
