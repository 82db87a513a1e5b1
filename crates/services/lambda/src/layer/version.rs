//! Layer versions: publish, get, delete.

use std::sync::Arc;

use data_encoding::BASE64;
use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::{Layer, LayerVersion};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    DeleteLayerVersionRequest, DeleteLayerVersionResponse, GetLayerVersionByArnRequest,
    GetLayerVersionRequest, GetLayerVersionResponse, LayerVersionContentOutput, PublishLayerVersionRequest,
    PublishLayerVersionResponse,
};

use crate::account::require_storage;
use crate::code::Source;
use crate::error::LambdaError;
use crate::name::LayerReference;
use crate::service::Lambda;
use crate::time::timestamp;

impl Lambda {
    pub(crate) async fn publish_layer_version(
        &self,
        call: &Arc<Call>,
        input: PublishLayerVersionRequest,
    ) -> Result<PublishLayerVersionResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        let proof = self.authorize_layer(call, "lambda:PublishLayerVersion", &layer)?;
        let code = self.take_in_code(call, Source::of_layer(input.content)?).await?;
        let draft = LayerVersion {
            version: 0,
            description: input.description.unwrap_or_default(),
            created_ms: self.platform.now_ms(),
            code,
            compatible_runtimes: input.compatible_runtimes.unwrap_or_default(),
            compatible_architectures: input.compatible_architectures.unwrap_or_default(),
            license_info: input.license_info,
            policy: None,
        };
        let record = {
            let layer = layer.clone();
            self.write(proof, move |state| insert(state, &layer, draft)).await?
        };
        let shown = self.shown(&layer, &record);
        Ok(PublishLayerVersionResponse {
            content: shown.content,
            layer_arn: shown.layer_arn,
            layer_version_arn: shown.layer_version_arn,
            description: shown.description,
            created_date: shown.created_date,
            version: shown.version,
            compatible_architectures: shown.compatible_architectures,
            compatible_runtimes: shown.compatible_runtimes,
            license_info: shown.license_info,
        })
    }

    pub(crate) fn get_layer_version(
        &self,
        call: &Arc<Call>,
        input: GetLayerVersionRequest,
    ) -> Result<GetLayerVersionResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        self.find_layer_version(call, &layer, input.version_number)
    }

    pub(crate) fn get_layer_version_by_arn(
        &self,
        call: &Arc<Call>,
        input: GetLayerVersionByArnRequest,
    ) -> Result<GetLayerVersionResponse, ServiceError> {
        let (layer, version) = LayerReference::parse_version(&input.arn)?;
        self.find_layer_version(call, &layer, i64::try_from(version).unwrap_or(i64::MAX))
    }

    fn find_layer_version(
        &self,
        call: &Call,
        layer: &LayerReference,
        version: i64,
    ) -> Result<GetLayerVersionResponse, ServiceError> {
        self.authorize_layer_version(call, "lambda:GetLayerVersion", layer, version)?;
        let version = require_number(version)?;
        let state = self.platform.store.read();
        let in_reach = layer.region == call.region;
        match state.layer_versions.get(&(layer.key(), version)).filter(|_| in_reach) {
            Some(record) => Ok(self.shown(layer, record)),
            None => {
                Err(LambdaError::NotFound("The resource you requested does not exist.".to_owned()).into())
            }
        }
    }

    /// To delete a layer version that is not there is no error. Functions that use it keep its content.
    pub(crate) async fn delete_layer_version(
        &self,
        call: &Arc<Call>,
        input: DeleteLayerVersionRequest,
    ) -> Result<DeleteLayerVersionResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        let proof =
            self.authorize_layer_version(call, "lambda:DeleteLayerVersion", &layer, input.version_number)?;
        let version = require_number(input.version_number)?;
        self.write(proof, move |state| {
            state.layer_versions.remove(&(layer.key(), version));
            Ok(DeleteLayerVersionResponse)
        })
        .await
    }

    fn shown(&self, layer: &LayerReference, record: &LayerVersion) -> GetLayerVersionResponse {
        let signer = record.code.signature.signer();
        GetLayerVersionResponse {
            content: Some(LayerVersionContentOutput {
                location: self.parts.links.to(&self.platform, &record.code.blob),
                code_sha256: Some(BASE64.encode(&record.code.blob.sha256())),
                code_size: i64::try_from(record.code.size).ok(),
                signing_profile_version_arn: signer.map(|(profile, _)| profile.to_owned()),
                signing_job_arn: signer.map(|(_, job)| job.to_owned()),
                ..LayerVersionContentOutput::default()
            }),
            layer_arn: Some(layer.arn().to_string()),
            layer_version_arn: Some(layer.version_arn(record.version).to_string()),
            description: Some(record.description.clone()),
            created_date: Some(timestamp(record.created_ms)),
            version: i64::try_from(record.version).ok(),
            compatible_architectures: not_empty(&record.compatible_architectures),
            compatible_runtimes: not_empty(&record.compatible_runtimes),
            license_info: record.license_info.clone(),
        }
    }
}

/// The list, where there is something in it.
pub(crate) fn not_empty(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// A version's number as the caller gave it.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] in AWS's words for a number below 1.
pub(crate) fn require_number(version: i64) -> Result<u64, LambdaError> {
    match u64::try_from(version) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(LambdaError::InvalidParameter("Layer Version Cannot be less than 1".to_owned())),
    }
}

fn insert(
    state: &mut State,
    layer: &LayerReference,
    draft: LayerVersion,
) -> Result<LayerVersion, LambdaError> {
    let key = layer.key();
    require_storage(state, &key, draft.code.size)?;
    let known = state.layers.get(&key).map(|layer| layer.as_ref().clone());
    let mut record = known.unwrap_or_else(|| Layer { name: layer.name.clone(), next_version: 1 });
    let version = LayerVersion { version: record.next_version, ..draft };
    record.next_version += 1;
    state.layers.put(key.clone(), record);
    state.layer_versions.put((key, version.version), version.clone());
    Ok(version)
}
