//! The questions to CloudWatch Logs, and to Lambda for the name of a function's log group.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client};

/// Where Lambda writes by itself.
const LAMBDA_GROUPS: &str = "/aws/lambda/";

/// Where log events come from.
pub(super) struct Source {
    pub logs: Client,
    pub lambda: Client,
    /// A filter pattern of CloudWatch Logs.
    pub filter: Option<String>,
}

/// A log event.
pub(super) struct Event {
    pub id: String,
    pub time_ms: i64,
    pub group: String,
    pub stream: String,
    pub message: String,
}

impl Event {
    fn read(group: &str, event: &Value) -> Option<Self> {
        let text = |name: &str| event.get(name)?.as_str().map(str::to_owned);
        Some(Event {
            id: text("eventId")?,
            time_ms: event.get("timestamp")?.as_i64()?,
            group: group.to_owned(),
            stream: text("logStreamName")?,
            message: text("message")?,
        })
    }

    /// The event for programs, with the members' names of CloudWatch Logs.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "timestamp": self.time_ms,
            "logGroupName": self.group,
            "logStreamName": self.stream,
            "message": self.message,
            "eventId": self.id,
        })
    }
}

/// Why there is no answer.
pub(super) enum Refused {
    /// The log group does not exist.
    Missing(String),
    /// The server refused.
    Answer(Box<Answer>),
    /// The server was not reached.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Refused::Failed(error)
    }
}

impl Source {
    /// The log group of the function, or of all functions.
    pub(super) async fn groups(&self, function: Option<&str>) -> Result<Vec<String>, Refused> {
        match function {
            Some(group) if group.starts_with('/') => Ok(vec![group.to_owned()]),
            Some(function) => Ok(vec![self.group_of(function).await?]),
            None => {
                let found = self.pages(
                    "DescribeLogGroups",
                    json!({"logGroupNamePrefix": LAMBDA_GROUPS}),
                    "logGroups",
                );
                let names = found.await?.into_iter();
                Ok(names.filter_map(|group| group.get("logGroupName")?.as_str().map(str::to_owned)).collect())
            }
        }
    }

    /// What the function is configured to write to. Whoever may read logs and not the configuration is taken to mean the
    /// usual group.
    async fn group_of(&self, function: &str) -> Result<String, Refused> {
        let name = function.rsplit_once("function:").map_or(function, |(_, rest)| rest);
        let name = name.split(':').next().unwrap_or(name);
        let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let target = format!("/2015-03-31/functions/{encoded}/configuration");
        let answer = self.lambda.send("lambda", Method::GET, &target, &[], "").await?;
        let configured =
            answer.json().pointer("/LoggingConfig/LogGroup").and_then(Value::as_str).map(str::to_owned);
        Ok(configured.unwrap_or_else(|| format!("{LAMBDA_GROUPS}{name}")))
    }

    /// The events of the groups from a time on, in epoch milliseconds.
    pub(super) async fn events(&self, groups: &[String], from_ms: i64) -> Result<Vec<Event>, Refused> {
        let mut events = Vec::new();
        for group in groups {
            let mut question = json!({"logGroupName": group, "startTime": from_ms});
            if let Some(filter) = &self.filter {
                question["filterPattern"] = filter.as_str().into();
            }
            let found = self.pages("FilterLogEvents", question, "events").await?;
            events.extend(found.iter().filter_map(|event| Event::read(group, event)));
        }
        Ok(events)
    }

    /// All pages of an answer.
    async fn pages(&self, operation: &str, mut question: Value, member: &str) -> Result<Vec<Value>, Refused> {
        let mut all = Vec::new();
        loop {
            let target = format!("Logs_20140328.{operation}");
            let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
            let answer = self.logs.send("logs", Method::POST, "/", &headers, question.to_string()).await?;
            let mut body = answer.json();
            if !answer.status.is_success() {
                let is_missing =
                    body["__type"].as_str().is_some_and(|code| code.ends_with("ResourceNotFoundException"));
                let group = question["logGroupName"].as_str().unwrap_or_default().to_owned();
                return Err(if is_missing {
                    Refused::Missing(group)
                } else {
                    Refused::Answer(Box::new(answer))
                });
            }
            if let Some(page) = body[member].as_array_mut() {
                all.append(page);
            }
            match body.get("nextToken") {
                Some(token) if token.is_string() => question["nextToken"] = token.clone(),
                _ => return Ok(all),
            }
        }
    }
}
