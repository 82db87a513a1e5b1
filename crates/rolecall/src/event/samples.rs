//! The table of sample events. Each is a JSON file beside this one, written from what AWS documents of the event's shape;
//! what stands in double braces is filled in (see [`super::fill`]).

/// A sample event.
pub(super) struct Sample {
    /// The name on the command line.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// The event with places to fill.
    pub template: &'static str,
}

macro_rules! samples {
    ($($name:literal: $about:literal,)*) => {
        /// All sample events.
        pub(super) const SAMPLES: &[Sample] = &[$(Sample {
            name: $name,
            about: $about,
            template: include_str!(concat!("samples/", $name, ".json")),
        }),*];
    };
}

samples! {
    "s3-put": "S3: an object was stored (--bucket, --key, --body)",
    "s3-delete": "S3: an object was deleted (--bucket, --key)",
    "sqs": "SQS: a message of a queue, through an event source mapping (--name, --body)",
    "sns": "SNS: a message of a topic (--name, --body)",
    "eventbridge": "EventBridge: an event of your own that a rule matched (--name, --body)",
    "scheduled": "EventBridge: the time of a scheduled rule has come (--name)",
    "api-gateway-v1": "API Gateway: a REST API's proxy request (--key for the path, --body)",
    "api-gateway-v2": "API Gateway: an HTTP API's request, payload format 2.0 (--key for the path, --body)",
    "authorizer": "API Gateway: the request of a token authorizer (--key for the path, --body for the token)",
    "function-url": "Lambda: a request to a function URL (--key for the path, --body)",
    "alb": "Application Load Balancer: a request (--name, --key for the path, --body)",
    "kinesis": "Kinesis: a record of a stream (--name, --key, --body)",
    "firehose": "Data Firehose: records to transform (--name, --body)",
    "kafka": "Managed Kafka: a record of a topic (--name, --key, --body)",
    "dynamodb": "DynamoDB: two changes of a table's item (--name, --key, --body)",
    "cloudwatch-logs": "CloudWatch Logs: events of a subscribed log group (--name, --body)",
    "cognito": "Cognito: the trigger before a sign-up (--name for the user)",
    "codecommit": "CodeCommit: a branch was pushed (--name, --body for the trigger's data)",
    "cloudformation": "CloudFormation: a custom resource is to be made (--name, --body)",
    "config": "AWS Config: the time to evaluate a scheduled rule (--name)",
    "ses": "SES: a mail has come (--name for whom, --body for the subject)",
    "iot": "IoT: a button was clicked (--name, --body)",
    "lex": "Lex V2: an intent is to be fulfilled (--name, --body for what was said)",
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::event::sample;

    /// The sample as the command line makes it.
    fn made(arguments: &[&str]) -> serde_json::Value {
        let line = ["rolecall", "event"].iter().chain(arguments);
        let Command::Event(options) = Cli::parse_from(line).command else { panic!("not event") };
        sample(options.event.as_deref().unwrap(), options.region.as_str(), &options.sample).unwrap()
    }

    #[test]
    fn every_sample_is_filled_to_the_last_place() {
        for Sample { name, .. } in SAMPLES {
            let text = made(&[name]).to_string();
            assert!(text.len() > 20 && !text.contains("{{"), "{name}: {text}");
        }
    }

    #[test]
    fn an_object_of_s3_is_as_s3_would_tell_of_it() {
        let arguments = ["s3-put", "--bucket", "photos", "--key", "a b/ü.jpg", "--body", "hello"];
        let event = made(&arguments);
        let record = &event["Records"][0];
        assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::photos");
        assert_eq!(record["s3"]["object"]["key"], "a+b/%C3%BC.jpg");
        assert_eq!(record["s3"]["object"]["size"], 5);
        assert_eq!(record["s3"]["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(record["awsRegion"], "us-east-1");
    }

    #[test]
    fn region_account_and_name_are_where_the_caller_wants_them() {
        let event = made(&["sqs", "--region", "eu-west-1", "--account", "111122223333", "--name", "orders"]);
        assert_eq!(event["Records"][0]["eventSourceARN"], "arn:aws:sqs:eu-west-1:111122223333:orders");
        assert!(event["Records"][0]["attributes"]["SentTimestamp"].is_string());
    }

    #[test]
    fn a_body_that_is_json_stays_a_text_and_is_packed_where_the_service_packs_it() {
        let body = r#"{"a":"\"b\""}"#;
        assert_eq!(made(&["sns", "--body", body])["Records"][0]["Sns"]["Message"], body);
        let kinesis = made(&["kinesis", "--body", "hello"]);
        assert_eq!(kinesis["Records"][0]["kinesis"]["data"], "aGVsbG8=");
        assert!(kinesis["Records"][0]["kinesis"]["approximateArrivalTimestamp"].is_f64());
        let logs = made(&["cloudwatch-logs", "--body", "a line", "--name", "app"]);
        let packed =
            data_encoding::BASE64.decode(logs["awslogs"]["data"].as_str().unwrap().as_bytes()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text).unwrap();
        let unpacked: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&unpacked["logGroup"], &unpacked["messageType"]),
            (&"app".into(), &"DATA_MESSAGE".into())
        );
        assert_eq!(unpacked["logEvents"][0]["message"], "a line");
    }
}
