//! The ARNs that a destination can have (reference lambda.md 4.6).

use rolecall_arn::Arn;
use rolecall_store::State;
use rolecall_wire::lambda::DestinationConfig;

use crate::error::LambdaError;
use crate::name::{FunctionReference, Home, exists};

/// Where the end of an asynchronous invocation is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A function, version or alias.
    Function(FunctionReference),
    /// An S3 bucket, by name.
    Bucket(String),
    /// A queue of SQS.
    Queue(Arn),
    /// A topic of SNS.
    Topic(Arn),
    /// An event bus of EventBridge.
    EventBus(Arn),
}

impl Destination {
    /// Reads an ARN; none where it is nothing that can be a destination.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let resource = arn.resource();
        match arn.service() {
            "lambda" if resource.starts_with("function:") => {
                let home = Home { account: arn.account_id(), region: arn.region().parse().ok()? };
                arn.account_id()?;
                FunctionReference::parse(text, None, &home).ok().map(Self::Function)
            }
            "s3" if arn.region().is_empty() && !resource.is_empty() && !resource.contains(['/', '*']) => {
                Some(Self::Bucket(resource.to_owned()))
            }
            "sqs" => Some(Self::Queue(arn)),
            "sns" => Some(Self::Topic(arn)),
            "events" if resource.starts_with("event-bus/") => Some(Self::EventBus(arn)),
            _ => None,
        }
    }
}

/// The destinations that a request names, each with its ARN.
pub(crate) fn named(config: &DestinationConfig) -> Result<Vec<(String, Destination)>, LambdaError> {
    let success = given(config.on_success.as_ref().and_then(|success| success.destination.as_deref()));
    let failure = given(config.on_failure.as_ref().and_then(|failure| failure.destination.as_deref()));
    let refused = || {
        let part = |name: &str, arn: Option<&str>| {
            arn.map_or_else(|| "null".to_owned(), |arn| format!("{name}(destination={arn})"))
        };
        LambdaError::InvalidParameter(format!(
            "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
            part("OnSuccess", success),
            part("OnFailure", failure)
        ))
    };
    let mut named = Vec::new();
    for (arn, is_success) in [(success, true), (failure, false)] {
        let Some(arn) = arn else { continue };
        match Destination::parse(arn) {
            // A bucket is told of failures only.
            Some(Destination::Bucket(_)) if is_success => return Err(refused()),
            Some(destination) => named.push((arn.to_owned(), destination)),
            None => return Err(refused()),
        }
    }
    Ok(named)
}

fn given(arn: Option<&str>) -> Option<&str> {
    arn.filter(|arn| !arn.is_empty())
}

/// `The destination ARN ARN is invalid.`
pub(crate) fn invalid(arn: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!("The destination ARN {arn} is invalid."))
}

/// Refuses a function that does not exist, lies in another region, or is the one whose events they are.
pub(crate) fn require_other_function(
    state: &State,
    arn: &str,
    destination: &FunctionReference,
    source: &FunctionReference,
) -> Result<(), LambdaError> {
    if destination.region != source.region || !exists(destination, state) {
        return Err(invalid(arn));
    }
    if destination.key() == source.key() {
        let text = "You can't specify the function as a destination for itself.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_wire::lambda::{OnFailure, OnSuccess};

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f:live";

    fn config(success: Option<&str>, failure: Option<&str>) -> DestinationConfig {
        DestinationConfig {
            on_success: success.map(|arn| OnSuccess { destination: Some(arn.to_owned()) }),
            on_failure: failure.map(|arn| OnFailure { destination: Some(arn.to_owned()) }),
        }
    }

    #[test]
    fn each_kind_of_destination_is_read() {
        assert!(matches!(Destination::parse(FUNCTION), Some(Destination::Function(_))));
        let bucket = Destination::parse("arn:aws:s3:::b");
        assert_eq!(bucket, Some(Destination::Bucket("b".to_owned())));
        for (arn, known) in [
            ("arn:aws:sqs:us-east-1:111122223333:q", true),
            ("arn:aws:sns:us-east-1:111122223333:t", true),
            ("arn:aws:events:us-east-1:111122223333:event-bus/default", true),
            ("arn:aws:iam:us-east-1:111122223333:function:f", false),
            ("arn:aws:s3:::b/key", false),
            ("arn:aws:lambda:us-east-1:111122223333:layer:l", false),
            ("kafka://topic", false),
        ] {
            assert_eq!(Destination::parse(arn).is_some(), known, "{arn}");
        }
    }

    #[test]
    fn what_is_no_destination_is_shown_with_the_whole_configuration() {
        let wrong = "arn:aws:iam:us-east-1:111122223333:function:f";
        assert_eq!(
            named(&config(Some(wrong), None)).unwrap_err().to_string(),
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam:us-east-1:111122223333:function:f), onFailure=null) is invalid."
        );
        assert!(named(&config(Some("arn:aws:s3:::b"), None)).is_err());
        assert_eq!(named(&config(Some(FUNCTION), Some("arn:aws:s3:::b"))).unwrap().len(), 2);
        assert!(named(&config(Some(""), None)).unwrap().is_empty());
    }
}
