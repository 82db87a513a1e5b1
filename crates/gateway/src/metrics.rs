//! The page that Prometheus scrapes, at an address of its own: whoever may see it need not be let in to the API, and the
//! other way round. It is not signed, as no scraper signs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// The page's path.
const PATH: &str = "/metrics";

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers scrapes with what `render` writes, for as long as the task runs.
pub async fn serve_metrics(listener: TcpListener, render: Arc<dyn Fn() -> String + Send + Sync>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely; give others time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let render = Arc::clone(&render);
        tokio::spawn(async move {
            let page = service_fn(|request| {
                let answer = answer(&request, render.as_ref());
                async move { Ok::<_, Infallible>(answer) }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).keep_alive(false);
            if let Err(error) = builder.serve_connection(TokioIo::new(stream), page).await {
                tracing::debug!(%error, "a scrape broke off");
            }
        });
    }
}

fn answer(request: &Request<Incoming>, render: &dyn Fn() -> String) -> Response<Full<Bytes>> {
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let (status, kind, text) = if request.uri().path() != PATH {
        (StatusCode::NOT_FOUND, "text/plain", format!("The metrics are at {PATH}.\n"))
    } else if !is_read {
        (StatusCode::METHOD_NOT_ALLOWED, "text/plain", "The metrics can only be read.\n".to_owned())
    } else {
        (StatusCode::OK, rolecall_metrics::CONTENT_TYPE, render())
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
