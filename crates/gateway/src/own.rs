//! Rolecall's own pages under `/_rolecall/`.
//!
//! `health` and downloads of code by their one-time links are open. Everything else is signed like any AWS request,
//! for the service `rolecall`, and authorised like any other action.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use rolecall_arn::Arn;
use rolecall_authority::{Call, Check, DecisionId};
use rolecall_service::Platform;
use rolecall_wire::HttpResponse;
use serde_json::json;

use crate::answer;

/// Where the download links of code are, under [`OWN_PREFIX`](crate::classify::OWN_PREFIX).
pub(crate) const CODE_LINKS: &str = "code/";

/// What a page needs from services, asked through this trait so that the gateway does not know them.
#[async_trait]
pub trait OwnPages: Send + Sync {
    /// The zip file behind a download link of GetFunction or GetLayerVersion; none where the link is not good (any more).
    async fn code_download(&self, token: &str) -> Option<Bytes>;
}

/// A page that needs no signature; none where the path is not such a page.
pub(crate) async fn open_page(pages: &dyn OwnPages, method: &Method, page: &str) -> Option<HttpResponse> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    if page == "health" {
        let body = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")});
        return Some(answer::json(StatusCode::OK, &body));
    }
    let token = page.strip_prefix(CODE_LINKS)?;
    Some(match pages.code_download(token).await {
        Some(body) => {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
            HttpResponse { status: StatusCode::OK, headers, body: body.into() }
        }
        None => {
            problem(StatusCode::NOT_FOUND, "NoSuchLink", "This download link does not exist or has expired.")
        }
    })
}

/// A page for a caller who signed.
pub(crate) async fn signed_page(
    platform: &Platform,
    call: &Call,
    method: &Method,
    page: &str,
) -> HttpResponse {
    match (method, page.strip_prefix("decisions/")) {
        (&Method::GET, Some(id)) => decision(platform, call, id).await,
        _ => problem(StatusCode::NOT_FOUND, "NoSuchPage", "Rolecall has no such page."),
    }
}

/// The explanation of a decision: for those whose account was the caller's or the resource's, and whose policies
/// allow `rolecall:ExplainDecision`. Each of the two accounts sees its own side.
async fn decision(platform: &Platform, call: &Call, id: &str) -> HttpResponse {
    let Some(account) = call.caller.account() else {
        return problem(StatusCode::FORBIDDEN, "AccessDenied", "Only a user or role may ask.");
    };
    let id: DecisionId = match id.parse() {
        Ok(id) => id,
        Err(error) => {
            let error: rolecall_authority::DecisionIdError = error;
            return problem(StatusCode::BAD_REQUEST, "InvalidDecisionId", &error.to_string());
        }
    };
    let arn = Arn::regional("rolecall", &call.region, account, &format!("decision/{id}"));
    if let Err(denied) =
        platform.authority.authorize(call, Check::on("rolecall:ExplainDecision", &arn, account))
    {
        return problem(StatusCode::FORBIDDEN, "AccessDenied", &denied.message);
    }
    let unknown = || {
        let message = format!(
            "There is no decision {id} that account {account} had a part in. Rolecall keeps the newest 20,000."
        );
        problem(StatusCode::NOT_FOUND, "NoSuchDecision", &message)
    };
    match platform.authority.explanation(&id).await {
        Ok(record) => match record.and_then(|record| record.seen_by(account)) {
            Some(record) => match serde_json::to_value(&record) {
                Ok(body) => answer::json(StatusCode::OK, &body),
                Err(error) => failed(&error),
            },
            None => unknown(),
        },
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%error, "a decision could not be read");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "The decision could not be read.")
}

pub(crate) fn problem(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    answer::json(status, &json!({"code": code, "message": message}))
}

/// Pages of a server without functions.
pub(crate) type Pages = Arc<dyn OwnPages>;
