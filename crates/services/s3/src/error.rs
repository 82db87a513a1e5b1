//! What S3 answers when it refuses: codes, statuses and words in one place (S3 API reference, "Error responses").

use rolecall_store::{StoreError, WriteError};
use rolecall_wire::{ServiceError, ServiceId};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum S3Error {
    #[error("Access Denied")]
    AccessDenied,
    /// A denial whose reason the caller may know.
    #[error("{0}")]
    AccessDeniedBecause(String),
    #[error("The bucket does not allow ACLs")]
    AclNotSupported,
    #[error("The {0} you specified did not match the calculated checksum.")]
    BadChecksum(&'static str),
    #[error("The Content-MD5 you specified did not match what we received.")]
    BadContentMd5 { expected: String, calculated: String },
    #[error(
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
         Please select a different name and try again."
    )]
    BucketAlreadyExists(String),
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou(String),
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty(String),
    #[error(
        "The {0} location constraint is incompatible for the region specific endpoint this request was sent to."
    )]
    IllegalLocationConstraint(String),
    #[error("{words}")]
    InvalidArgument { words: String, arguments: Vec<(&'static str, String)> },
    #[error("The specified bucket is not valid.")]
    InvalidBucketName(String),
    #[error("The Content-MD5 you specified was invalid.")]
    InvalidDigest(String),
    #[error("The specified location-constraint is not valid")]
    InvalidLocationConstraint(String),
    #[error("The requested partnumber is not satisfiable")]
    InvalidPartNumber,
    #[error("The requested range is not satisfiable")]
    InvalidRange { requested: String, size: u64 },
    #[error("{0}")]
    InvalidRequest(String),
    #[error("Your key is too long")]
    KeyTooLong(usize),
    #[error("{0}")]
    MalformedPolicy(String),
    #[error("Invalid principal in policy")]
    InvalidPrincipal(String),
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    MalformedXml,
    #[error("Your metadata headers exceed the maximum allowed metadata size")]
    MetadataTooLarge(usize),
    #[error("The specified method is not allowed against this resource.")]
    MethodNotAllowed,
    #[error("The specified bucket does not exist")]
    NoSuchBucket(String),
    #[error("The bucket policy does not exist")]
    NoSuchBucketPolicy(String),
    #[error("The specified key does not exist.")]
    NoSuchKey(String),
    /// S3 has the function and this server has not.
    #[error("A header you provided implies functionality that is not implemented")]
    NotImplemented { header: &'static str },
    #[error("Not Modified")]
    NotModified { etag: String, last_modified: String },
    #[error(
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
         future requests to this endpoint."
    )]
    PermanentRedirect { bucket: String, region: String },
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed(&'static str),
}

impl S3Error {
    /// An `InvalidArgument` about one argument.
    pub(crate) fn argument(words: &str, name: &str, value: &str) -> Self {
        let arguments = vec![("ArgumentName", name.to_owned()), ("ArgumentValue", value.to_owned())];
        S3Error::InvalidArgument { words: words.to_owned(), arguments }
    }

    fn code(&self) -> (u16, &'static str) {
        match self {
            S3Error::AccessDenied | S3Error::AccessDeniedBecause(_) => (403, "AccessDenied"),
            S3Error::AclNotSupported => (400, "AccessControlListNotSupported"),
            S3Error::BadChecksum(_) | S3Error::BadContentMd5 { .. } => (400, "BadDigest"),
            S3Error::BucketAlreadyExists(_) => (409, "BucketAlreadyExists"),
            S3Error::BucketAlreadyOwnedByYou(_) => (409, "BucketAlreadyOwnedByYou"),
            S3Error::BucketNotEmpty(_) => (409, "BucketNotEmpty"),
            S3Error::IllegalLocationConstraint(_) => (400, "IllegalLocationConstraintException"),
            S3Error::InvalidArgument { .. } => (400, "InvalidArgument"),
            S3Error::InvalidBucketName(_) => (400, "InvalidBucketName"),
            S3Error::InvalidDigest(_) => (400, "InvalidDigest"),
            S3Error::InvalidLocationConstraint(_) => (400, "InvalidLocationConstraint"),
            S3Error::InvalidPartNumber => (416, "InvalidPartNumber"),
            S3Error::InvalidRange { .. } => (416, "InvalidRange"),
            S3Error::InvalidRequest(_) => (400, "InvalidRequest"),
            S3Error::KeyTooLong(_) => (400, "KeyTooLongError"),
            S3Error::MalformedPolicy(_) | S3Error::InvalidPrincipal(_) => (400, "MalformedPolicy"),
            S3Error::MalformedXml => (400, "MalformedXML"),
            S3Error::MetadataTooLarge(_) => (400, "MetadataTooLarge"),
            S3Error::MethodNotAllowed => (405, "MethodNotAllowed"),
            S3Error::NoSuchBucket(_) => (404, "NoSuchBucket"),
            S3Error::NoSuchBucketPolicy(_) => (404, "NoSuchBucketPolicy"),
            S3Error::NoSuchKey(_) => (404, "NoSuchKey"),
            S3Error::NotImplemented { .. } => (501, "NotImplemented"),
            S3Error::NotModified { .. } => (304, "NotModified"),
            S3Error::PermanentRedirect { .. } => (301, "PermanentRedirect"),
            S3Error::PreconditionFailed(_) => (412, "PreconditionFailed"),
        }
    }

    /// The elements beside code and message.
    fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            S3Error::BadContentMd5 { expected, calculated } => {
                vec![("ExpectedDigest", expected.clone()), ("CalculatedDigest", calculated.clone())]
            }
            S3Error::BucketAlreadyExists(bucket)
            | S3Error::BucketAlreadyOwnedByYou(bucket)
            | S3Error::BucketNotEmpty(bucket)
            | S3Error::InvalidBucketName(bucket)
            | S3Error::NoSuchBucket(bucket)
            | S3Error::NoSuchBucketPolicy(bucket) => vec![("BucketName", bucket.clone())],
            S3Error::InvalidArgument { arguments, .. } => arguments.clone(),
            S3Error::InvalidDigest(value) => vec![("Content-MD5", value.clone())],
            S3Error::InvalidLocationConstraint(value) => vec![("LocationConstraint", value.clone())],
            S3Error::InvalidPrincipal(value) => vec![("Detail", value.clone())],
            S3Error::InvalidRange { requested, size } => {
                vec![("RangeRequested", requested.clone()), ("ActualObjectSize", size.to_string())]
            }
            S3Error::KeyTooLong(size) => {
                vec![
                    ("Size", size.to_string()),
                    ("MaxSizeAllowed", crate::arguments::MAX_KEY_BYTES.to_string()),
                ]
            }
            S3Error::MetadataTooLarge(size) => {
                vec![
                    ("Size", size.to_string()),
                    ("MaxSizeAllowed", crate::content::MAX_METADATA_BYTES.to_string()),
                ]
            }
            S3Error::NoSuchKey(key) => vec![("Key", key.clone())],
            S3Error::NotImplemented { header } => {
                let words = format!("This server does not support {header}.");
                vec![("Header", (*header).to_owned()), ("additionalMessage", words)]
            }
            S3Error::PermanentRedirect { bucket, region } => {
                vec![("Endpoint", format!("s3.{region}.amazonaws.com")), ("Bucket", bucket.clone())]
            }
            S3Error::PreconditionFailed(condition) => vec![("Condition", (*condition).to_owned())],
            _ => Vec::new(),
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            S3Error::NotModified { etag, last_modified } => {
                vec![("etag", etag.clone()), ("last-modified", last_modified.clone())]
            }
            S3Error::PermanentRedirect { region, .. } => vec![("x-amz-bucket-region", region.clone())],
            _ => Vec::new(),
        }
    }
}

impl From<S3Error> for ServiceError {
    fn from(error: S3Error) -> Self {
        let (status, code) = error.code();
        let (members, headers) = (error.members(), error.headers());
        ServiceError { members, headers, ..ServiceError::new(status, code, error.to_string()) }
    }
}

/// What a transaction's failure means for the caller.
pub(crate) fn write_failed(failure: WriteError<S3Error>) -> ServiceError {
    match failure {
        WriteError::Refused(refusal) => refusal.into(),
        WriteError::Store(error) => store_failed(error),
    }
}

/// A failure of the store.
pub(crate) fn store_failed(error: StoreError) -> ServiceError {
    rolecall_service::internal(ServiceId::S3, error)
}
