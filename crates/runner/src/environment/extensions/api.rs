//! The Extensions API: `/2020-01-01/extension/`.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;
use uuid::Uuid;

use super::{About, EXTENSIONS_MAX, Event, Extension, Extensions, Refusal, State};
use crate::environment::answers::{
    Answered, accepted, json, not_found, refusal, small_body, text, wrong_method,
};

const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";
const ERROR_TYPE: &str = "lambda-extension-function-error-type";
const ACCEPT_FEATURE: &str = "lambda-extension-accept-feature";
const EVENT_IDENTIFIER: &str = "lambda-extension-event-identifier";

/// Answers one call; `path` is what comes after `/2020-01-01/extension/`.
pub(crate) async fn respond(
    extensions: &Extensions,
    about: &About,
    path: &str,
    request: Request<Incoming>,
) -> Answered {
    let method = request.method().clone();
    let answer = match (path, method) {
        ("register", Method::POST) => register(extensions, about, request).await,
        ("event/next", Method::GET) => next(extensions, request.headers()).await,
        ("init/error", Method::POST) => failed(extensions, request.headers(), State::InitError),
        ("exit/error", Method::POST) => failed(extensions, request.headers(), State::ExitError),
        ("register" | "event/next" | "init/error" | "exit/error", _) => return wrong_method(),
        _ => return not_found(),
    };
    answer.unwrap_or_else(|Refusal { error_type, message }| {
        refusal(StatusCode::FORBIDDEN, error_type, &message)
    })
}

async fn register(
    extensions: &Extensions,
    about: &About,
    request: Request<Incoming>,
) -> Result<Answered, Refusal> {
    let headers = request.headers().clone();
    let name = text(&headers, NAME).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::new("Extension.InvalidExtensionName", "Empty extension name"))?;
    let events = asked_events(&small_body(request).await.unwrap_or_default())?;
    let id = extensions.register(&name, &events)?;
    let mut body = serde_json::json!({
        "functionName": about.name,
        "functionVersion": about.version,
        "handler": about.handler,
    });
    let features = text(&headers, ACCEPT_FEATURE).unwrap_or_default();
    if features.split(',').any(|feature| feature.trim() == "accountId") {
        body["accountId"] = about.account.clone().into();
    }
    let mut answer = json(StatusCode::OK, body.to_string());
    insert(&mut answer, IDENTIFIER, &id);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    configuration_keys: Vec<String>,
}

fn asked_events(body: &[u8]) -> Result<Vec<String>, Refusal> {
    let malformed = |text: String| Refusal::new("InvalidRequestFormat", text);
    let registration: Registration =
        serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    if !registration.configuration_keys.is_empty() {
        let text = "configurationKeys are deprecated; use environment variables instead";
        return Err(malformed(text.to_owned()));
    }
    Ok(registration.events)
}

async fn next(extensions: &Extensions, headers: &HeaderMap) -> Result<Answered, Refusal> {
    let id = identifier(headers)?;
    let event = extensions.next(&id).await?;
    let mut answer = json(StatusCode::OK, event);
    insert(&mut answer, EVENT_IDENTIFIER, &Uuid::new_v4().to_string());
    Ok(answer)
}

fn failed(extensions: &Extensions, headers: &HeaderMap, to: State) -> Result<Answered, Refusal> {
    let id = identifier(headers)?;
    let error_type = text(headers, ERROR_TYPE).filter(|value| !value.is_empty());
    let missing =
        || Refusal::new("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    extensions.report(&id, to, &error_type.ok_or_else(missing)?)?;
    Ok(accepted())
}

/// Whose call it is.
pub(in crate::environment) fn identifier(headers: &HeaderMap) -> Result<String, Refusal> {
    let Some(id) = text(headers, IDENTIFIER).filter(|id| !id.is_empty()) else {
        let text = "Missing Lambda-Extension-Identifier header";
        return Err(Refusal::new("Extension.MissingExtensionIdentifier", text));
    };
    match Uuid::parse_str(&id) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => {
            let text = "Invalid Lambda-Extension-Identifier";
            Err(Refusal::new("Extension.InvalidExtensionIdentifier", text))
        }
    }
}

