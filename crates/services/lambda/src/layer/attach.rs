//! Layer versions of a function: who may attach them, and which go together.

use rolecall_arn::Region;
use rolecall_authority::Call;
use rolecall_store::records::lambda::{Code, LayerReference as LayerRecord};
use rolecall_wire::ServiceError;

use crate::code::MAX_UNZIPPED_BYTES;
use crate::error::LambdaError;
use crate::name::LayerReference;
use crate::service::Lambda;

/// How many layer versions a function may have.
const MAX_LAYERS: usize = 5;

impl Lambda {
    /// Whether the call may use every one of the layer versions (reference lambda.md 1.8).
    pub(crate) fn authorize_layers(&self, call: &Call, arns: &[String]) -> Result<(), ServiceError> {
        for arn in arns {
            let (layer, version) = LayerReference::parse_version(arn)?;
            let version = i64::try_from(version).unwrap_or(i64::MAX);
            self.authorize_layer_version(call, "lambda:GetLayerVersion", &layer, version)?;
        }
        Ok(())
    }

    /// Finds the layer versions that a function shall have.
    pub(crate) fn find_layers(
        &self,
        region: &Region,
        arns: &[String],
    ) -> Result<Vec<LayerRecord>, LambdaError> {
        if arns.len() > MAX_LAYERS {
            return Err(LambdaError::InvalidParameter(format!(
                "Cannot reference more than {MAX_LAYERS} layers."
            )));
        }
        let state = self.platform.store.read();
        let mut found: Vec<(LayerReference, LayerRecord)> = Vec::new();
        for arn in arns {
            let (layer, version) = LayerReference::parse_version(arn)?;
            if layer.region != *region {
                return Err(LambdaError::InvalidParameter(format!(
                    "Layers are not in the same region as the function. Layers are expected to be in region {region}."
                )));
            }
            let Some(record) = state.layer_versions.get(&(layer.key(), version)) else {
                return Err(LambdaError::InvalidParameter(format!("Layer version {arn} does not exist.")));
            };
            if let Some((_, other)) = found.iter().find(|(other, _)| *other == layer) {
                return Err(two_versions(&other.arn, arn));
            }
            found.push((layer, LayerRecord { arn: arn.clone(), code: record.code.clone() }));
        }
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }
}

fn two_versions(first: &str, second: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "Two different versions of the same layer are not allowed to be referenced in the same function. {first} and \
         {second} are versions of the same layer."
    ))
}

/// Refuses code that is too large together with its layers (reference lambda.md 7.4).
///
/// # Errors
/// [`LambdaError::InvalidParameter`] in AWS's words.
pub(crate) fn require_size(code: Option<&Code>, layers: &[LayerRecord]) -> Result<(), LambdaError> {
    let size = layers.iter().fold(code.map_or(0, |code| code.unzipped_size), |size, layer| {
        size.saturating_add(layer.code.unzipped_size)
    });
    if size <= MAX_UNZIPPED_BYTES {
        return Ok(());
    }
    Err(LambdaError::InvalidParameter(format!(
        "Function code combined with layers exceeds the maximum allowed size of {MAX_UNZIPPED_BYTES} bytes. The actual \
         size is {size} bytes."
    )))
}
