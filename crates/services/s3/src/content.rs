//! What is stored with the bytes of an object: HTTP headers and user metadata.

use std::collections::BTreeMap;

use rolecall_wire::s3 as wire;

use crate::error::S3Error;

/// The most that user metadata may take: all names and values together.
pub(crate) const MAX_METADATA_BYTES: usize = 2048;

/// The content type of what was uploaded without one.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// Headers by lower-case name.
pub(crate) type Headers = BTreeMap<String, String>;

/// The headers that a PutObject stores.
pub(crate) fn headers_of_put(input: &wire::PutObjectRequest) -> Headers {
    headers([
        ("content-type", input.content_type.as_deref()),
        ("cache-control", input.cache_control.as_deref()),
        ("content-disposition", input.content_disposition.as_deref()),
        ("content-encoding", input.content_encoding.as_deref()),
        ("content-language", input.content_language.as_deref()),
        ("expires", input.expires.as_deref()),
    ])
}

/// The headers that a CopyObject with its own metadata stores.
pub(crate) fn headers_of_copy(input: &wire::CopyObjectRequest) -> Headers {
    headers([
        ("content-type", input.content_type.as_deref()),
        ("cache-control", input.cache_control.as_deref()),
        ("content-disposition", input.content_disposition.as_deref()),
        ("content-encoding", input.content_encoding.as_deref()),
        ("content-language", input.content_language.as_deref()),
        ("expires", input.expires.as_deref()),
    ])
}

fn headers<'v>(given: impl IntoIterator<Item = (&'static str, Option<&'v str>)>) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in given {
        let value = match name {
            "content-type" => Some(value.unwrap_or(DEFAULT_CONTENT_TYPE).to_owned()),
            "content-encoding" => value.and_then(without_aws_chunked),
            _ => value.map(str::to_owned),
        };
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    headers
}

/// `aws-chunked` says how the bytes travelled and is not stored (S3 API reference, "Transferring payload in chunks").
fn without_aws_chunked(value: &str) -> Option<String> {
    let encodings = value.split(',').map(str::trim);
    let kept: Vec<&str> = encodings
        .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// User metadata with lower-case names, if it is not too large.
pub(crate) fn metadata(given: Option<BTreeMap<String, String>>) -> Result<BTreeMap<String, String>, S3Error> {
    let given = given.unwrap_or_default();
    let size = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_METADATA_BYTES {
        return Err(S3Error::MetadataTooLarge(size));
    }
    Ok(given.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_bytes_travelled_is_not_stored() {
        for (given, stored) in [
            ("aws-chunked", None),
            ("gzip, aws-chunked", Some("gzip")),
            ("aws-chunked,gzip,br", Some("gzip,br")),
            ("gzip", Some("gzip")),
        ] {
            assert_eq!(without_aws_chunked(given).as_deref(), stored, "{given}");
        }
    }

    #[test]
    fn metadata_has_a_limit() {
        let large = [("k".to_owned(), "v".repeat(MAX_METADATA_BYTES))].into();
        assert_eq!(metadata(Some(large)), Err(S3Error::MetadataTooLarge(MAX_METADATA_BYTES + 1)));
        let upper = [("Team".to_owned(), "Red".to_owned())].into();
        assert_eq!(metadata(Some(upper)).unwrap()["team"], "Red");
    }
}
