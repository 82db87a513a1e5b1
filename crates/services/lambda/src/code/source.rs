//! Where a zip file comes from: the request itself, or an object of S3 that is read as the caller.

use std::sync::Arc;

use bytes::Bytes;
use rolecall_authority::Call;
use rolecall_service::internal;
use rolecall_store::records::lambda::Code;
use rolecall_wire::lambda::{FunctionCode, LayerVersionContentInput, UpdateFunctionCodeRequest};
use rolecall_wire::s3::{GetObjectRequest, Input, Output};
use rolecall_wire::{AnyOutput, Fault, Sensitive, ServiceError};

use crate::code::cache::CacheError;
use crate::code::unzip::UnzipError;
use crate::error::{LambdaError, SERVICE};
use crate::service::Lambda;

/// The most that a zip file sent with the request may have, in bytes (reference lambda.md 7.4).
const MAX_DIRECT_BYTES: usize = 52_428_800;

/// Where a zip file comes from.
pub(crate) enum Source {
    /// It came with the request.
    Direct(Bytes),
    /// It is an object of S3.
    Object {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
        /// The object's version, the newest where none is named.
        version: Option<String>,
    },
}

/// The members in which every operation says where its code is.
struct Members {
    zip_file: Option<Sensitive<Bytes>>,
    bucket: Option<String>,
    key: Option<String>,
    version: Option<String>,
    storage_mode: Option<String>,
}

impl Source {
    /// The source of a new function's code.
    pub(crate) fn of_function(code: FunctionCode) -> Result<Self, LambdaError> {
        Self::read(Members {
            zip_file: code.zip_file,
            bucket: code.s3_bucket,
            key: code.s3_key,
            version: code.s3_object_version,
            storage_mode: code.s3_object_storage_mode,
        })
    }

    /// The source of changed code.
    pub(crate) fn of_update(input: &mut UpdateFunctionCodeRequest) -> Result<Self, LambdaError> {
        Self::read(Members {
            zip_file: input.zip_file.take(),
            bucket: input.s3_bucket.take(),
            key: input.s3_key.take(),
            version: input.s3_object_version.take(),
            storage_mode: input.s3_object_storage_mode.take(),
        })
    }

    /// The source of a layer version's content.
    pub(crate) fn of_layer(content: LayerVersionContentInput) -> Result<Self, LambdaError> {
        Self::read(Members {
            zip_file: content.zip_file,
            bucket: content.s3_bucket,
            key: content.s3_key,
            version: content.s3_object_version,
            storage_mode: content.s3_object_storage_mode,
        })
    }

    fn read(members: Members) -> Result<Self, LambdaError> {
        if members.storage_mode.as_deref() == Some("REFERENCE") {
            return Err(LambdaError::not_built("code that stays in S3 (S3ObjectStorageMode REFERENCE)"));
        }
        match (members.zip_file, members.bucket, members.key) {
            (Some(zip), None, None) => Ok(Source::Direct(zip.into_inner())),
            (None, Some(bucket), Some(key)) => Ok(Source::Object { bucket, key, version: members.version }),
            (Some(_), ..) => {
                let text = "Please do not provide other FunctionCode parameters when providing a ZipFile.";
                Err(LambdaError::InvalidParameter(text.to_owned()))
            }
            _ => Err(LambdaError::InvalidParameter("Please provide a source for function code.".to_owned())),
        }
    }
}

impl Lambda {
    /// Gets the zip file, checks it by unzipping it, and stores it.
    pub(crate) async fn take_in_code(&self, call: &Arc<Call>, source: Source) -> Result<Code, ServiceError> {
        let zip = match source {
            Source::Direct(zip) if zip.len() > MAX_DIRECT_BYTES => {
                let text = format!("Zipped size must be smaller than {MAX_DIRECT_BYTES} bytes");
                return Err(LambdaError::TooLarge(text).into());
            }
            Source::Direct(zip) => zip,
            Source::Object { bucket, key, version } => self.read_object(call, bucket, key, version).await?,
        };
        let (parts, platform) = (&self.parts, &self.platform);
        let taken = parts.code.take_in(platform.store.blobs(), zip, &parts.roots, platform.now_ms()).await;
        taken.map_err(|error| match error {
            CacheError::Unzip(UnzipError::Io(error)) => internal(SERVICE, error),
            CacheError::Unzip(refusal) => {
                tracing::debug!(?refusal, "a zip file was refused");
                LambdaError::InvalidParameter(refusal.to_string()).into()
            }
            error => internal(SERVICE, error),
        })
    }

    /// Reads the object as the caller, whose own right it is to read it (reference lambda.md 1.8).
    async fn read_object(
        &self,
        call: &Arc<Call>,
        bucket: String,
        key: String,
        version: Option<String>,
    ) -> Result<Bytes, ServiceError> {
        let place = format!("{bucket}/{key}");
        let request = GetObjectRequest { bucket, key, version_id: version, ..GetObjectRequest::default() };
        match self.platform.call(call, Input::GetObject(request)).await {
            Ok(AnyOutput::S3(Output::GetObject(object))) => Ok(object.body.unwrap_or_default()),
            Ok(_) => Err(internal(SERVICE, "S3 answered another operation")),
            Err(error) if error.fault == Fault::Sender => Err(refused_by_s3(&error, &place).into()),
            Err(error) => Err(internal(SERVICE, error)),
        }
    }
}

fn refused_by_s3(error: &ServiceError, place: &str) -> LambdaError {
    let message = error.message.as_deref().unwrap_or_default();
    let cause = format!("S3 Error Code: {}. S3 Error Message: {message}", error.code);
    if error.status == 403 {
        return LambdaError::AccessDenied(format!(
            "Your access has been denied by S3, please make sure your request credentials have permission to GetObject \
             for {place}. {cause}"
        ));
    }
    LambdaError::InvalidParameter(format!("Error occurred while GetObject. {cause}"))
}
