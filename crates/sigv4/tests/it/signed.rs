//! Requests for the tests of refusal: signed well by our signer, whose equality with botocore another test shows, and
//! then spoilt.

use rolecall_sigv4::{Credentials, Rules, SecretKey, SessionToken, Signer};

use crate::support::Request;

/// 14 February 2026, 09:26:53.
pub const NOW: i64 = 1_771_061_213;
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub const TOKEN: &str = "a-session-token";

/// A request that is not signed yet: `POST` of `{}` to Lambda, or to S3.
pub fn unsigned(rules: Rules) -> Request {
    let s3 = rules == Rules::S3;
    let mut request = Request {
        name: "spoilt".to_owned(),
        rules,
        service: if s3 { "s3" } else { "lambda" }.to_owned(),
        region: "eu-central-1".to_owned(),
        method: "POST".to_owned(),
        path: "/functions/f/invocations".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: b"{}".to_vec(),
        now: NOW,
        secret: SecretKey::new(SECRET),
    };
    request.add("Host", "localhost:4566");
    request
}

fn credentials(token: bool) -> Credentials {
    Credentials {
        access_key_id: if token { "ASIAIOSFODNN7EXAMPLE" } else { "AKIAIOSFODNN7EXAMPLE" }.to_owned(),
        secret: SecretKey::new(SECRET),
        session_token: token.then(|| SessionToken::new(TOKEN)),
    }
}

/// Signs in the header; `token` for temporary credentials.
pub fn sign(mut request: Request, token: bool) -> Request {
    let credentials = credentials(token);
    let signer = Signer {
        credentials: &credentials,
        region: &request.region,
        service: &request.service,
        rules: request.rules,
    };
    let added = request.with_head(|head| signer.sign_headers(head, &request.body, request.now)).unwrap();
    request.headers.extend(added.into_iter().map(|(name, value)| (name, value.into_bytes())));
    request
}

/// A request that is signed in its header.
pub fn signed(rules: Rules) -> Request {
    sign(unsigned(rules), false)
}

/// A presigned request that lives for five minutes.
pub fn presigned(rules: Rules, token: bool) -> Request {
    let mut request = Request { method: "GET".to_owned(), body: Vec::new(), ..unsigned(rules) };
    let credentials = credentials(token);
    let signer =
        Signer { credentials: &credentials, region: &request.region, service: &request.service, rules };
    request.query = request.with_head(|head| signer.presign(head, NOW, 300)).unwrap();
    request
}
