//! ListLayers and ListLayerVersions.

use std::cmp::Reverse;
use std::sync::Arc;

use rolecall_authority::{Call, Check};
use rolecall_store::records::lambda::LayerVersion;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    LayerVersionsListItem, LayersListItem, ListLayerVersionsRequest, ListLayerVersionsResponse,
    ListLayersRequest, ListLayersResponse,
};

use crate::layer::version::not_empty;
use crate::name::LayerReference;
use crate::paging::page;
use crate::service::Lambda;
use crate::time::timestamp;

/// What a layer version must say that it fits.
struct Wanted {
    runtime: Option<String>,
    architecture: Option<String>,
}

impl Wanted {
    fn fits(&self, version: &LayerVersion) -> bool {
        let named = |wanted: &Option<String>, list: &[String]| {
            wanted.as_ref().is_none_or(|wanted| list.contains(wanted))
        };
        named(&self.runtime, &version.compatible_runtimes)
            && named(&self.architecture, &version.compatible_architectures)
    }
}

impl Lambda {
    pub(crate) fn list_layers(
        &self,
        call: &Arc<Call>,
        input: ListLayersRequest,
    ) -> Result<ListLayersResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:ListLayers"))?;
        let Some(account) = call.caller.account() else { return Ok(ListLayersResponse::default()) };
        let wanted =
            Wanted { runtime: input.compatible_runtime, architecture: input.compatible_architecture };
        let state = self.platform.store.read();
        let region = &call.region;
        let layers = state
            .layers
            .range((account, region.clone(), String::new())..)
            .take_while(|(key, _)| key.0 == account && key.1 == *region);
        let listed = layers.filter_map(|(key, _)| {
            let layer = LayerReference { account, region: region.clone(), name: key.2.clone() };
            let versions =
                state.layer_versions.range((key.clone(), 0)..).take_while(|((found, _), _)| found == key);
            let (_, newest) = versions.filter(|(_, version)| wanted.fits(version)).last()?;
            let item = LayersListItem {
                layer_name: Some(key.2.clone()),
                layer_arn: Some(layer.arn().to_string()),
                latest_matching_version: Some(shown(&layer, newest)),
            };
            Some((key.2.clone(), item))
        });
        let (layers, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListLayersResponse { next_marker, layers: Some(layers) })
    }

    /// Checked on the layer's ARN, as AWS's real denials show (reference lambda.md 9-3). Newest first.
    pub(crate) fn list_layer_versions(
        &self,
        call: &Arc<Call>,
        input: ListLayerVersionsRequest,
    ) -> Result<ListLayerVersionsResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        self.authorize_layer(call, "lambda:ListLayerVersions", &layer)?;
        let wanted =
            Wanted { runtime: input.compatible_runtime, architecture: input.compatible_architecture };
        let state = self.platform.store.read();
        let key = layer.key();
        let versions =
            state.layer_versions.range((key.clone(), 0)..).take_while(|((found, _), _)| *found == key);
        let mut fitting: Vec<_> = versions.filter(|(_, version)| wanted.fits(version)).collect();
        fitting.reverse();
        let listed =
            fitting.into_iter().map(|((_, number), version)| (Reverse(*number), shown(&layer, version)));
        let (layer_versions, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListLayerVersionsResponse { next_marker, layer_versions: Some(layer_versions) })
    }
}

fn shown(layer: &LayerReference, record: &LayerVersion) -> LayerVersionsListItem {
    LayerVersionsListItem {
        layer_version_arn: Some(layer.version_arn(record.version).to_string()),
        version: i64::try_from(record.version).ok(),
        description: Some(record.description.clone()),
        created_date: Some(timestamp(record.created_ms)),
        compatible_architectures: not_empty(&record.compatible_architectures),
        compatible_runtimes: not_empty(&record.compatible_runtimes),
        license_info: record.license_info.clone(),
    }
}
