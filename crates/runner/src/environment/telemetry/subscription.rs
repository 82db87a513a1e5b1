//! What an extension asks for when it subscribes, and whether it may.

use std::time::Duration;

use http::Uri;
use serde::Deserialize;

use super::{Api, Category};
use crate::plan::RUNTIME_API_PORT;

/// A subscription that was checked.
pub(super) struct Subscription {
    pub(super) types: Vec<Category>,
    pub(super) buffering: Buffering,
    pub(super) destination: Destination,
}

/// When a batch is sent: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Buffering {
    pub(super) max_items: usize,
    pub(super) max_bytes: usize,
    pub(super) timeout: Duration,
}

/// Where batches go; always inside the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    /// A request with a JSON array.
    Http { method: http::Method, host: String, port: u16, path: String },
    /// Lines of JSON.
    Tcp { port: u16 },
}

impl Destination {
    pub(super) fn port(&self) -> u16 {
        match self {
            Self::Http { port, .. } | Self::Tcp { port } => *port,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    schema_version: Option<String>,
    types: Vec<String>,
    #[serde(default)]
    buffering: AskedBuffering,
    destination: AskedDestination,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct AskedBuffering {
    max_items: Option<i64>,
    max_bytes: Option<i64>,
    timeout_ms: Option<i64>,
}

#[derive(Deserialize)]
struct AskedDestination {
    protocol: String,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<i64>,
    method: Option<String>,
    encoding: Option<String>,
}

/// Reads a subscription.
///
/// # Errors
/// What is wrong with it, in words for the extension.
pub(super) fn parse(api: Api, body: &[u8]) -> Result<Subscription, String> {
    let request: Request = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    check_version(api, request.schema_version.as_deref())?;
    let types = request.types.iter().map(|name| Category::parse(name).ok_or_else(|| unknown("types", name)));
    let types = types.collect::<Result<Vec<_>, _>>()?;
    if types.is_empty() {
        return Err("types: must not be empty".to_owned());
    }
    let AskedBuffering { max_items, max_bytes, timeout_ms } = request.buffering;
    let items = within("buffering.maxItems", max_items, 1_000, 10_000, 10_000)?;
    let bytes = within("buffering.maxBytes", max_bytes, 262_144, 1_048_576, 262_144)?;
    let timeout = within("buffering.timeoutMs", timeout_ms, 25, 30_000, 1_000)?;
    let buffering = Buffering {
        max_items: usize::try_from(items).unwrap_or(usize::MAX),
        max_bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        timeout: Duration::from_millis(timeout),
    };
    Ok(Subscription { types, buffering, destination: destination(request.destination)? })
}

/// The Telemetry API wants a version, the older one has one to fall back to.
fn check_version(api: Api, version: Option<&str>) -> Result<(), String> {
    let known: &[&str] = match api {
        Api::Telemetry => &["2022-07-01", "2022-12-13", "2025-01-29"],
        Api::Logs => &["2020-08-15", "2021-03-18"],
    };
    match version {
        None if api == Api::Telemetry => Err("schemaVersion: is required".to_owned()),
        Some(version) if !known.contains(&version) => Err(unknown("schemaVersion", version)),
        _ => Ok(()),
    }
}

fn within(name: &str, asked: Option<i64>, least: i64, most: i64, usual: i64) -> Result<u64, String> {
    let value = asked.unwrap_or(usual);
    match u64::try_from(value) {
        Ok(number) if (least..=most).contains(&value) => Ok(number),
        _ => Err(format!("{name}: {value} is not between {least} and {most}")),
    }
}

fn destination(asked: AskedDestination) -> Result<Destination, String> {
    if let Some(encoding) = asked.encoding.filter(|encoding| encoding != "JSON") {
        return Err(unknown("destination.encoding", &encoding));
    }
    let destination = match asked.protocol.as_str() {
        "HTTP" => http(&asked.uri.ok_or("destination.URI: is required")?, asked.method.as_deref())?,
        "TCP" => {
            let port = asked.port.ok_or("destination.port: is required")?;
            let port = u16::try_from(port).ok().filter(|port| *port > 0);
            Destination::Tcp { port: port.ok_or("destination.port: is no port")? }
        }
        other => return Err(unknown("destination.protocol", other)),
    };
    if destination.port() == RUNTIME_API_PORT {
        return Err(format!("destination: port {RUNTIME_API_PORT} is the Runtime API's"));
    }
    Ok(destination)
}

fn http(uri: &str, method: Option<&str>) -> Result<Destination, String> {
    let method = match method {
        None | Some("POST") => http::Method::POST,
        Some("PUT") => http::Method::PUT,
        Some(other) => return Err(unknown("destination.method", other)),
    };
    let parsed: Uri = uri.parse().map_err(|_| unknown("destination.URI", uri))?;
    let host = parsed.host().unwrap_or_default().to_owned();
    if parsed.scheme_str() != Some("http") || !["sandbox", "sandbox.localdomain"].contains(&host.as_str()) {
        return Err(format!("destination.URI: {uri} does not begin with http://sandbox.localdomain"));
    }
    let path = parsed.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
    Ok(Destination::Http { method, host, port: parsed.port_u16().unwrap_or(80), path })
}

fn unknown(member: &str, value: &str) -> String {
    format!("{member}: {value} is not valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(api: Api, change: impl FnOnce(&mut serde_json::Value)) -> Result<Subscription, String> {
        let mut request = serde_json::json!({
            "schemaVersion": if api == Api::Logs { "2020-08-15" } else { "2022-12-13" },
            "types": ["platform", "function", "extension"],
            "buffering": { "maxItems": 1000, "maxBytes": 262_144, "timeoutMs": 25 },
            "destination": { "protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/in" },
        });
        change(&mut request);
        parse(api, request.to_string().as_bytes())
    }

    #[test]
    fn a_subscription_is_read() {
        let subscription = parsed(Api::Telemetry, |_| ()).expect("valid");
        let (method, host) = (http::Method::POST, "sandbox.localdomain".to_owned());
        assert_eq!(
            subscription.destination,
            Destination::Http { method, host, port: 8080, path: "/in".into() }
        );
        assert_eq!(subscription.buffering.timeout, Duration::from_millis(25));
        let usual = parsed(Api::Logs, |request| request["buffering"] = serde_json::json!({})).expect("valid");
        let (max_items, max_bytes, timeout) = (10_000, 262_144, Duration::from_secs(1));
        assert_eq!(usual.buffering, Buffering { max_items, max_bytes, timeout });
    }

    #[test]
    fn what_is_beyond_the_limits_or_the_sandbox_is_refused() {
        let cases = [
            ("/schemaVersion", serde_json::json!("2020-08-15")),
            ("/types", serde_json::json!(["metrics"])),
            ("/types", serde_json::json!([])),
            ("/buffering/maxItems", serde_json::json!(999)),
            ("/buffering/maxBytes", serde_json::json!(1_048_577)),
            ("/buffering/timeoutMs", serde_json::json!(24)),
            ("/destination/protocol", serde_json::json!("UDP")),
            ("/destination/URI", serde_json::json!("http://127.0.0.1:8080")),
            ("/destination/URI", serde_json::json!("https://sandbox:8080")),
            ("/destination/URI", serde_json::json!("http://sandbox.localdomain:9001")),
            ("/destination/URI", serde_json::json!("http://sandbox.localdomain.example.com:8080")),
        ];
        for (pointer, value) in cases {
            let refused = parsed(Api::Telemetry, |request| {
                *request.pointer_mut(pointer).expect(pointer) = value.clone()
            });
            assert!(refused.is_err(), "{pointer} {value}");
        }
    }
}
