//! Functions from container images: what may be asked for, whose right it is, and what is remembered.
//!
//! Rolecall has no container registry and runs no images. So the URI is checked for its form, the caller for the
//! rights that AWS asks of them, and the function is remembered and shown; a tag is not resolved to a digest, and an
//! invocation is refused (see [`crate::function::require_runnable`]).

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_authority::{Call, Check};
use rolecall_store::records::lambda::{FunctionVersion, ImageConfig as ConfigRecord};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{CreateFunctionRequest, FunctionCode, ImageConfig, ImageConfigResponse};

use crate::error::LambdaError;
use crate::service::Lambda;

/// The package type of a function from a container image.
pub(crate) const IMAGE: &str = "Image";

/// What the caller needs on the repository. Lambda lets itself in by the repository's policy where the caller may set
/// it (reference lambda.md 1.8); as no policy of a repository can have let it in here, the caller must be able to.
const ECR_ACTIONS: &[&str] = &[
    "ecr:GetRepositoryPolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
];

const NO_HANDLER: &str =
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
const NOT_SIGNED: &str = "Code signing is not supported for functions created with container images.";

/// An image's URI, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImageUri {
    account: AccountId,
    region: Region,
    repository: String,
    /// `sha256:HEX`, where the URI names the image by it.
    digest: Option<String>,
}

impl ImageUri {
    /// Reads `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG` or `...@sha256:HEX`.
    ///
    /// # Errors
    /// [`LambdaError::InvalidParameter`] in AWS's words, for an image of another region too.
    pub(crate) fn parse(text: &str, home: &Region) -> Result<Self, LambdaError> {
        let invalid = || {
            let text = format!("Source image {text} is not valid. Provide a valid source image.");
            LambdaError::InvalidParameter(text)
        };
        Self::read(text).filter(|image| image.region == *home).ok_or_else(invalid)
    }

    fn read(text: &str) -> Option<Self> {
        let (host, image) = text.split_once('/')?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let region = rest.strip_suffix(".amazonaws.com")?;
        let (repository, digest) = match image.split_once('@') {
            Some((repository, digest)) => {
                (repository, Some(digest.to_owned()).filter(|text| is_digest(text))?)
            }
            None => {
                let (repository, tag) = image.rsplit_once(':')?;
                is_tag(tag).then_some((repository, String::new()))?
            }
        };
        let image = ImageUri {
            account: account.parse().ok()?,
            region: region.parse().ok()?,
            repository: repository.to_owned(),
            digest: Some(digest).filter(|digest| !digest.is_empty()),
        };
        is_repository(repository).then_some(image)
    }

    fn repository_arn(&self) -> Arn {
        Arn::regional("ecr", &self.region, self.account, &format!("repository/{}", self.repository))
    }
}

impl Lambda {
    /// Whether the call may have Lambda use the image.
    pub(crate) fn authorize_image(
        &self,
        call: &Call,
        uri: &str,
        function: AccountId,
    ) -> Result<(), ServiceError> {
        let image = ImageUri::parse(uri, &call.region)?;
        if image.account != function {
            // Another account's repository must let Lambda in by its policy, and there is none.
            let text = "Lambda does not have permission to access the ECR image. Check the ECR permissions.";
            return Err(LambdaError::AccessDenied(text.to_owned()).into());
        }
        let arn = image.repository_arn();
        for action in ECR_ACTIONS {
            self.authorize(call, Check::on(action, &arn, image.account))?;
        }
        Ok(())
    }
}

/// Refuses what a new function from an image cannot have.
pub(crate) fn check_create(input: &CreateFunctionRequest) -> Result<(), LambdaError> {
    let layers = input.layers.as_ref().is_some_and(|layers| !layers.is_empty());
    check_change(input.runtime.is_some() || input.handler.is_some() || layers)?;
    if input.code_signing_config_arn.as_ref().is_some_and(|arn| !arn.is_empty()) {
        return Err(LambdaError::InvalidParameter(NOT_SIGNED.to_owned()));
    }
    Ok(())
}

/// Refuses a runtime, a handler or layers for a function from an image.
pub(crate) fn check_change(has_runtime_handler_or_layers: bool) -> Result<(), LambdaError> {
    if has_runtime_handler_or_layers {
        return Err(LambdaError::InvalidParameter(NO_HANDLER.to_owned()));
    }
    Ok(())
}

/// Refuses a code signing configuration for a function from an image.
pub(crate) fn check_signing(record: &FunctionVersion) -> Result<(), LambdaError> {
    if record.image.is_some() {
        return Err(LambdaError::InvalidParameter(NOT_SIGNED.to_owned()));
    }
    Ok(())
}

