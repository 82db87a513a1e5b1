//! S3's two ways to name a bucket: in the path, and in the host name.
//!
//! After the signature was checked over what the client sent, a bucket in the host is moved to the front of the path,
//! so that everything behind knows one form only.

use rolecall_wire::HttpRequest;

use crate::intake::header;

/// Moves the bucket from the host name to the path, where the host names one.
pub(crate) fn to_path_style(request: &mut HttpRequest) {
    let Some(bucket) = header(request, "host").and_then(bucket_of_host).map(str::to_owned) else { return };
    request.path = format!("/{bucket}{}", request.path);
}

/// Whether the host names a bucket, so that the path is a key.
pub(crate) fn host_names_bucket(request: &HttpRequest) -> bool {
    header(request, "host").and_then(bucket_of_host).is_some()
}

/// The bucket that a host name names: `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.localhost`, `BUCKET.localhost`.
fn bucket_of_host(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let marks = [".s3.", ".s3-"];
    let marked = marks.iter().filter_map(|mark| name.rfind(mark)).max();
    let bucket = match marked {
        Some(at) => name.get(..at),
        None if is_s3_itself(name) => None,
        None => name.strip_suffix(".s3").or_else(|| name.strip_suffix(".localhost")),
    };
    bucket.filter(|bucket| !bucket.is_empty() && bucket.bytes().all(is_of_a_name))
}

/// Whether the byte may stand in a bucket's name. A slash or an escape must not come from the host into the path.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// Whether the host is S3 itself and names no bucket.
fn is_s3_itself(name: &str) -> bool {
    name == "s3" || name.starts_with("s3.") || name.starts_with("s3-")
}

#[cfg(test)]
mod tests {
    use super::bucket_of_host;

    #[test]
    fn a_bucket_is_found_in_every_form_of_host() {
        let cases = [
            ("b.s3.amazonaws.com", Some("b")),
            ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", Some("my.dotted.bucket")),
            ("b.s3-eu-west-1.amazonaws.com", Some("b")),
            ("b.s3.localhost:4566", Some("b")),
            ("b.localhost:4566", Some("b")),
            ("s3.localhost:4566", None),
            ("s3.eu-west-1.amazonaws.com", None),
            ("localhost:4566", None),
            ("127.0.0.1:4566", None),
            ("[::1]:4566", None),
            ("a/b.s3.localhost", None),
            ("a%2Fb.s3.localhost", None),
            (".s3.localhost", None),
        ];
        for (host, bucket) in cases {
            assert_eq!(bucket_of_host(host), bucket, "{host}");
        }
    }
}
