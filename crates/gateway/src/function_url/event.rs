//! The event that a request to a function URL becomes: payload format 2.0 (reference lambda.md 3.6).

use bytes::Bytes;
use data_encoding::BASE64;
use rolecall_authority::{Call, Origin};
use rolecall_service::FoundUrl;
use rolecall_wire::HttpRequest;
use serde_json::{Map, Value, json};

use crate::intake::header;

/// Content types whose bodies are given as text. Everything else is given in base64.
const TEXT_TYPES: [&str; 4] = ["text/", "application/json", "application/xml", "application/javascript"];

/// Headers that are about the connection and not about the request.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "keep-alive", "transfer-encoding", "upgrade"];

/// What the event is made of.
pub(crate) struct Visit<'a> {
    /// The request as it was sent.
    pub(crate) request: &'a HttpRequest,
    /// Its path, as the function sees it.
    pub(crate) path: &'a str,
    /// The function URL.
    pub(crate) url: &'a FoundUrl,
    /// Who sent it, and when.
    pub(crate) call: &'a Call,
    /// The organization of the caller's account.
    pub(crate) organization: Option<String>,
    /// `X-Amzn-Trace-Id`.
    pub(crate) trace: &'a str,
}

impl Visit<'_> {
    /// The event as JSON.
    pub(crate) fn event(&self) -> Bytes {
        let mut event = Map::new();
        let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
        put("version", json!("2.0"));
        put("routeKey", json!("$default"));
        put("rawPath", json!(self.path));
        put("rawQueryString", json!(self.request.query));
        let cookies = self.cookies();
        if !cookies.is_empty() {
            put("cookies", json!(cookies));
        }
        put("headers", Value::Object(self.headers()));
        let parameters = self.query_parameters();
        if !parameters.is_empty() {
            put("queryStringParameters", Value::Object(parameters));
        }
        put("requestContext", self.context());
        let text = self.text();
        let encoded = !self.request.body.is_empty() && text.is_none();
        if encoded {
            put("body", json!(BASE64.encode(&self.request.body)));
        } else if let Some(text) = text.filter(|text| !text.is_empty()) {
            put("body", json!(text));
        }
        put("isBase64Encoded", json!(encoded));
        Value::Object(event).to_string().into()
    }

    /// The body, where it is text by its type and its content.
    fn text(&self) -> Option<&str> {
        let kind = header(self.request, "content-type").unwrap_or_default().to_ascii_lowercase();
        let is_text = TEXT_TYPES.iter().any(|text| kind.starts_with(text));
        let is_encoded = self.request.headers.contains_key(http::header::CONTENT_ENCODING);
        let text = std::str::from_utf8(&self.request.body).ok();
        text.filter(|_| is_text && !is_encoded)
    }

    fn cookies(&self) -> Vec<String> {
        let lines = self.request.headers.get_all(http::header::COOKIE).iter();
        let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
        let cookies =
            lines.flat_map(|line| line.split(';').map(str::trim).map(str::to_owned).collect::<Vec<_>>());
        cookies.filter(|cookie| !cookie.is_empty()).collect()
    }

    /// The headers in lower case, several of one name joined by commas. Who forwarded the request is said by this
    /// server and not by the request. A signature that was checked has served its purpose and goes no further.
    fn headers(&self) -> Map<String, Value> {
        let mut headers = Map::new();
        for (name, value) in &self.request.headers {
            let name = name.as_str();
            let is_checked_signature = name == "authorization" && !self.url.config.is_open();
            if name == "cookie" || is_checked_signature || OF_THE_CONNECTION.contains(&name) {
                continue;
            }
            join(&mut headers, name, &String::from_utf8_lossy(value.as_bytes()));
        }
        let host = header(self.request, "host").unwrap_or_default();
        let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
        for (name, value) in [
            ("x-forwarded-for", self.source_ip().as_str()),
            ("x-forwarded-port", port),
            ("x-forwarded-proto", "http"),
            ("x-amzn-trace-id", self.trace),
        ] {
            headers.insert(name.to_owned(), json!(value));
        }
        headers
    }

    fn query_parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        for (name, value) in form_urlencoded::parse(self.request.query.as_bytes()) {
            join(&mut parameters, &name, &value);
        }
        parameters
    }

    fn context(&self) -> Value {
        let host = header(self.request, "host").unwrap_or_default();
        let domain = host.rsplit_once(':').map_or(host, |(domain, _)| domain);
        let account = match self.call.caller.account() {
            Some(_) => self.url.target.function.0.to_string(),
            None => "anonymous".to_owned(),
        };
        let mut context = Map::new();
        let mut put = |name: &str, value: Value| drop(context.insert(name.to_owned(), value));
        put("accountId", json!(account));
        put("apiId", json!(self.url.config.id));
        if let Some(authorizer) = self.authorizer() {
            put("authentication", Value::Null);
            put("authorizer", authorizer);
        }
        put("domainName", json!(domain));
        put("domainPrefix", json!(self.url.config.id));
        put("http", self.http());
        put("requestId", json!(self.call.request_id));
        put("routeKey", json!("$default"));
        put("stage", json!("$default"));
        put("time", json!(readable_time(self.call.time_ms)));
        put("timeEpoch", json!(self.call.time_ms));
        Value::Object(context)
    }

    /// The caller of a signed request.
    fn authorizer(&self) -> Option<Value> {
        let caller = &self.call.caller;
        let account = caller.account()?;
        Some(json!({"iam": {
            "accessKey": caller.access_key_id,
            "accountId": account.to_string(),
            "callerId": caller.user_id(),
            "cognitoIdentity": null,
            "principalOrgId": self.organization,
            "userArn": caller.arn(),
            "userId": caller.user_id(),
        }}))
    }

    fn http(&self) -> Value {
        json!({
            "method": self.request.method.as_str(),
            "path": self.path,
            "protocol": "HTTP/1.1",
            "sourceIp": self.source_ip(),
            "userAgent": header(self.request, "user-agent").unwrap_or_default(),
        })
    }

    fn source_ip(&self) -> String {
        match &self.call.origin {
            Origin::Http { source_ip: Some(address), .. } => address.to_canonical().to_string(),
            _ => String::new(),
        }
    }
}

/// Adds a value, after a comma where the name has one already.
fn join(map: &mut Map<String, Value>, name: &str, value: &str) {
    let joined = match map.get(name).and_then(Value::as_str) {
        Some(before) => format!("{before},{value}"),
        None => value.to_owned(),
    };
    map.insert(name.to_owned(), Value::String(joined));
}

/// `12/Mar/2020:19:03:58 +0000`
fn readable_time(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}
