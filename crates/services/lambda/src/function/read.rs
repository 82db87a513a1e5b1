//! GetFunction, GetFunctionConfiguration and ListFunctions.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use rolecall_authority::{Call, Check};
use rolecall_store::records::Tag;
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    Concurrency, FunctionCodeLocation, FunctionConfiguration, GetFunctionConfigurationRequest,
    GetFunctionRequest, GetFunctionResponse, ListFunctionsRequest, ListFunctionsResponse,
};

use crate::function::{image, of_reference, shape};
use crate::name::{FunctionReference, Key, Qualifier, version_text};
use crate::options::FunctionTags;
use crate::paging::{last_key, page};
use crate::service::Lambda;

impl Lambda {
    pub(crate) fn get_function(
        &self,
        call: &Arc<Call>,
        input: GetFunctionRequest,
    ) -> Result<GetFunctionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetFunction", &reference)?;
        let state = self.platform.store.read();
        let (record, _) = of_reference(&state, &reference)?;
        let function = state.functions.get(&reference.key());
        let reserved = function.and_then(|function| function.reserved_concurrency);
        Ok(GetFunctionResponse {
            configuration: Some(shown(&reference, record)),
            code: Some(self.code_location(record)),
            tags: self.visible_tags(call, &reference, function.map_or(&[], |function| &function.tags)),
            tags_error: None,
            concurrency: reserved
                .map(|reserved| Concurrency { reserved_concurrent_executions: i32::try_from(reserved).ok() }),
        })
    }

    /// Where the code is: a zip file is given back, an image is only named.
    fn code_location(&self, record: &FunctionVersion) -> FunctionCodeLocation {
        let none = FunctionCodeLocation::default();
        if let Some(image) = &record.image {
            return FunctionCodeLocation {
                repository_type: Some("ECR".to_owned()),
                image_uri: Some(image.uri.clone()),
                resolved_image_uri: image::resolved_uri(&image.uri),
                ..none
            };
        }
        FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: record.code.as_ref().and_then(|code| self.parts.links.to(&self.platform, &code.blob)),
            ..none
        }
    }

    /// The tags, where the caller may list them or the operator lets all see them (reference lambda.md 9-5).
    fn visible_tags(
        &self,
        call: &Call,
        reference: &FunctionReference,
        tags: &[Tag],
    ) -> Option<BTreeMap<String, String>> {
        if tags.is_empty() {
            return None;
        }
        if self.parts.options.function_tags == FunctionTags::Permitted {
            self.authorize_function(call, "lambda:ListTags", &reference.unqualified()).ok()?;
        }
        Some(crate::tags::shown(tags))
    }

    pub(crate) fn get_function_configuration(
        &self,
        call: &Arc<Call>,
        input: GetFunctionConfigurationRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetFunctionConfiguration", &reference)?;
        let state = self.platform.store.read();
        let (record, _) = of_reference(&state, &reference)?;
        Ok(shown(&reference, record))
    }

    pub(crate) fn list_functions(
        &self,
        call: &Arc<Call>,
        input: ListFunctionsRequest,
    ) -> Result<ListFunctionsResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:ListFunctions"))?;
        let Some(account) = call.caller.account() else { return Ok(ListFunctionsResponse::default()) };
        // Functions replicated from a master region exist only with CloudFront, so nothing is listed for one.
        let own_region = input.master_region.as_deref().is_none_or(|region| region == call.region.as_str());
        let all_versions = input.function_version.as_deref() == Some("ALL");
        let state = self.platform.store.read();
        let key = |name: String| -> Key { (account, call.region.clone(), name) };
        let first = match last_key::<(String, u64)>(input.marker.as_deref())? {
            Some((name, version)) => Bound::Excluded((key(name), version)),
            None => Bound::Included((key(String::new()), 0)),
        };
        let listed = state
            .function_versions
            .range((first, Bound::Unbounded))
            .take_while(|((key, _), _)| own_region && key.0 == account && key.1 == call.region)
            .filter(|((_, version), _)| all_versions || *version == 0)
            .map(|((key, version), record)| {
                let qualifier = all_versions.then(|| version_text(*version));
                ((key.2.clone(), *version), shape::listed(key, qualifier.as_deref(), record))
            });
        let (functions, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListFunctionsResponse { next_marker, functions: Some(functions) })
    }
}

/// The configuration, with the ARN as it was asked for.
fn shown(reference: &FunctionReference, record: &FunctionVersion) -> FunctionConfiguration {
    let qualifier = reference.qualifier.as_ref().map(Qualifier::as_str);
    shape::configuration(&reference.key(), qualifier, record)
}