fn insert(answer: &mut Response<http_body_util::Full<Bytes>>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

impl Extensions {
    fn register(&self, name: &str, events: &[String]) -> Result<String, Refusal> {
        let mut desk = self.lock();
        let known = desk.all.iter().position(|extension| extension.external && extension.name == name);
        let events = events.iter().map(|event| parse(event, known.is_some())).collect::<Result<_, _>>()?;
        if known.is_none() {
            if desk.closed {
                let text = "Extension registration closed already";
                return Err(Refusal::new("Extension.RegistrationClosed", text));
            }
            if desk.all.len() >= EXTENSIONS_MAX {
                let text = format!("Extension limit ({EXTENSIONS_MAX}) reached");
                return Err(Refusal::new("Extension.TooManyExtensions", text));
            }
            if desk.all.iter().any(|extension| extension.name == name) {
                let text = "Extension with this name already registered";
                return Err(Refusal::new("Extension.InvalidExtensionState", text));
            }
            desk.all.push(Extension::new(name, false));
        }
        let index = known.unwrap_or(desk.all.len().saturating_sub(1));
        let Some(extension) = desk.all.get_mut(index) else { return Err(unknown("")) };
        if extension.state != State::Started {
            return Err(Refusal::transition(extension, State::Registered, name));
        }
        extension.state = State::Registered;
        extension.events = events;
        let id = extension.id.clone();
        drop(desk);
        self.tell();
        Ok(id)
    }

    /// The next event for this extension.
    async fn next(&self, id: &str) -> Result<String, Refusal> {
        self.change(id, State::Ready, |state| matches!(state, State::Registered | State::Running))?;
        let mut happened = self.happened.subscribe();
        loop {
            {
                let mut desk = self.lock();
                let extension = find(&mut desk.all, id)?;
                if let Some(event) = extension.pending.take() {
                    extension.state = State::Running;
                    return Ok(event);
                }
            }
            self.next_happening(&mut happened).await;
        }
    }

    /// Notes what an extension says of its failure. It is expected to exit.
    fn report(&self, id: &str, to: State, error_type: &str) -> Result<(), Refusal> {
        self.change(id, to, |state| match to {
            State::InitError => matches!(state, State::Registered | State::InitError),
            _ => matches!(state, State::Registered | State::Ready | State::Running | State::ExitError),
        })?;
        let mut desk = self.lock();
        find(&mut desk.all, id)?.error_type.get_or_insert_with(|| error_type.to_owned());
        Ok(())
    }

    fn change(&self, id: &str, to: State, may: impl Fn(State) -> bool) -> Result<(), Refusal> {
        let mut desk = self.lock();
        let extension = find(&mut desk.all, id)?;
        if !may(extension.state) {
            return Err(Refusal::transition(extension, to, id));
        }
        extension.state = to;
        drop(desk);
        self.tell();
        Ok(())
    }

    /// The name of the extension with this identifier.
    pub(in crate::environment) fn name_of(&self, id: &str) -> Result<String, Refusal> {
        Ok(find(&mut self.lock().all, id)?.name.clone())
    }
}

fn find<'a>(all: &'a mut [Extension], id: &str) -> Result<&'a mut Extension, Refusal> {
    all.iter_mut().find(|extension| extension.id == id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Refusal {
    Refusal::new("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"))
}

fn parse(event: &str, external: bool) -> Result<Event, Refusal> {
    let error = match event {
        "INVOKE" => return Ok(Event::Invoke),
        "SHUTDOWN" if external => return Ok(Event::Shutdown),
        "SHUTDOWN" => "ShutdownEventNotSupportedForInternalExtension",
        _ => "ErrorInvalidEventType",
    };
    Err(Refusal::new("Extension.InvalidEventType", format!("{event}: {error}")))
}
