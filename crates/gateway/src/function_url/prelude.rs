//! A streamed response as an HTTP answer.
//!
//! A response of the type [`INTEGRATION`] begins with its own head: status, headers and cookies as JSON, then eight
//! zero bytes, then the body. Any other is all body.

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rolecall_wire::{Body, ByteStream, HttpResponse};

use crate::function_url::response::{NoAnswer, head};

/// The content type of a response that begins with its head.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";

/// What ends the head.
const DELIMITER: [u8; 8] = [0; 8];

/// The longest head. Nothing that a client would take as headers is longer.
const LONGEST: usize = 256 * 1024;

/// The type of a body that the runtime gives none.
const BYTES_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The answer; it is known when the head of the response has come, and its body goes on coming.
pub(crate) async fn of_stream(
    content_type: Option<&str>,
    body: ByteStream,
) -> Result<HttpResponse, NoAnswer> {
    if content_type.is_some_and(|kind| kind.eq_ignore_ascii_case(INTEGRATION)) {
        return with_head(body).await;
    }
    let kind = content_type.and_then(|kind| HeaderValue::from_str(kind).ok()).unwrap_or(BYTES_TYPE);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, kind);
    Ok(HttpResponse { status: StatusCode::OK, headers, body: Body::Stream(body) })
}

async fn with_head(mut body: ByteStream) -> Result<HttpResponse, NoAnswer> {
    let mut begun = BytesMut::new();
    let end = loop {
        let bytes = body.next().await.and_then(Result::ok).ok_or(NoAnswer)?;
        // The delimiter may have begun before these bytes.
        let from = begun.len().saturating_sub(DELIMITER.len() - 1);
        begun.extend_from_slice(&bytes);
        if let Some(at) = find(begun.get(from..).unwrap_or_default()) {
            break from + at;
        }
        if begun.len() > LONGEST {
            return Err(NoAnswer);
        }
    };
    let rest = begun.split_off(end + DELIMITER.len()).freeze();
    let described = begun.get(..end).unwrap_or_default();
    let mut answer = head(&serde_json::from_slice(described).map_err(|_| NoAnswer)?)?;
    answer.body = Body::Stream(after(rest, body));
    Ok(answer)
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(DELIMITER.len()).position(|window| window == DELIMITER)
}

/// What came together with the head, and all that follows.
fn after(rest: Bytes, body: ByteStream) -> ByteStream {
    if rest.is_empty() {
        return body;
    }
    ByteStream::new(stream::iter([Ok(rest)]).chain(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_wire::BrokenOff;

    fn stream_of(pieces: &[&[u8]]) -> ByteStream {
        let pieces: Vec<Result<Bytes, BrokenOff>> =
            pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        ByteStream::new(stream::iter(pieces))
    }

    async fn read(answer: HttpResponse) -> Vec<u8> {
        let Body::Stream(body) = answer.body else { return Vec::new() };
        body.map(|piece| piece.unwrap().to_vec()).collect::<Vec<_>>().await.concat()
    }

    #[tokio::test]
    async fn a_head_is_found_wherever_the_pieces_are_cut() {
        let whole = b"{\"statusCode\":201,\"headers\":{\"x-a\":\"b\"},\"cookies\":[\"c=d\"]}\0\0\0\0\0\0\0\0the \0 body";
        for cut in 1..whole.len() {
            let (first, second) = whole.split_at(cut);
            let answer = of_stream(Some(INTEGRATION), stream_of(&[first, second])).await.unwrap();
            assert_eq!(answer.status.as_u16(), 201);
            assert_eq!(answer.headers.get("x-a").unwrap(), "b");
            assert_eq!(answer.headers.get("set-cookie").unwrap(), "c=d");
            assert_eq!(read(answer).await, b"the \0 body", "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_response_without_a_head_is_all_body() {
        let answer = of_stream(Some("text/event-stream"), stream_of(&[b"{}", b"\0\0"])).await.unwrap();
        assert_eq!(answer.headers.get("content-type").unwrap(), "text/event-stream");
        assert_eq!(read(answer).await, b"{}\0\0");
        let answer = of_stream(None, stream_of(&[])).await.unwrap();
        assert_eq!(answer.headers.get("content-type").unwrap(), BYTES_TYPE);
    }

    #[tokio::test]
    async fn a_head_that_never_ends_or_is_none_is_no_answer() {
        for pieces in [vec![&b"{\"statusCode\":200}"[..]], vec![&b"no json\0\0\0\0\0\0\0\0"[..]], vec![]] {
            assert!(of_stream(Some(INTEGRATION), stream_of(&pieces)).await.is_err());
        }
        let endless = vec![b'x'; LONGEST + 1];
        assert!(of_stream(Some(INTEGRATION), stream_of(&[&endless])).await.is_err());
    }
}
