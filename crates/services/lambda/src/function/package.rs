//! What a function is made of: a zip file or a container image.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::records::lambda::{Code, FunctionVersion, Image};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{CreateFunctionRequest, UpdateFunctionCodeRequest};

use crate::code::Source;
use crate::error::LambdaError;
use crate::function::image;
use crate::service::Lambda;

/// What a function shall be made of.
pub(crate) enum Package {
    /// A zip file, which is still to be fetched.
    Zip(Source),
    /// A container image.
    Image(Image),
}

/// What a function is made of: one of the two.
#[derive(Default)]
pub(crate) struct Packaged {
    /// The zip file.
    pub(crate) code: Option<Code>,
    /// The container image.
    pub(crate) image: Option<Image>,
}

impl Package {
    /// What a new function shall be made of. What it may not have beside it is checked before.
    pub(crate) fn of_create(input: &mut CreateFunctionRequest) -> Result<Self, LambdaError> {
        let code = std::mem::take(&mut input.code);
        if input.package_type.as_deref() != Some(image::IMAGE) {
            return Source::of_function(code).map(Package::Zip);
        }
        let config = input.image_config.as_ref().and_then(image::record);
        Ok(Package::Image(Image { uri: image::uri_of_create(code)?, config }))
    }

    /// What a function shall be made of from now on: its kind stays what it is.
    pub(crate) fn of_update(
        input: &mut UpdateFunctionCodeRequest,
        current: &FunctionVersion,
    ) -> Result<Self, LambdaError> {
        let refuse = |text: &str| Err(LambdaError::InvalidParameter(text.to_owned()));
        let uri = input.image_uri.take();
        let has_zip = input.zip_file.is_some() || input.s3_bucket.is_some() || input.s3_key.is_some();
        match (&current.image, uri) {
            (Some(image), Some(uri)) if !has_zip => {
                Ok(Package::Image(Image { uri, config: image.config.clone() }))
            }
            (Some(_), _) => {
                refuse("Please provide ImageUri when updating a function with packageType Image.")
            }
            (None, Some(_)) => {
                refuse("Please don't provide ImageUri when updating a function with packageType Zip.")
            }
            (None, None) => Source::of_update(input).map(Package::Zip),
        }
    }
}

impl Lambda {
    /// Fetches a zip file and stores it; an image is only noted.
    pub(crate) async fn take_in_package(
        &self,
        call: &Arc<Call>,
        package: Package,
    ) -> Result<Packaged, ServiceError> {
        match package {
            Package::Zip(source) => {
                Ok(Packaged { code: Some(self.take_in_code(call, source).await?), image: None })
            }
            Package::Image(image) => Ok(Packaged { code: None, image: Some(image) }),
        }
    }
}
