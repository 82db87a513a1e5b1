//! The AWS calls of the demo, each in its service's own protocol.

use anyhow::Result;
use http::Method;
use serde_json::Value;

use crate::client::{Answer, Client};

impl Client {
    /// An operation of IAM.
    pub(super) async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Answer> {
        self.query("iam", "2010-05-08", action, parameters).await
    }

    /// An operation of STS.
    pub(super) async fn sts(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Answer> {
        self.query("sts", "2011-06-15", action, parameters).await
    }

    /// An operation of Lambda; a path without a leading slash is one of 2015-03-31.
    pub(super) async fn lambda(&self, method: Method, path: &str, body: Value) -> Result<Answer> {
        let target = if path.starts_with('/') { path.to_owned() } else { format!("/2015-03-31/{path}") };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send("lambda", method, &target, &[("content-type", "application/json")], body).await
    }

    /// A synchronous invocation.
    pub(super) async fn invoke(&self, function: &str, event: Value) -> Result<Answer> {
        let function = function.replace(':', "%3A").replace('$', "%24");
        self.lambda(Method::POST, &format!("functions/{function}/invocations"), event).await
    }

    /// An operation of S3 on a path.
    pub(super) async fn s3(&self, method: Method, target: &str, body: &str) -> Result<Answer> {
        self.send("s3", method, target, &[], body.to_owned()).await
    }

    /// An operation of CloudWatch Logs.
    pub(super) async fn logs(&self, operation: &str, body: Value) -> Result<Answer> {
        self.json_target("logs", &format!("Logs_20140328.{operation}"), body).await
    }

    /// An operation of Organizations.
    pub(super) async fn organizations(&self, operation: &str, body: Value) -> Result<Answer> {
        self.json_target("organizations", &format!("AWSOrganizationsV20161128.{operation}"), body).await
    }

    async fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("Action", action).append_pair("Version", version).extend_pairs(parameters);
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.send(service, Method::POST, "/", &headers, body.finish()).await
    }

    async fn json_target(&self, service: &str, target: &str, body: Value) -> Result<Answer> {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        self.send(service, Method::POST, "/", &headers, body.to_string()).await
    }
}

impl Answer {
    /// The text of the first XML element of this name.
    pub(super) fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
    }

    /// A member of the JSON answer as text.
    pub(super) fn member(&self, name: &str) -> Option<String> {
        self.json().get(name).and_then(Value::as_str).map(str::to_owned)
    }
}
