//! Requests for the tests: those that botocore signed, and a way to change one thing about each.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rolecall_sigv4::{
    AuthFailure, Authorization, DecodedBody, Head, Rules, SecretKey, Signing, check_scope, parse, verify,
    verify_dummy,
};
use serde_json::Value;

/// A whole request, owned so that a test can change it, and what is needed to check it.
#[derive(Clone, Debug)]
pub struct Request {
    pub name: String,
    pub rules: Rules,
    pub service: String,
    pub region: String,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub now: i64,
    pub secret: SecretKey,
}

/// A request that botocore signed, with what its body decodes to.
pub struct Vector {
    pub request: Request,
    pub content: Vec<u8>,
    pub trailers: Vec<(String, String)>,
    pub token: Option<String>,
}

/// The access keys that exist.
const KEYS: [&str; 4] = ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "AKIDEXAMPLE", "ANOTREAL"];

pub static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let file: Value = serde_json::from_str(include_str!("../oracle/vectors.json")).unwrap();
    file["vectors"].as_array().unwrap().iter().enumerate().map(|(i, v)| vector(&file, i, v)).collect()
});

fn vector(file: &Value, index: usize, v: &Value) -> Vector {
    let text = |key: &str| v[key].as_str().unwrap().to_owned();
    let bytes = |key: &str| v[key].as_str().map(|b| BASE64_STANDARD.decode(b).unwrap());
    let pair = |p: &Value| (p[0].as_str().unwrap().to_owned(), p[1].as_str().unwrap().to_owned());
    let headers = v["headers"].as_array().unwrap().iter().map(pair).map(|(n, v)| (n, v.into_bytes()));
    let body = bytes("body").unwrap();
    let request = Request {
        name: format!("{} {index}", text("kind")),
        rules: if text("kind").starts_with("s3") { Rules::S3 } else { Rules::General },
        service: text("service"),
        region: text("region"),
        method: text("method"),
        path: text("path"),
        query: text("query"),
        headers: headers.collect(),
        body: body.clone(),
        now: file["now"].as_i64().unwrap(),
        secret: SecretKey::new(file["secret"].as_str().unwrap()),
    };
    let temporary = v.to_string().contains("ASIA");
    Vector {
        content: bytes("content").unwrap_or(body),
        trailers: v["trailers"].as_array().map(|t| t.iter().map(pair).collect()).unwrap_or_default(),
        token: temporary.then(|| file["token"].as_str().unwrap().to_owned()),
        request,
    }
}

impl Request {
    /// Lends the head to `f`.
    pub fn with_head<T>(&self, f: impl FnOnce(&Head) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        f(&Head { method: &self.method, path: &self.path, query: &self.query, headers: &headers })
    }

    /// Only reads the credentials.
    pub fn parse(&self) -> Result<Signing, AuthFailure> {
        self.with_head(|head| parse(head, self.rules, self.now))
    }

    /// Does all that a server does, in its order.
    pub fn authenticate(&self) -> Result<(Authorization, DecodedBody), AuthFailure> {
        self.with_head(|head| {
            let Signing::Signed(authorization) = parse(head, self.rules, self.now)? else {
                return Err(AuthFailure::MissingAuthentication);
            };
            check_scope(&authorization, &self.service, &[&self.region])?;
            if !KEYS.contains(&authorization.access_key_id.as_str()) {
                return Err(verify_dummy(&authorization, head, &self.body, self.rules));
            }
            let verified = verify(&authorization, head, &self.body, &self.secret, self.rules)?;
            Ok((*authorization, verified.decode_body(&self.body)?))
        })
    }

    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_slice())
    }

    /// Sets a header, or adds it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.headers.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value.into(),
            None => self.headers.push((name.to_owned(), value.into())),
        }
        self
    }

    pub fn add(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces text in the `Authorization` header.
    pub fn edit_authorization(&mut self, from: &str, to: &str) -> &mut Self {
        let old = String::from_utf8(self.header("authorization").unwrap().to_vec()).unwrap();
        assert!(old.contains(from), "{old} has no {from}");
        self.set("authorization", &old.replacen(from, to, 1))
    }

    /// Replaces text in the query string.
    pub fn edit_query(&mut self, from: &str, to: &str) -> &mut Self {
        assert!(self.query.contains(from), "{} has no {from}", self.query);
        self.query = self.query.replacen(from, to, 1);
        self
    }
}
