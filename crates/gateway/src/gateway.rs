//! The path of a request, from its bytes to its answer.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use hyper::Request;
use hyper::body::Incoming;
use rolecall_arn::Region;
use rolecall_authority::{Call, Origin};
use rolecall_service::{Dispatcher, FunctionUrls, Platform};
use rolecall_sigv4::{ErrorFamily, Rules, normalize_path};
use rolecall_wire::lambda::Operation as LambdaOperation;
use rolecall_wire::{AnyOperation, HttpRequest, HttpResponse, ServiceError, ServiceId};

use crate::answer;
use crate::authenticate::{Identified, Terms, Unsigned, identify, refusal};
use crate::body::AnswerBody;
use crate::body_memory::{BodyMemory, Held};
use crate::classify::{Destination, OWN_PREFIX, OWN_SIGNING_NAME, classify};
use crate::intake::{self, IntakeError, body_limit, header};
use crate::own::{self, CODE_LINKS, Pages};
use crate::s3_address::to_path_style;
use crate::server::Peer;
use crate::services::Services;

/// Answers requests.
pub struct Gateway {
    platform: Arc<Platform>,
    services: Arc<Services>,
    pages: Pages,
    urls: Arc<dyn FunctionUrls>,
    body_memory: BodyMemory,
}

/// What the log says of a request. The query is left out: a presigned one carries a signature.
pub(crate) struct Outcome {
    answer: HttpResponse,
    service: &'static str,
    /// Borrowed where the program knows it, owned where the caller may have made it up.
    operation: Cow<'static, str>,
    caller: String,
    decisions: Vec<rolecall_authority::DecisionId>,
}

