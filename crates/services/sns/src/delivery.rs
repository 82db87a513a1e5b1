//! One delivery: a call of Lambda's or SQS's own operation, and what becomes of a message that is not taken.

use std::sync::Arc;

use rolecall_arn::{Arn, Region};
use rolecall_authority::{Caller, Origin};
use rolecall_service::Platform;
use rolecall_store::records::sns::{Delivery, Protocol, Subscription};
use rolecall_wire::lambda::{Input as LambdaInput, InvocationRequest};
use rolecall_wire::sqs::Input as SqsInput;
use rolecall_wire::{AnyInput, Fault, ServiceError};

use crate::envelope::Envelope;
use crate::name::TopicName;
use crate::retry;

/// The service principal that SNS is.
const PRINCIPAL: &str = "sns.amazonaws.com";
/// The status of those who have too much to do.
const THROTTLED: u16 = 429;

/// What becomes of a delivery after an attempt.
pub(crate) enum Next {
    Done,
    /// It is tried again at this time, in epoch milliseconds.
    Again(i64),
}

/// A message on its way to a subscription that is there.
struct Letter<'a> {
    platform: &'a Platform,
    id: &'a str,
    delivery: &'a Delivery,
    topic: TopicName,
    subscription: Arc<Subscription>,
}

/// Tries to deliver once. A subscription that is gone is told nothing any more.
pub(crate) async fn attempt(platform: &Platform, id: &str, delivery: &Delivery) -> Next {
    let Some(letter) = Letter::find(platform, id, delivery) else { return Next::Done };
    match letter.tell_subscriber().await {
        Ok(()) => Next::Done,
        Err(error) if is_refusal(&error) => letter.tell_dead_letter_queue().await,
        Err(_) => match letter.later() {
            Some(again) => again,
            None => letter.tell_dead_letter_queue().await,
        },
    }
}

/// Whether it was SNS's message or right that was wrong, so that trying again is of no use (dead-letter queues in the SNS
/// developer guide). Being throttled is not such an error.
fn is_refusal(error: &ServiceError) -> bool {
    error.fault == Fault::Sender && error.status != THROTTLED
}

impl<'a> Letter<'a> {
    fn find(platform: &'a Platform, id: &'a str, delivery: &'a Delivery) -> Option<Self> {
        let state = platform.store.read();
        let topic = TopicName::from(state.topics.get(&delivery.topic)?.as_ref());
        let key = (delivery.topic.clone(), delivery.subscription.clone());
        let subscription = Arc::clone(state.subscriptions.get(&key)?);
        Some(Letter { platform, id, delivery, topic, subscription })
    }

    async fn tell_subscriber(&self) -> Result<(), ServiceError> {
        let endpoint = &self.subscription.endpoint;
        match self.subscription.protocol {
            Protocol::Lambda => self.call(endpoint, self.invocation_of(endpoint)).await,
            Protocol::Sqs => self.call(endpoint, self.message_to(endpoint)).await,
        }
    }

    /// What was refused goes to the subscription's dead-letter queue; without one it is dropped, as was said.
    async fn tell_dead_letter_queue(&self) -> Next {
        let Some(queue) = &self.subscription.dead_letter_arn else { return Next::Done };
        match self.call(queue, self.message_to(queue)).await {
            Err(error) if !is_refusal(&error) => self.later().unwrap_or(Next::Done),
            _ => Next::Done,
        }
    }

    /// When it is tried again; none where that was often enough.
    fn later(&self) -> Option<Next> {
        let wait_ms = retry::wait_ms(self.delivery.attempts.saturating_add(1))?;
        Some(Next::Again(self.platform.now_ms() + wait_ms))
    }

    fn envelope(&self) -> Envelope<'_> {
        Envelope {
            endpoint: &self.platform.settings.endpoint,
            topic: &self.topic,
            subscription: &self.subscription,
            published: &self.delivery.published,
        }
    }

    fn invocation_of(&self, function: &str) -> AnyInput {
        let event = self.envelope().for_function().to_string();
        LambdaInput::Invoke(InvocationRequest {
            function_name: function.to_owned(),
            invocation_type: Some("Event".to_owned()),
            payload: Some(bytes::Bytes::from(event).into()),
            ..InvocationRequest::default()
        })
        .into()
    }

    fn message_to(&self, queue: &str) -> AnyInput {
        // The account and the name are the last two parts of a queue's ARN as of its URL.
        let mut parts = queue.rsplit(':');
        let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let url = format!("{}/{account}/{name}", self.platform.settings.endpoint);
        SqsInput::SendMessage(self.envelope().for_queue(url)).into()
    }

    /// Calls as SNS, on behalf of the topic, in the region of the endpoint.
    async fn call(&self, endpoint: &str, input: AnyInput) -> Result<(), ServiceError> {
        let origin = Origin::Service {
            source_arn: Some(self.topic.arn().to_string()),
            source_account: Some(self.topic.account),
        };
        let region: Option<Region> = endpoint.parse::<Arn>().ok().and_then(|arn| arn.region().parse().ok());
        let region = region.unwrap_or_else(|| self.topic.region.clone());
        let mut call = self.platform.service_call(Caller::service(PRINCIPAL), region, origin);
        // Lambda knows the event by this id, should it be told of it again.
        call.request_id = self.id.to_owned();
        // A function that publishes to the topic that invokes it is a loop (reference lambda.md 3.7).
        call.trace.clone_from(&self.delivery.published.trace);
        let call = Arc::new(call);
        let called = self.platform.call(&call, input).await;
        if let Err(error) = &called {
            let (topic, decisions) = (self.topic.arn(), call.decisions());
            tracing::warn!(%topic, endpoint, %error, ?decisions, "a message of SNS was not taken");
        }
        called.map(drop)
    }
}
