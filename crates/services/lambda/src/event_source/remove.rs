//! DeleteEventSourceMapping.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{DeleteEventSourceMappingRequest, EventSourceMappingConfiguration};

use crate::event_source::settle::{DELETING, ready};
use crate::event_source::shape::show;
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn delete_event_source_mapping(
        &self,
        call: &Arc<Call>,
        input: DeleteEventSourceMappingRequest,
    ) -> Result<EventSourceMappingConfiguration, ServiceError> {
        let name = Self::mapping_name(call, &input.uuid)?;
        let proof = self.authorize_mapping(call, "lambda:DeleteEventSourceMapping", &name)?;
        let key = name.key();
        let answer = self.write(proof, move |state| {
            let mut mapping = ready(state, &key, "delete")?;
            mapping.state = DELETING.to_owned();
            let answer = show(&mapping);
            state.event_source_mappings.put(key, mapping);
            Ok(answer)
        });
        let answer = answer.await?;
        self.settle_mapping_soon(name.key());
        Ok(answer)
    }
}
