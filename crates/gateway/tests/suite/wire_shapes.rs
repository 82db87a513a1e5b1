//! One harmless call of each service, and how each service spells a refusal.

use crate::message::Message;

/// A service as a client sees it.
pub struct Shape {
    pub service: &'static str,
    /// A call that needs a permission, but for STS, whose GetCallerIdentity nobody can be denied.
    pub call: fn() -> Message,
    /// Status and code of a request without a signature.
    pub unsigned: (u16, &'static str),
    /// Of a wrong signature.
    pub mismatch: (u16, &'static str),
    /// Of an unknown key.
    pub unknown_key: (u16, &'static str),
    /// Of a session token that is not good, and of one that has ended.
    pub bad_token: (u16, &'static str),
    pub expired_token: (u16, &'static str),
    /// Of a signature of another day or hour.
    pub skewed: (u16, &'static str),
    /// Of a denial.
    pub denied: (u16, &'static str),
}

/// Every service.
pub const SHAPES: [Shape; 8] = [
    Shape { service: "iam", call: || Message::form("iam", "ListUsers"), ..QUERY },
    Shape { service: "sts", call: || Message::form("sts", "GetCallerIdentity"), ..QUERY },
    Shape {
        service: "organizations",
        call: || Message::json("AWSOrganizationsV20161128.ListAccounts", "{}"),
        ..JSON
    },
    Shape {
        service: "sns",
        call: || Message::form("sns", "ListTopics"),
        denied: (403, "AuthorizationError"),
        ..QUERY
    },
    Shape {
        service: "sqs",
        call: || Message::json("AmazonSQS.ListQueues", "{}"),
        denied: (403, "AccessDeniedException"),
        ..JSON
    },
    Shape { service: "logs", call: || Message::json("Logs_20140328.DescribeLogGroups", "{}"), ..JSON },
    Shape {
        service: "lambda",
        call: || Message::new("GET", "/2015-03-31/functions", ""),
        unsigned: (403, "MissingAuthenticationTokenException"),
        mismatch: (403, "InvalidSignatureException"),
        unknown_key: (403, "UnrecognizedClientException"),
        bad_token: (403, "UnrecognizedClientException"),
        expired_token: (403, "ExpiredTokenException"),
        skewed: (403, "InvalidSignatureException"),
        denied: (403, "AccessDeniedException"),
    },
    Shape {
        service: "s3",
        call: || Message::new("GET", "/", ""),
        unsigned: (403, "AccessDenied"),
        mismatch: (403, "SignatureDoesNotMatch"),
        unknown_key: (403, "InvalidAccessKeyId"),
        bad_token: (400, "InvalidToken"),
        expired_token: (400, "ExpiredToken"),
        skewed: (403, "RequestTimeTooSkewed"),
        denied: (403, "AccessDenied"),
    },
];

const QUERY: Shape = Shape {
    service: "",
    call: || Message::new("GET", "/", ""),
    unsigned: (403, "MissingAuthenticationToken"),
    mismatch: (403, "SignatureDoesNotMatch"),
    unknown_key: (403, "InvalidClientTokenId"),
    bad_token: (403, "InvalidClientTokenId"),
    expired_token: (403, "ExpiredToken"),
    skewed: (403, "SignatureDoesNotMatch"),
    denied: (403, "AccessDenied"),
};

const JSON: Shape = Shape {
    service: "",
    call: || Message::new("GET", "/", ""),
    unsigned: (400, "MissingAuthenticationTokenException"),
    mismatch: (400, "InvalidSignatureException"),
    unknown_key: (400, "UnrecognizedClientException"),
    bad_token: (400, "UnrecognizedClientException"),
    expired_token: (400, "ExpiredTokenException"),
    skewed: (400, "InvalidSignatureException"),
    denied: (400, "AccessDeniedException"),
};
