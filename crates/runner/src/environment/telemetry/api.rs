//! Subscribing: `PUT /2022-07-01/telemetry` and `PUT /2020-08-15/logs`.

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;

use super::{Api, Category, Closed, Telemetry, subscription};
use crate::environment::answers::{Answered, json, refusal, small_body, wrong_method};
use crate::environment::extensions::{Extensions, Refusal, identifier};
use crate::environment::output::Output;
use crate::environment::record::Record;

/// Answers one call.
pub(crate) async fn respond(
    telemetry: &Telemetry,
    extensions: &Extensions,
    output: &Output,
    api: Api,
    request: Request<Incoming>,
) -> Answered {
    if request.method() != Method::PUT {
        return wrong_method();
    }
    let name = match identifier(request.headers()).and_then(|id| extensions.name_of(&id)) {
        Ok(name) => name,
        Err(Refusal { error_type, message }) => return refusal(StatusCode::FORBIDDEN, error_type, &message),
    };
    let body = small_body(request).await.unwrap_or_default();
    let subscription = match subscription::parse(api, &body) {
        Ok(subscription) => subscription,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, "ValidationError", &message),
    };
    let types = subscription.types.clone();
    if let Err(Closed) = telemetry.subscribe(&name, api, subscription) {
        return closed(api);
    }
    output.platform(&record(api, &name, &types));
    json(StatusCode::OK, "\"OK\"".to_owned())
}

fn closed(api: Api) -> Answered {
    let (error_type, message) = match api {
        Api::Telemetry => ("Telemetry.SubscriptionClosed", "Telemetry API subscription is closed"),
        Api::Logs => ("Logs.SubscriptionClosed", "Logs API subscription is closed"),
    };
    refusal(StatusCode::FORBIDDEN, error_type, message)
}

fn record<'a>(api: Api, name: &'a str, types: &[Category]) -> Record<'a> {
    let types = types.iter().map(|category| category.as_str()).collect();
    match api {
        Api::Telemetry => Record::TelemetrySubscription { name, state: "Subscribed", types },
        Api::Logs => Record::LogsSubscription { name, state: "Subscribed", types },
    }
}
