//! Requests to function URLs: HTTP in, an event for Lambda, and an HTTP answer of what the function returned.
//!
//! Who may run the function is Lambda's affair; who the caller is, is found out where it is for every request.

mod address;
mod cors;
mod event;
mod prelude;
mod response;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};
use rolecall_arn::AccountId;
use rolecall_authority::Call;
use rolecall_service::{FoundUrl, UrlAnswer, UrlRefusal};
use rolecall_sigv4::{AuthFailure, Rules};
use rolecall_wire::{Fault, HttpRequest, HttpResponse, ServiceError, ServiceId};

use crate::authenticate::{Identified, Terms, Unsigned, identify, identify_nobody, refusal};
use crate::gateway::{Gateway, Outcome};
use crate::intake::IntakeError;
use crate::server::Peer;
use event::Visit;

pub(crate) use address::UrlAddress;

/// The largest body of a request, in bytes. Lambda limits the whole event to as much.
pub(crate) const MAX_BODY_BYTES: usize = 6_291_456;

/// What the log calls a request to a function URL.
const OPERATION: &str = "InvokeFunctionUrl";

/// The text of every refusal for want of a right (reference lambda.md 3.6-8).
const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                         https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// A request to a function URL, beside the request itself.
struct Arrival<'a> {
    url: &'a FoundUrl,
    address: &'a UrlAddress,
    request_id: &'a str,
    trace: &'a str,
    peer: &'a Peer,
}

impl Gateway {
    /// Answers a request to a function URL.
    pub(crate) async fn answer_function_url(
        &self,
        address: &UrlAddress,
        mut request: HttpRequest,
        read: Result<(), IntakeError>,
        request_id: &str,
        peer: &Peer,
    ) -> Outcome {
        let mut call = None;
        let trace = self.trace_of(&request);
        let found = self.urls().find_url(&address.id).filter(|url| {
            address.region.as_deref().is_none_or(|region| region == url.target.function.1.as_str())
        });
        let mut answer = match found {
            None => error(no_such_url(), request_id),
            Some(url) => {
                let arrival = Arrival { url: &url, address, request_id, trace: &trace, peer };
                let visited = self.visit(&arrival, &mut request, read, &mut call).await;
                let mut answer = visited.unwrap_or_else(|refusal| error(refusal, request_id));
                if let Some(cors) = url.config.cors.as_ref().filter(|_| !cors::is_preflight(&request)) {
                    cors::add(cors, &request, &mut answer.headers);
                }
                answer
            }
        };
        let answered = call.as_ref().and_then(|call| call.answered_trace());
        name_request(&mut answer.headers, request_id, answered.unwrap_or(&trace));
        Outcome::of_lambda(answer, OPERATION, call.as_ref())
    }

    /// Authenticates the request and has the function answer it.
    async fn visit(
        &self,
        arrival: &Arrival<'_>,
        request: &mut HttpRequest,
        read: Result<(), IntakeError>,
        call: &mut Option<Arc<Call>>,
    ) -> Result<HttpResponse, ServiceError> {
        let Arrival { url, address, request_id, trace, peer } = *arrival;
        let preflight = url.config.cors.as_ref().and_then(|cors| cors::preflight(cors, request));
        if let Some(answer) = preflight {
            return Ok(answer);
        }
        read.map_err(unreadable)?;
        let identified = self.identify_visitor(url, request).await.map_err(|failure| {
            tracing::info!(%request_id, service = "lambda", %failure, "not authenticated");
            match failure {
                AuthFailure::MissingAuthentication => forbidden(),
                failure => refusal(ServiceId::Lambda, &failure),
            }
        })?;
        self.note_key_use(ServiceId::Lambda, &identified);
        let mut made = self.call(ServiceId::Lambda, identified, request, request_id, peer);
        made.trace = Some(trace.to_owned());
        let call = &*call.insert(Arc::new(made));
        let visit = Visit {
            request,
            path: address.path(request),
            url,
            call,
            organization: call.caller.account().and_then(|account| self.organization_of(account)),
            trace,
        };
        let event = visit.event();
        match self.urls().invoke_url(call, url, event).await {
            Ok(answer) => Ok(answered(answer).await),
            Err(UrlRefusal::Forbidden) => Err(forbidden()),
            Err(UrlRefusal::Service(error)) => Err(error),
        }
    }

    /// Who sent the request: nobody in particular where the URL is open to everybody, whatever is signed.
    async fn identify_visitor(
        &self,
        url: &FoundUrl,
        request: &mut HttpRequest,
    ) -> Result<Identified, AuthFailure> {
        let region = url.target.function.1.clone();
        if url.config.is_open() {
            return identify_nobody(request, region);
        }
        let terms = Terms {
            signing_name: ServiceId::Lambda.signing_name(),
            rules: Rules::General,
            unsigned: Unsigned::Refused,
            default_region: region.clone(),
            only_region: Some(region),
        };
        identify(&self.platform().authority, request, terms).await
    }

    /// The trace that the request belongs to, or a new one.
    fn trace_of(&self, request: &HttpRequest) -> String {
        let given = crate::intake::header(request, "x-amzn-trace-id").map(str::to_owned);
        given.unwrap_or_else(|| self.new_trace())
    }

    fn organization_of(&self, account: AccountId) -> Option<String> {
        let state = self.platform().store.read();
        let management = state.accounts.get(&account)?.organization?;
        state.organizations.get(&management).map(|organization| organization.id.clone())
    }
}

/// The HTTP answer of what the function answered.
async fn answered(answer: UrlAnswer) -> HttpResponse {
    let answer = match answer {
        UrlAnswer::Whole(result) => response::of_result(result),
        UrlAnswer::Stream { content_type, body } => prelude::of_stream(content_type.as_deref(), body).await,
        UrlAnswer::Failed => Err(response::NoAnswer),
    };
    answer.unwrap_or_else(|response::NoAnswer| failed())
}

/// Every answer names its request and its trace.
fn name_request(headers: &mut HeaderMap, request_id: &str, trace: &str) {
    for (name, value) in [("x-amzn-requestid", request_id), ("x-amzn-trace-id", trace)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

fn error(error: ServiceError, request_id: &str) -> HttpResponse {
    rolecall_wire::encode_error(ServiceId::Lambda, &error, request_id, None)
}

fn forbidden() -> ServiceError {
    let mut error = ServiceError::new(403, "AccessDeniedException", FORBIDDEN);
    error.message_member = Some("Message");
    error
}

/// A body that was not read to its end.
fn unreadable(error: IntakeError) -> ServiceError {
    match error {
        IntakeError::TooLarge { .. } => ServiceError::new(
            413,
            "RequestEntityTooLargeException",
            format!("Request must be smaller than {MAX_BODY_BYTES} bytes for the InvokeFunction operation"),
        ),
        IntakeError::NoRoom(_) => ServiceError::new(503, "ServiceUnavailable", error.to_string()),
        IntakeError::TooSlow | IntakeError::Broken(_) => {
            ServiceError::new(400, "RequestTimeout", error.to_string())
        }
    }
}

/// AWS says nothing of a URL that does not exist.
fn no_such_url() -> ServiceError {
    ServiceError {
        status: 404,
        code: "ResourceNotFoundException".into(),
        message: None,
        members: Vec::new(),
        fault: Fault::Sender,
        headers: Vec::new(),
        message_member: None,
    }
}

/// What the client learns of a function that failed (reference lambda.md 3.6-11).
fn failed() -> HttpResponse {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    HttpResponse { status: StatusCode::BAD_GATEWAY, headers, body: "Internal Server Error".into() }
}
