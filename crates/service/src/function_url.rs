//! What stands between the one who speaks HTTP and the one who runs functions: a request to a function URL.
//!
//! The gateway reads the request, finds out who signed it and makes the event; Lambda checks the rights and runs the
//! function; the gateway makes an HTTP answer of what comes back. Neither has to know the other.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rolecall_authority::Call;
use rolecall_store::records::function_url::{FunctionUrl, FunctionUrlTarget};
use rolecall_wire::{ByteStream, ServiceError};

/// A function URL that a request was sent to.
#[derive(Debug, Clone)]
pub struct FoundUrl {
    /// Whose URL it is.
    pub target: FunctionUrlTarget,
    /// Its configuration.
    pub config: Arc<FunctionUrl>,
}

/// What the function answered.
#[derive(Debug)]
pub enum UrlAnswer {
    /// Its result, whole.
    Whole(Bytes),
    /// Its response, as it comes.
    Stream {
        /// What its runtime says that the response is.
        content_type: Option<String>,
        /// The bytes.
        body: ByteStream,
    },
    /// It failed, or could not be run. Callers are told no more (reference lambda.md 3.6-11).
    Failed,
}

/// Why the function was not run.
#[derive(Debug)]
pub enum UrlRefusal {
    /// The caller may not, or the URL's alias is gone: which of these, is not told (reference lambda.md 3.6-8, 3.6-9).
    Forbidden,
    /// Lambda's own error.
    Service(ServiceError),
}

/// Lambda, as the gateway needs it for function URLs.
#[async_trait]
pub trait FunctionUrls: Send + Sync {
    /// The URL with this id; none where there is none.
    fn find_url(&self, id: &str) -> Option<FoundUrl>;

    /// Runs the function with the event, if the call's caller has both rights (reference lambda.md 3.6-3).
    ///
    /// # Errors
    /// [`UrlRefusal`].
    async fn invoke_url(
        &self,
        call: &Arc<Call>,
        url: &FoundUrl,
        event: Bytes,
    ) -> Result<UrlAnswer, UrlRefusal>;
}
