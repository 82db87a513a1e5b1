//! UpdateFunctionCode.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::Code;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{FunctionConfiguration, UpdateFunctionCodeRequest};

use crate::account::require_storage;
use crate::error::LambdaError;
use crate::function::create::NewIds;
use crate::function::package::{Package, Packaged};
use crate::function::shape::{IN_PROGRESS, configuration};
use crate::function::{latest, lock_for_change, shape};
use crate::layer::require_size;
use crate::name::{Key, version_text};
use crate::service::Lambda;
use crate::signing::require_admitted;
use crate::version::{publish_latest, require_revision};

impl Lambda {
    pub(crate) async fn update_function_code(
        &self,
        call: &Arc<Call>,
        mut input: UpdateFunctionCodeRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:UpdateFunctionCode", &reference)?;
        if let Some(uri) = &input.image_uri {
            self.authorize_image(call, uri, reference.account)?;
        }
        let current = Arc::clone(latest(&self.platform.store.read(), &reference)?);
        refuse_unbuilt(&input)?;
        let package = Package::of_update(&mut input, &current)?;
        let key = reference.key();
        lock_for_change(&self.platform.store.read(), &key)?;
        let packaged = self.take_in_package(call, package).await?;
        let dry_run = input.dry_run == Some(true);
        let change = Change {
            packaged,
            architectures: input.architectures,
            given_revision: input.revision_id,
            ids: self.new_ids(),
            dry_run,
            publish: (input.publish == Some(true)).then(|| self.platform.entropy().uuid()),
        };
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| change.apply(state, &key))
        };
        let answer = answer.await?;
        if !dry_run {
            self.retire_latest(&key);
            self.settle_soon(key);
        }
        Ok(answer)
    }
}

fn refuse_unbuilt(input: &UpdateFunctionCodeRequest) -> Result<(), LambdaError> {
    if input.publish_to.is_some() {
        return Err(LambdaError::not_built("PublishTo"));
    }
    if input.source_kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty()) {
        return Err(LambdaError::not_built("customer managed KMS keys"));
    }
    Ok(())
}

struct Change {
    packaged: Packaged,
    architectures: Option<Vec<String>>,
    given_revision: Option<String>,
    ids: NewIds,
    dry_run: bool,
    /// The revision that `$LATEST` gets from being published.
    publish: Option<String>,
}

impl Change {
    fn apply(self, state: &mut State, key: &Key) -> Result<FunctionConfiguration, LambdaError> {
        let mut record = lock_for_change(state, key)?;
        require_revision(self.given_revision.as_deref(), &record.revision_id)?;
        let Packaged { code, image } = self.packaged;
        let signing = state.functions.get(key).and_then(|function| function.code_signing_config.as_deref());
        require_admitted(state, key, signing, code.iter(), self.ids.now_ms)?;
        require_size(code.as_ref(), &record.layers)?;
        let size = |code: Option<&Code>| code.map_or(0, |code| code.size);
        require_storage(state, key, size(code.as_ref()).saturating_sub(size(record.code.as_ref())))?;
        (record.code, record.image) = (code, image);
        if let Some(architectures) = self.architectures {
            record.architectures = architectures;
        }
        if self.dry_run {
            return Ok(configuration(key, None, &record));
        }
        record.revision_id = self.ids.revision_id;
        record.deployment = self.ids.deployment;
        record.last_modified_ms = self.ids.now_ms;
        record.last_update_status = Some(IN_PROGRESS.to_owned());
        state.function_versions.put((key.clone(), 0), record);
        let Some(revision) = self.publish else {
            return shape::of_state(state, key, None, 0).ok_or_else(gone);
        };
        let version = publish_latest(state, key, None, revision)?;
        shape::of_state(state, key, Some(&version_text(version)), version).ok_or_else(gone)
    }
}

/// What cannot happen inside the transaction that has just written the record.
fn gone() -> LambdaError {
    LambdaError::CannotRun("The function is gone.".to_owned())
}