/// Refuses an image's settings for a function from a zip file. AWS's words for it are not known.
pub(crate) fn check_zip(config: Option<&ImageConfig>) -> Result<(), LambdaError> {
    if config.and_then(record).is_some() {
        let text = "Please don't provide ImageConfig when the intended function PackageType is Zip.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    Ok(())
}

/// The URI of a new function's image.
pub(crate) fn uri_of_create(code: FunctionCode) -> Result<String, LambdaError> {
    let has_zip = code.zip_file.is_some() || code.s3_bucket.is_some() || code.s3_key.is_some();
    match code.image_uri {
        Some(uri) if !has_zip => Ok(uri),
        _ => {
            let text = "Please provide ImageUri when creating a function with packageType Image.";
            Err(LambdaError::InvalidParameter(text.to_owned()))
        }
    }
}

/// The settings as they are remembered; none where nothing is set.
pub(crate) fn record(config: &ImageConfig) -> Option<ConfigRecord> {
    let config = ConfigRecord {
        entry_point: config.entry_point.clone().filter(|list| !list.is_empty()),
        command: config.command.clone().filter(|list| !list.is_empty()),
        working_directory: config.working_directory.clone().filter(|text| !text.is_empty()),
    };
    (config != ConfigRecord::default()).then_some(config)
}

/// The settings as an answer has them.
pub(crate) fn shown_config(record: &FunctionVersion) -> Option<ImageConfigResponse> {
    let config = record.image.as_ref()?.config.clone()?;
    let config = ImageConfig {
        entry_point: config.entry_point,
        command: config.command,
        working_directory: config.working_directory,
    };
    Some(ImageConfigResponse { image_config: Some(config), error: None })
}

/// The digest of the image in hexadecimal, where its URI says it.
pub(crate) fn digest_hex(uri: &str) -> Option<String> {
    let digest = ImageUri::read(uri)?.digest?;
    digest.strip_prefix("sha256:").map(str::to_owned)
}

/// The URI with the digest, where the caller's own has it: without a registry, no tag can be resolved.
pub(crate) fn resolved_uri(uri: &str) -> Option<String> {
    ImageUri::read(uri)?.digest.is_some().then(|| uri.to_owned())
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_tag(text: &str) -> bool {
    let first = text.bytes().next();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= 128 && first.is_some_and(|byte| !matches!(byte, b'.' | b'-')) && text.bytes().all(known)
}

/// Parts between slashes, each of lower-case letters and digits with single separators inside.
fn is_repository(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = part.bytes().next().zip(part.bytes().last());
        ends.is_some_and(|(first, last)| is_word(first) && is_word(last))
            && part.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'_' | b'-'))
    };
    (2..=256).contains(&text.len()) && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com";

    #[test]
    fn an_image_is_named_by_a_tag_or_a_digest_of_a_registry_in_the_region() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let home = Region::global();
        let tagged = ImageUri::parse(&format!("{HOST}/team/app:v1.0"), &home).unwrap();
        assert_eq!(
            (tagged.repository_arn().as_str(), tagged.digest),
            ("arn:aws:ecr:us-east-1:111122223333:repository/team/app", None)
        );
        assert_eq!(digest_hex(&format!("{HOST}/app@{digest}")), Some("a".repeat(64)));
        for wrong in [
            "app:latest".to_owned(),
            format!("{HOST}/app"),
            format!("{HOST}/app:"),
            format!("{HOST}/App:v1"),
            format!("{HOST}/:v1"),
            format!("{HOST}/app@sha256:abc"),
            "public.ecr.aws/lambda/python:3.12".to_owned(),
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:v1".to_owned(),
            "11112222333.dkr.ecr.us-east-1.amazonaws.com/app:v1".to_owned(),
        ] {
            let error = ImageUri::parse(&wrong, &home).unwrap_err().to_string();
            assert_eq!(error, format!("Source image {wrong} is not valid. Provide a valid source image."));
        }
    }

    #[test]
    fn empty_settings_are_none() {
        let empty = ImageConfig { command: Some(Vec::new()), ..ImageConfig::default() };
        assert_eq!((record(&empty), check_zip(Some(&empty))), (None, Ok(())));
        let some = ImageConfig { command: Some(vec!["app.handler".to_owned()]), ..ImageConfig::default() };
        assert!(record(&some).is_some() && check_zip(Some(&some)).is_err());
    }
}
