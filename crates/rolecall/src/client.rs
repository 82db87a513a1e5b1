//! A small signed HTTP client, for the commands that talk to a server.

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rolecall_sigv4::{Credentials, Head, Rules, SecretKey, SessionToken, Signer};

/// Who signs.
#[derive(Clone)]
pub(crate) struct Identity {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// A client of one server, as one identity.
#[derive(Clone)]
pub(crate) struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    endpoint: String,
    region: String,
    identity: Identity,
}

/// An answer.
pub(crate) struct Answer {
    pub status: StatusCode,
    /// The ids in `x-rolecall-decision`.
    pub decisions: Vec<String>,
    headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON, or null.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A client of the server at the endpoint, `http://HOST:PORT`.
    pub(crate) fn new(endpoint: &str, region: &str, identity: Identity) -> Self {
        Client {
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region: region.to_owned(),
            identity,
        }
    }

    /// The region that requests are signed for.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The same server as somebody else.
    pub(crate) fn with_identity(&self, identity: Identity) -> Self {
        Client { identity, ..self.clone() }
    }

    /// Sends a signed request. `target` is the path with its query, both percent-encoded.
    pub(crate) async fn send(
        &self,
        service: &str,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer> {
        let body: Bytes = body.into();
        let host =
            self.endpoint.strip_prefix("http://").context("an endpoint begins with http://")?.to_owned();
        let mut all: Vec<(String, String)> = vec![("host".to_owned(), host)];
        all.extend(headers.iter().map(|(name, value)| (name.to_lowercase(), (*value).to_owned())));
        all.push(("x-rolecall-explain".to_owned(), "true".to_owned()));
        let signed = self.sign(service, &method, target, &all, &body)?;
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.endpoint));
        for (name, value) in all.iter().filter(|(name, _)| name != "host").chain(&signed) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).context("the request cannot be built")?;
        let answer =
            self.http.request(request).await.with_context(|| format!("cannot reach {}", self.endpoint))?;
        let (parts, body) = answer.into_parts();
        let decisions = parts.headers.get("x-rolecall-decision").and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: parts.status,
            decisions: decisions.map(|ids| ids.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            headers: parts.headers,
            body: body.collect().await.context("the answer broke off")?.to_bytes(),
        })
    }

    fn sign(
        &self,
        service: &str,
        method: &Method,
        target: &str,
        headers: &[(String, String)],
        body: &Bytes,
    ) -> Result<Vec<(String, String)>> {
        let credentials = Credentials {
            access_key_id: self.identity.access_key_id.clone(),
            secret: SecretKey::new(self.identity.secret_access_key.as_str()),
            session_token: self.identity.session_token.as_deref().map(SessionToken::new),
        };
        let rules = if service == "s3" { Rules::S3 } else { Rules::General };
        let signer = Signer { credentials: &credentials, region: &self.region, service, rules };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let head = Head { method: method.as_str(), path, query, headers: &headers };
        signer
            .sign_headers(&head, body, jiff::Timestamp::now().as_second())
            .context("the request cannot be signed")
    }
}
