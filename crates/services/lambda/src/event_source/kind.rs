//! The kinds of event sources, and which parameters each has.

use rolecall_arn::Arn;

use crate::error::LambdaError;

/// What a mapping reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A queue of SQS.
    Queue,
    /// A FIFO queue of SQS.
    FifoQueue,
    /// A stream of Kinesis.
    Kinesis,
    /// An enhanced fan-out consumer of a Kinesis stream.
    KinesisConsumer,
    /// A stream of a DynamoDB table.
    DynamoDb,
    /// A cluster of Amazon MSK.
    Msk,
    /// Kafka that somebody else runs.
    Kafka,
    /// A broker of Amazon MQ.
    Mq,
    /// A cluster of Amazon DocumentDB.
    DocumentDb,
}

impl Kind {
    /// The kind of a source by its ARN.
    pub(super) fn of_arn(arn: &Arn) -> Result<Self, LambdaError> {
        let resource = arn.resource();
        Ok(match arn.service() {
            "sqs" if resource.ends_with(".fifo") => Kind::FifoQueue,
            "sqs" if !resource.is_empty() => Kind::Queue,
            "kinesis" if resource.starts_with("stream/") && resource.contains("/consumer/") => {
                Kind::KinesisConsumer
            }
            "kinesis" if resource.starts_with("stream/") => Kind::Kinesis,
            "dynamodb" if resource.starts_with("table/") && resource.contains("/stream/") => Kind::DynamoDb,
            "kafka" if resource.starts_with("cluster/") || resource.starts_with("vpc-connection/") => {
                Kind::Msk
            }
            "mq" if resource.starts_with("broker:") => Kind::Mq,
            "rds" if resource.starts_with("cluster:") => Kind::DocumentDb,
            _ => return Err(unrecognized()),
        })
    }

    pub(super) fn is_queue(self) -> bool {
        matches!(self, Kind::Queue | Kind::FifoQueue)
    }

    /// Streams with shards.
    pub(super) fn is_stream(self) -> bool {
        matches!(self, Kind::Kinesis | Kind::KinesisConsumer | Kind::DynamoDb)
    }

    pub(super) fn is_kafka(self) -> bool {
        matches!(self, Kind::Msk | Kind::Kafka)
    }

    /// Whether a new mapping must say where it begins.
    pub(super) fn needs_starting_position(self) -> bool {
        self.is_stream() || self == Kind::Msk || self == Kind::DocumentDb
    }

    /// Whether a mapping may say where it begins.
    pub(super) fn has_starting_position(self) -> bool {
        self.needs_starting_position() || self == Kind::Kafka
    }

    /// How many records a batch has where nothing is said.
    pub(super) fn default_batch_size(self) -> i32 {
        if self.is_queue() { 10 } else { 100 }
    }

    /// How many records a batch may have.
    pub(super) fn max_batch_size(self) -> i32 {
        if self == Kind::FifoQueue { 10 } else { 10_000 }
    }
}

/// The refusal of a source that Lambda cannot read from.
pub(super) fn unrecognized() -> LambdaError {
    LambdaError::InvalidParameter("Unrecognized event source.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_recognised_by_its_arn() {
        for (resource, kind) in [
            ("sqs:us-east-1:111122223333:q", Some(Kind::Queue)),
            ("sqs:us-east-1:111122223333:q.fifo", Some(Kind::FifoQueue)),
            ("kinesis:us-east-1:111122223333:stream/s", Some(Kind::Kinesis)),
            ("kinesis:us-east-1:111122223333:stream/s/consumer/c:1", Some(Kind::KinesisConsumer)),
            ("dynamodb:us-east-1:111122223333:table/t/stream/2026", Some(Kind::DynamoDb)),
            ("dynamodb:us-east-1:111122223333:table/t", None),
            ("kafka:us-east-1:111122223333:cluster/c/id", Some(Kind::Msk)),
            ("mq:us-east-1:111122223333:broker:b:id", Some(Kind::Mq)),
            ("rds:us-east-1:111122223333:cluster:c", Some(Kind::DocumentDb)),
            ("s3:::b", None),
        ] {
            let arn: Arn = format!("arn:aws:{resource}").parse().unwrap();
            assert_eq!(Kind::of_arn(&arn).ok(), kind, "{resource}");
        }
    }
}
