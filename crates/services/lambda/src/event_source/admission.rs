//! What the execution role must be allowed on the source (reference lambda.md 4.4): the measured minimum, not the longer
//! list of AWS's guide.
//!
//! Of a queue SQS itself is asked, as the role: the queue's own policy counts, and it must be there. The services of the
//! other sources do not exist here, so the authority is asked on the source's ARN; a policy of the source itself is then
//! nobody's to bring.

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Call, Check};
use rolecall_wire::{Fault, ServiceError, ServiceId};

use crate::error::LambdaError;
use crate::event_source::kind::Kind;
use crate::name::Key;
use crate::service::Lambda;

impl Lambda {
    /// Refuses a source that the function's role may not read.
    pub(super) async fn admit_source(
        &self,
        role: &str,
        function: &Key,
        kind: Kind,
        source: Option<&Arn>,
    ) -> Result<(), ServiceError> {
        let call = self.call_as_role(role, function).await?;
        let Some(source) = source else { return Ok(()) };
        let owner = source.account_id().unwrap_or(function.0);
        let may =
            |action: &str| self.platform.authority.authorize(&call, Check::on(action, source, owner)).is_ok();
        let refusal = match kind {
            Kind::Queue | Kind::FifoQueue => return self.admit_queue(&call, source),
            Kind::Kinesis => missing(&may, "kinesis", &["DescribeStream", "GetRecords", "GetShardIterator"])
                .map(|_| {
                    inaccessible(
                        source,
                        "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams",
                    )
                }),
            Kind::KinesisConsumer => self.lacks_of_consumer(&call, source, owner),
            Kind::DynamoDb => {
                missing(&may, "dynamodb", &["DescribeStream", "GetRecords", "GetShardIterator"]).map(|_| {
                    inaccessible(source, "GetRecords, GetShardIterator, DescribeStream, and ListStreams")
                })
            }
            Kind::Msk if may("kafka:DescribeCluster") || may("kafka:DescribeClusterV2") => {
                missing(&may, "kafka", &["GetBootstrapBrokers"]).map(|action| lacks(action, "Kafka"))
            }
            Kind::Msk => Some(lacks("DescribeCluster", "Kafka")),
            Kind::Mq => missing(&may, "mq", &["DescribeBroker"]).map(|action| lacks(action, "MQ")),
            Kind::DocumentDb => {
                missing(&may, "rds", &["DescribeDBClusters"]).map(|action| lacks(action, "RDS"))
            }
            Kind::Kafka => None,
        };
        refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// AWS reads the queue as the role and tells what comes of it.
    fn admit_queue(&self, call: &Call, queue: &Arn) -> Result<(), ServiceError> {
        for action in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
            let answer = self.platform.consider(ServiceId::Sqs, call, &format!("sqs:{action}"), queue);
            answer.map_err(|error| match error {
                error if error.status == 403 => lacks(action, "SQS").into(),
                error if error.fault == Fault::Sender => told_by_queue(action, &error).into(),
                error => error,
            })?;
        }
        Ok(())
    }

    /// A consumer is read with rights on itself and on its stream.
    fn lacks_of_consumer(&self, call: &Call, consumer: &Arn, owner: AccountId) -> Option<LambdaError> {
        let stream =
            consumer.as_str().split("/consumer/").next().and_then(|stream| stream.parse::<Arn>().ok());
        let stream = stream.unwrap_or_else(|| consumer.clone());
        let may = |action: &str, on: &Arn| {
            self.platform.authority.authorize(call, Check::on(action, on, owner)).is_ok()
        };
        let of_stream = ["DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
        let readable = of_stream.iter().all(|action| may(&format!("kinesis:{action}"), &stream));
        let lacks = !(readable && may("kinesis:SubscribeToShard", consumer));
        lacks.then(|| {
            inaccessible(
                consumer,
                "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams",
            )
        })
    }
}

/// The first of the actions that is not allowed.
fn missing<'a>(may: &impl Fn(&str) -> bool, service: &str, actions: &[&'a str]) -> Option<&'a str> {
    actions.iter().copied().find(|action| !may(&format!("{service}:{action}")))
}

fn lacks(action: &str, service: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "The function execution role does not have permissions to call {action} on {service}"
    ))
}

/// AWS's words where the queue itself refuses. They have the code of SQS's query protocol, which its errors carry in a
/// header.
fn told_by_queue(action: &str, error: &ServiceError) -> LambdaError {
    let query = error.headers.iter().find(|(name, _)| *name == "x-amzn-query-error");
    let code = query.and_then(|(_, value)| value.split(';').next()).unwrap_or(&error.code);
    let message = error.message.as_deref().unwrap_or_default();
    LambdaError::InvalidParameter(format!(
        "Error occurred while {action}. SQS Error Code: {code}. SQS Error Message: {message}"
    ))
}

fn inaccessible(source: &Arn, actions: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "Cannot access stream {source}. Please ensure the role can perform the {actions} Actions on your stream in IAM."
    ))
}
