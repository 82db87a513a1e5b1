//! The CORS settings of a URL, between the request and the record.

use rolecall_store::records::function_url::UrlCors;
use rolecall_wire::lambda::Cors;

use crate::error::LambdaError;

/// Methods that can be allowed. OPTIONS is not among them: Lambda answers it.
const METHODS: [&str; 7] = ["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"];

/// The settings as they are kept. Counts and lengths were checked by the model.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] for a method that cannot be allowed; the words are Rolecall's.
pub(crate) fn record(cors: Cors) -> Result<UrlCors, LambdaError> {
    let methods = cors.allow_methods.iter().flatten();
    if let Some(unknown) = methods.into_iter().find(|method| !METHODS.contains(&method.as_str())) {
        return Err(LambdaError::InvalidParameter(format!(
            "'{unknown}' in AllowMethods is none of {}.",
            METHODS.join(", ")
        )));
    }
    Ok(UrlCors {
        allow_credentials: cors.allow_credentials,
        allow_headers: cors.allow_headers,
        allow_methods: cors.allow_methods,
        allow_origins: cors.allow_origins,
        expose_headers: cors.expose_headers,
        max_age_s: cors.max_age.and_then(|seconds| u32::try_from(seconds).ok()),
    })
}

/// The settings as callers see them.
pub(crate) fn shown(cors: &UrlCors) -> Cors {
    Cors {
        allow_credentials: cors.allow_credentials,
        allow_headers: cors.allow_headers.clone(),
        allow_methods: cors.allow_methods.clone(),
        allow_origins: cors.allow_origins.clone(),
        expose_headers: cors.expose_headers.clone(),
        max_age: cors.max_age_s.and_then(|seconds| i32::try_from(seconds).ok()),
    }
}
