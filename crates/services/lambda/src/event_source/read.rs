//! GetEventSourceMapping and ListEventSourceMappings.

use std::sync::Arc;

use rolecall_authority::{Call, Check};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    EventSourceMappingConfiguration, GetEventSourceMappingRequest, ListEventSourceMappingsRequest,
    ListEventSourceMappingsResponse,
};

use crate::event_source::settle::no_mapping;
use crate::event_source::shape::show;
use crate::event_source::{of_home, target};
use crate::name::{FunctionReference, exists, function_not_found};
use crate::paging::page;
use crate::service::Lambda;

impl Lambda {
    pub(crate) fn get_event_source_mapping(
        &self,
        call: &Arc<Call>,
        input: GetEventSourceMappingRequest,
    ) -> Result<EventSourceMappingConfiguration, ServiceError> {
        let name = Self::mapping_name(call, &input.uuid)?;
        self.authorize_mapping(call, "lambda:GetEventSourceMapping", &name)?;
        let state = self.platform.store.read();
        Ok(show(state.event_source_mappings.get(&name.key()).ok_or_else(no_mapping)?))
    }

    pub(crate) fn list_event_source_mappings(
        &self,
        call: &Arc<Call>,
        input: ListEventSourceMappingsRequest,
    ) -> Result<ListEventSourceMappingsResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:ListEventSourceMappings"))?;
        let home = Self::mapping_name(call, "")?.key();
        let function =
            input.function_name.as_deref().map(|name| Self::reference(call, name, None)).transpose()?;
        let state = self.platform.store.read();
        // Mappings are for functions of their own account; whether another account has a function is not told.
        let is_known = |function: &FunctionReference| {
            function.account == home.0 && exists(&function.unqualified(), &state)
        };
        if let Some(function) = function.as_ref().filter(|function| !is_known(function)) {
            return Err(function_not_found(&function.arn()).into());
        }
        let wanted = of_home(&state, &home)
            .filter(|mapping| function.as_ref().is_none_or(|function| function.arn() == target(mapping)))
            .filter(|mapping| {
                input.event_source_arn.is_none() || mapping.source.arn == input.event_source_arn
            });
        let items = wanted.map(|mapping| (mapping.uuid.clone(), show(mapping)));
        let (mappings, next_marker) = page(items, input.marker.as_deref(), input.max_items)?;
        Ok(ListEventSourceMappingsResponse { next_marker, event_source_mappings: Some(mappings) })
    }
}
