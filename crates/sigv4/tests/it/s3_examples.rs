//! The examples of S3's own documentation of Signature Version 4, whose signatures AWS prints.

use rolecall_sigv4::{Rules, SecretKey};

use crate::support::Request;

/// 24 May 2013, midnight.
const NOW: i64 = 1_369_353_600;
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request of the documentation; its time and payload hash are put in front of `headers`.
pub fn example(method: &str, target: &str, payload: &str, headers: &[(&str, &str)]) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        name: target.to_owned(),
        rules: Rules::S3,
        service: "s3".to_owned(),
        region: "us-east-1".to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        now: NOW,
        secret: SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    };
    if !payload.is_empty() {
        request.add("x-amz-date", "20130524T000000Z").add("x-amz-content-sha256", payload);
    }
    for (name, value) in headers {
        request.add(name, value);
    }
    request
}

pub fn authorization(signed_headers: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders={signed_headers},Signature={signature}"
    )
}

#[test]
fn the_signed_requests_of_s3s_documentation_are_accepted() {
    let host = ("Host", "examplebucket.s3.amazonaws.com");
    let body_hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    for (mut request, signed_headers, signature) in [
        (
            example("GET", "/test.txt", EMPTY, &[host, ("Range", "bytes=0-9")]),
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            example(
                "PUT",
                "/test$file.text",
                body_hash,
                &[
                    host,
                    ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ],
            ),
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            example("GET", "/?lifecycle", EMPTY, &[host]),
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            example("GET", "/?max-keys=2&prefix=J", EMPTY, &[host]),
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        if request.method == "PUT" {
            request.body = b"Welcome to Amazon S3.".to_vec();
        }
        request.add("Authorization", &authorization(signed_headers, signature));
        request.authenticate().unwrap_or_else(|e| panic!("{}: {e}", request.name));
    }
}

#[test]
fn the_presigned_url_of_s3s_documentation_is_accepted_for_a_day() {
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F\
                  us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&\
                  X-Amz-SignedHeaders=host&\
                  X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let mut request = example("GET", target, "", &[("Host", "examplebucket.s3.amazonaws.com")]);
    for now in [NOW, NOW + 86_400, NOW - 900] {
        request.now = now;
        request.authenticate().unwrap_or_else(|e| panic!("{now}: {e}"));
    }
    for now in [NOW + 86_401, NOW - 901] {
        request.now = now;
        assert!(request.authenticate().is_err(), "{now}");
    }
}