impl Gateway {
    /// A gateway to these services.
    pub fn new(
        platform: Arc<Platform>,
        services: Arc<Services>,
        pages: Pages,
        urls: Arc<dyn FunctionUrls>,
    ) -> Self {
        Gateway { platform, services, pages, urls, body_memory: BodyMemory::default() }
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    pub(crate) fn urls(&self) -> &dyn FunctionUrls {
        self.urls.as_ref()
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response<AnswerBody> {
        let began = Instant::now();
        let request_id = self.platform.entropy().uuid();
        let (mut request, body) = intake::split(request);
        let mut destination = classify(&request);
        let limit = body_limit(&destination);
        // An environment's bodies have room of their own, so that one function does not use up the memory of all.
        let _room = intake::room_for(&body, limit, peer.room.as_deref()).await;
        let read = intake::read_body(body, limit, &self.body_memory).await;
        // What the body holds counts until the answer is there.
        let (read, _held) = match read {
            Ok((body, held)) => {
                request.body = body;
                (Ok(()), held)
            }
            Err(error) => (Err(error), Held::default()),
        };
        let (method, path) = (request.method.clone(), logged_path(&request.path).to_owned());
        if !request.body.is_empty() {
            destination = classify(&request);
        }
        let outcome = match destination {
            Destination::FunctionUrl(address) => {
                self.answer_function_url(&address, request, read, &request_id, peer).await
            }
            Destination::Own => self.answer_own(request, read, &request_id, peer).await,
            Destination::Unknown(name) => Outcome {
                answer: answer::unknown_service(&name),
                service: "unknown",
                operation: Cow::Owned(name),
                caller: "-".to_owned(),
                decisions: Vec::new(),
            },
            Destination::Service(service) => {
                self.answer_service(service, request, read, &request_id, peer).await
            }
        };
        self.count(&outcome, began.elapsed());
        tracing::info!(
            target: "rolecall::request",
            %request_id, service = outcome.service, operation = %outcome.operation, caller = %outcome.caller,
            status = outcome.answer.status.as_u16(), ms = rounded_ms(began.elapsed()), %method, %path,
            "request"
        );
        answer::into_http(outcome.answer, &outcome.decisions)
    }

    fn count(&self, outcome: &Outcome, took: Duration) {
        let known = match outcome.operation {
            Cow::Borrowed(operation) => Some(operation),
            Cow::Owned(_) => None,
        };
        let status = outcome.answer.status.as_u16();
        self.platform.authority.metrics().request(outcome.service, known, status, took);
    }

    async fn answer_service(
        &self,
        service: ServiceId,
        mut request: HttpRequest,
        read: Result<(), IntakeError>,
        request_id: &str,
        peer: &Peer,
    ) -> Outcome {
        let mut operation = None;
        let mut call = None;
        let result = match read {
            Err(error) => {
                operation = rolecall_wire::route(service, &request).ok();
                Err(answer::intake_refusal(service, &error, operation))
            }
            Ok(()) => self.perform(service, &mut request, request_id, peer, &mut operation, &mut call).await,
        };
        let answer = result
            .unwrap_or_else(|error| rolecall_wire::encode_error(service, &error, request_id, operation));
        Outcome {
            answer,
            service: service.name(),
            operation: Cow::Borrowed(operation.map_or("-", |operation| operation.operation_name())),
            caller: call.as_ref().map_or_else(|| "-".to_owned(), |call| call.caller.arn()),
            decisions: call.map(|call| call.decisions()).unwrap_or_default(),
        }
    }

    /// Authenticates, routes, decodes and performs one request.
    async fn perform(
        &self,
        service: ServiceId,
        request: &mut HttpRequest,
        request_id: &str,
        peer: &Peer,
        operation: &mut Option<AnyOperation>,
        call: &mut Option<Arc<Call>>,
    ) -> Result<HttpResponse, ServiceError> {
        let terms = self.terms(service);
        let identified = identify(&self.platform.authority, request, terms).await;
        let identified = identified.map_err(|failure| {
            tracing::info!(%request_id, service = service.name(), %failure, "not authenticated");
            refusal(service, &failure)
        })?;
        self.note_key_use(service, &identified);
        if service == ServiceId::S3 {
            to_path_style(request);
        } else {
            route_what_was_signed(request);
        }
        let call = &*call.insert(Arc::new(self.call(service, identified, request, request_id, peer)));
        let routed = *operation.insert(rolecall_wire::route(service, request)?);
        let input = rolecall_wire::decode(routed, request)?;
        let output = self.services.dispatch(call, input).await?;
        let mut answer = rolecall_wire::encode(output, request_id);
        match routed {
            AnyOperation::Lambda(LambdaOperation::Invoke) => self.add_invocation_headers(&mut answer, call),
            AnyOperation::Lambda(LambdaOperation::InvokeWithResponseStream) => {
                self.add_trace(&mut answer, call)
            }
            _ => {}
        }
        Ok(answer)
    }

    /// What AWS's front adds to the answer of a synchronous invocation, beside what the model has (reference lambda.md
    /// 7.5).
    fn add_invocation_headers(&self, answer: &mut HttpResponse, call: &Call) {
        if answer.status != http::StatusCode::OK {
            return;
        }
        answer.headers.insert("x-amzn-remapped-content-length", http::HeaderValue::from_static("0"));
        self.add_trace(answer, call);
    }

    /// The trace that the invocation belongs to.
    fn add_trace(&self, answer: &mut HttpResponse, call: &Call) {
        let trace = call.answered_trace().map_or_else(|| self.new_trace(), str::to_owned);
        if let Ok(trace) = http::HeaderValue::from_str(&trace) {
            answer.headers.insert("x-amzn-trace-id", trace);
        }
    }

    /// A new trace, of which nobody has decided whether it is recorded.
    pub(crate) fn new_trace(&self) -> String {
        let seconds = self.platform.now_ms().div_euclid(1000);
        let trace = self.platform.entropy().text(b"0123456789abcdef", 24);
        format!("Root=1-{seconds:08x}-{trace}")
    }

    /// Notes when a long-term key was last used, without keeping the request waiting.
    pub(crate) fn note_key_use(&self, service: ServiceId, identified: &Identified) {
        let authority = &self.platform.authority;
        let key = identified.caller.access_key_id.as_ref();
        // A task for every request would wake another thread for every request.
        if let Some(key) = key.filter(|key| authority.key_use_is_due(key)) {
            let (authority, key, region) = (Arc::clone(authority), key.clone(), identified.region.clone());
            tokio::spawn(async move { authority.note_key_use(&key, service.name(), &region).await });
        }
    }

    fn terms(&self, service: ServiceId) -> Terms {
        let is_s3 = service == ServiceId::S3;
        Terms {
            signing_name: service.signing_name(),
            rules: if is_s3 { Rules::S3 } else { Rules::General },
            unsigned: if is_s3 { Unsigned::Anonymous } else { Unsigned::Refused },
            default_region: self.platform.settings.region.clone(),
            only_region: None,
        }
    }

    pub(crate) fn call(
        &self,
        service: ServiceId,
        identified: Identified,
        request: &HttpRequest,
        request_id: &str,
        peer: &Peer,
    ) -> Call {
        let global = matches!(service, ServiceId::Iam | ServiceId::Organizations);
        let region = if global { Region::global() } else { identified.region };
        let mut call = Call::new(
            identified.caller,
            region,
            request_id.to_owned(),
            self.platform.now_ms(),
            http_origin(request, peer.address),
        );
        call.explain = header(request, "x-rolecall-explain") == Some("true");
        call.trace = header(request, "x-amzn-trace-id").map(str::to_owned);
        call
    }

    /// Answers a request for one of Rolecall's own pages.
    async fn answer_own(
        &self,
        mut request: HttpRequest,
        read: Result<(), IntakeError>,
        request_id: &str,
        peer: &Peer,
    ) -> Outcome {
        let mut call = None;
        let answer = match read {
            Err(error) => own::problem(StatusCode::BAD_REQUEST, "BadRequest", &error.to_string()),
            Ok(()) => match own::open_page(self.pages.as_ref(), &request.method, own_page(&request)).await {
                Some(answer) => answer,
                None => self.signed_page(&mut request, request_id, peer, &mut call).await,
            },
        };
        Outcome {
            answer,
            service: "rolecall",
            operation: Cow::Borrowed("-"),
            caller: call.as_ref().map_or_else(|| "-".to_owned(), |call| call.caller.arn()),
            decisions: call.map(|call| call.decisions()).unwrap_or_default(),
        }
    }

    /// Authenticates a request for a page that has to be signed, and answers it.
    async fn signed_page(
        &self,
        request: &mut HttpRequest,
        request_id: &str,
        peer: &Peer,
        call: &mut Option<Call>,
    ) -> HttpResponse {
        let terms = Terms {
            signing_name: OWN_SIGNING_NAME,
            rules: Rules::General,
            unsigned: Unsigned::Refused,
            default_region: self.platform.settings.region.clone(),
            only_region: None,
        };
        let identified = match identify(&self.platform.authority, request, terms).await {
            Ok(identified) => identified,
            Err(failure) => {
                tracing::info!(%request_id, service = "rolecall", %failure, "not authenticated");
                let rendered = failure.render(ErrorFamily::RestJson);
                let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::FORBIDDEN);
                return own::problem(status, rendered.code, &rendered.message);
            }
        };
        route_what_was_signed(request);
        let call = call.insert(Call::new(
            identified.caller,
            identified.region,
            request_id.to_owned(),
            self.platform.now_ms(),
            http_origin(request, peer.address),
        ));
        own::signed_page(&self.platform, call, &request.method, own_page(request)).await
    }
}

impl Outcome {
    /// The outcome of a request to Lambda that is no operation of its API.
    pub(crate) fn of_lambda(answer: HttpResponse, operation: &'static str, call: Option<&Arc<Call>>) -> Self {
        Outcome {
            answer,
            service: ServiceId::Lambda.name(),
            operation: Cow::Borrowed(operation),
            caller: call.map_or_else(|| "-".to_owned(), |call| call.caller.arn()),
            decisions: call.map(|call| call.decisions()).unwrap_or_default(),
        }
    }
}

/// The page that a path under `/_rolecall/` names.
fn own_page(request: &HttpRequest) -> &str {
    request.path.strip_prefix(OWN_PREFIX).unwrap_or_default()
}

/// Puts the normal form of the path in its place: that is what the signature of every service but S3 covers.
fn route_what_was_signed(request: &mut HttpRequest) {
    if let Ok(Cow::Owned(normal)) = normalize_path(&request.path) {
        request.path = normal;
    }
}

/// The path for the log. Whoever knows a download link may use it, so its token is left out.
fn logged_path(path: &str) -> &str {
    // Most paths have none of the prefix's first letters.
    if !path.contains('_') {
        return path;
    }
    let links = path.find(OWN_PREFIX).and_then(|own| {
        let page = own + OWN_PREFIX.len();
        Some(page + path.get(page..)?.find(CODE_LINKS)? + CODE_LINKS.len())
    });
    links.and_then(|end| path.get(..end)).unwrap_or(path)
}

/// Where the request came from: the peer of the socket, never a header that anybody can write (mistakes row 8).
fn http_origin(request: &HttpRequest, address: Option<IpAddr>) -> Origin {
    Origin::Http {
        source_ip: address,
        user_agent: header(request, "user-agent").unwrap_or_default().to_owned(),
        referer: header(request, "referer").map(str::to_owned),
        secure_transport: false,
    }
}

/// Milliseconds to the hundredth, for people.
fn rounded_ms(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::logged_path;

    #[test]
    fn the_token_of_a_download_link_is_not_logged() {
        assert_eq!(logged_path("/_rolecall/code/secret"), "/_rolecall/code/");
        assert_eq!(logged_path("/x/../_rolecall//code/secret"), "/x/../_rolecall//code/");
        assert_eq!(logged_path("/bucket/code/key"), "/bucket/code/key");
        assert_eq!(logged_path("/_rolecall/health"), "/_rolecall/health");
    }
}
