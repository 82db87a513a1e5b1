//! Chunked uploads: the two of S3's documentation, and what becomes of them when somebody meddles (mistake 1).

use rolecall_sigv4::{AuthFailure, ChunkError};

use crate::s3_examples::{authorization, example};
use crate::support::Request;

const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const FIRST: &str = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
const SECOND: &str = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
const LAST: &str = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const TRAILER_FIRST: &str = "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2";
const TRAILER_SECOND: &str = "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7";
const TRAILER_LAST: &str = "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992";
const TRAILER: &str = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

/// One chunk of `size` letters.
fn chunk(size: usize, signature: &str) -> Vec<u8> {
    let mut bytes = format!("{size:x};chunk-signature={signature}\r\n").into_bytes();
    bytes.extend(vec![b'a'; size]);
    bytes.extend_from_slice(if size == 0 { b"" } else { b"\r\n" });
    bytes
}

fn with_body(mut request: Request, parts: &[&[u8]]) -> Request {
    request.body = parts.concat();
    request
}

fn signed_chunks(parts: &[&[u8]]) -> Request {
    let mut request = example(
        "PUT",
        "/examplebucket/chunkObject.txt",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        &[
            ("Host", "s3.amazonaws.com"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("Content-Length", "66824"),
        ],
    );
    let names = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
                 x-amz-decoded-content-length;x-amz-storage-class";
    request.add("Authorization", &authorization(names, SEED));
    with_body(request, parts)
}

fn with_trailer(parts: &[&[u8]]) -> Request {
    let mut request = example(
        "PUT",
        "/examplebucket/chunkObject.txt",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        &[
            ("Host", "s3.amazonaws.com"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("x-amz-trailer", "x-amz-checksum-crc32c"),
        ],
    );
    let names = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
                 x-amz-storage-class;x-amz-trailer";
    request.add("Authorization", &authorization(names, TRAILER_SEED));
    with_body(request, parts)
}

fn trailer_lines(checksum: &str, signature: &str) -> Vec<u8> {
    format!("x-amz-checksum-crc32c:{checksum}\r\nx-amz-trailer-signature:{signature}\r\n\r\n").into_bytes()
}

fn assert_chunk_error(request: &Request, expected: ChunkError) {
    match request.authenticate() {
        Err(AuthFailure::Chunk(error)) => assert_eq!(error, expected),
        other => panic!("{other:?} instead of {expected:?}"),
    }
}

#[test]
fn the_chunked_upload_of_s3s_documentation_is_accepted() {
    let request = signed_chunks(&[&chunk(65_536, FIRST), &chunk(1024, SECOND), &chunk(0, LAST), b"\r\n"]);
    assert_eq!(request.body.len(), 66_824);
    let (_, body) = request.authenticate().unwrap();
    assert_eq!(body.bytes, vec![b'a'; 66_560]);
    assert!(body.trailers.is_empty());
}

#[test]
fn the_chunked_upload_with_trailer_of_s3s_documentation_is_accepted() {
    let chunks = [chunk(65_536, TRAILER_FIRST), chunk(1024, TRAILER_SECOND), chunk(0, TRAILER_LAST)].concat();
    let (_, body) = with_trailer(&[&chunks, &trailer_lines("sOO8/Q==", TRAILER)]).authenticate().unwrap();
    assert_eq!(body.bytes.len(), 66_560);
    assert_eq!(body.trailers, [("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())]);
}

#[test]
fn chunks_can_neither_be_changed_nor_moved_nor_left_out() {
    let (first, second, last) = (chunk(65_536, FIRST), chunk(1024, SECOND), chunk(0, LAST));
    let mut changed = first.clone();
    changed[1000] = b'b';
    for parts in [
        [&changed, &second, &last],
        [&second, &first, &last],
        [&first, &first, &last],
        [&chunk(65_536, SECOND), &second, &last],
        [&chunk(65_536, SEED), &second, &last],
        [&first, &second, &chunk(0, SECOND)],
    ] {
        let request = signed_chunks(&[parts[0], parts[1], parts[2], b"\r\n"]);
        assert_chunk_error(&request, ChunkError::SignatureMismatch);
    }
    assert_chunk_error(&signed_chunks(&[&first, &last, b"\r\n"]), ChunkError::SignatureMismatch);
    assert_chunk_error(&signed_chunks(&[&last, b"\r\n"]), ChunkError::SignatureMismatch);
}

#[test]
fn a_chunk_without_a_signature_is_refused_where_chunks_are_signed() {
    let unsigned =
        |size: usize| [format!("{size:x}\r\n").into_bytes(), vec![b'a'; size], b"\r\n".to_vec()].concat();
    let body = [unsigned(65_536), unsigned(1024), b"0\r\n\r\n".to_vec()].concat();
    assert_chunk_error(&signed_chunks(&[&body]), ChunkError::SignatureMismatch);
    let body = [chunk(65_536, FIRST), unsigned(1024), chunk(0, LAST), b"\r\n".to_vec()].concat();
    assert_chunk_error(&signed_chunks(&[&body]), ChunkError::SignatureMismatch);
}

#[test]
fn broken_framing_is_refused() {
    let first = chunk(65_536, FIRST);
    let second = chunk(1024, SECOND);
    let good = [first.clone(), second.clone(), chunk(0, LAST), b"\r\n".to_vec()].concat();
    for (body, expected) in [
        (b"".to_vec(), ChunkError::Incomplete),
        (first.clone(), ChunkError::Incomplete),
        (good[..good.len() - 2].to_vec(), ChunkError::Incomplete),
        ([good.as_slice(), b"x"].concat(), ChunkError::Excess),
        ([good.as_slice(), good.as_slice()].concat(), ChunkError::Excess),
        (format!("ffffffffffffffff;chunk-signature={FIRST}\r\n").into_bytes(), ChunkError::Incomplete),
        (format!("10000000000000000;chunk-signature={FIRST}\r\n").into_bytes(), ChunkError::Malformed),
        (format!("+1;chunk-signature={FIRST}\r\na\r\n").into_bytes(), ChunkError::Malformed),
        (format!(";chunk-signature={FIRST}\r\n\r\n").into_bytes(), ChunkError::Malformed),
        (format!("1;other={FIRST}\r\na\r\n").into_bytes(), ChunkError::Malformed),
        (b"1;chunk-signature=short\r\na\r\n".to_vec(), ChunkError::SignatureMismatch),
        (vec![b'1'; 10_000], ChunkError::Malformed),
        (b"\xff\r\n".to_vec(), ChunkError::Malformed),
        (good.iter().copied().filter(|byte| *byte != b'\r').collect(), ChunkError::Malformed),
    ] {
        assert_chunk_error(&signed_chunks(&[&body]), expected);
    }
}

#[test]
fn trailers_have_to_be_signed_and_to_be_the_promised_ones() {
    let chunks = [chunk(65_536, TRAILER_FIRST), chunk(1024, TRAILER_SECOND), chunk(0, TRAILER_LAST)].concat();
    for (lines, expected) in [
        (trailer_lines("sOO8/R==", TRAILER), ChunkError::SignatureMismatch),
        (trailer_lines("sOO8/Q==", TRAILER_LAST), ChunkError::SignatureMismatch),
        (b"x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n".to_vec(), ChunkError::SignatureMismatch),
        (b"\r\n".to_vec(), ChunkError::SignatureMismatch),
        (format!("x-amz-trailer-signature:{TRAILER}\r\n\r\n").into_bytes(), ChunkError::SignatureMismatch),
        (b"nonsense\r\n\r\n".to_vec(), ChunkError::Malformed),
        (b"x-amz-checksum-crc32c:sOO8/Q==\r\n".to_vec(), ChunkError::Incomplete),
        ([trailer_lines("sOO8/Q==", TRAILER), b"x".to_vec()].concat(), ChunkError::Excess),
    ] {
        assert_chunk_error(&with_trailer(&[&chunks, &lines]), expected);
    }
}

/// The chunked requests that botocore signed with a trailer and without chunk signatures.
fn unsigned_trailer_requests() -> impl Iterator<Item = Request> {
    crate::support::VECTORS
        .iter()
        .map(|vector| vector.request.clone())
        .filter(|r| r.header("x-amz-content-sha256") == Some(b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
}

#[test]
fn an_unsigned_trailer_upload_is_verified_like_any_other() {
    let mut count = 0;
    for mut request in unsigned_trailer_requests() {
        request.secret = rolecall_sigv4::SecretKey::new("any secret at all");
        assert_eq!(request.authenticate().map(drop), Err(AuthFailure::SignatureMismatch));
        count += 1;
    }
    assert!(count >= 10);
}

#[test]
fn an_unsigned_trailer_upload_holds_what_its_signed_headers_promise() {
    for request in unsigned_trailer_requests() {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        let at = text
            .rfind("x-amz-checksum")
            .map(|_| request.body.windows(5).rposition(|w| w == b"x-amz").unwrap());
        let (chunks, trailer) = request.body.split_at(at.unwrap());
        let renamed = [chunks, b"x-amz-checksum-other:AAAA\r\n\r\n"].concat();
        let doubled = [chunks, &trailer[..trailer.len() - 2], trailer].concat();
        for body in [renamed, doubled, [chunks, b"\r\n"].concat()] {
            assert_chunk_error(&Request { body, ..request.clone() }, ChunkError::WrongTrailers);
        }
        let body = [b"1\r\nx\r\n".as_slice(), &request.body].concat();
        assert_chunk_error(&Request { body, ..request.clone() }, ChunkError::WrongLength);
        let body = [b"1;chunk-signature=00\r\nx\r\n".as_slice(), &request.body].concat();
        assert_chunk_error(&Request { body, ..request.clone() }, ChunkError::Malformed);
    }
}
