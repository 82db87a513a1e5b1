//! Aliases. All five operations are checked on the function itself, not on the alias (reference lambda.md 1.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::{Alias, FunctionVersion};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AliasConfiguration, AliasRoutingConfiguration, CreateAliasRequest, DeleteAliasRequest,
    DeleteAliasResponse, GetAliasRequest, ListAliasesRequest, ListAliasesResponse, UpdateAliasRequest,
};

use crate::error::LambdaError;
use crate::function::{forget_configurations, latest, version_number};
use crate::name::{Key, LATEST, function_arn, function_not_found};
use crate::paging::page;
use crate::service::Lambda;
use crate::version::require_revision;

impl Lambda {
    pub(crate) async fn create_alias(
        &self,
        call: &Arc<Call>,
        input: CreateAliasRequest,
    ) -> Result<AliasConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:CreateAlias", &reference)?;
        let key = reference.key();
        let alias = Alias {
            name: input.name,
            function_version: input.function_version,
            description: input.description.unwrap_or_default(),
            routing: weights(input.routing_config),
            revision_id: self.platform.entropy().uuid(),
        };
        self.write(proof, move |state| {
            require_versions(state, &key, &alias)?;
            let record_key = (key.clone(), alias.name.clone());
            if state.aliases.contains(&record_key) {
                let arn = function_arn(&key, Some(&alias.name));
                return Err(LambdaError::Conflict(format!("Alias already exists: {arn}")));
            }
            let answer = shown(&key, &alias);
            state.aliases.put(record_key, alias);
            Ok(answer)
        })
        .await
    }

    pub(crate) async fn update_alias(
        &self,
        call: &Arc<Call>,
        input: UpdateAliasRequest,
    ) -> Result<AliasConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:UpdateAlias", &reference)?;
        let key = reference.key();
        let revision = self.platform.entropy().uuid();
        let changed = self.write(proof, move |state| {
            latest(state, &reference)?;
            let record_key = (key.clone(), input.name);
            let Some(alias) = state.aliases.get(&record_key) else {
                let arn = function_arn(&key, Some(&record_key.1));
                return Err(LambdaError::NotFound(format!("Alias not found: {arn}")));
            };
            require_revision(input.revision_id.as_deref(), &alias.revision_id)?;
            let changed = Alias {
                name: alias.name.clone(),
                function_version: input.function_version.unwrap_or_else(|| alias.function_version.clone()),
                description: input.description.unwrap_or_else(|| alias.description.clone()),
                routing: input
                    .routing_config
                    .map_or_else(|| alias.routing.clone(), |config| weights(Some(config))),
                revision_id: revision,
            };
            require_versions(state, &key, &changed)?;
            let answer = shown(&key, &changed);
            state.aliases.put(record_key, changed);
            Ok((key, answer))
        });
        let (key, answer) = changed.await?;
        // Provisioned concurrency moves with its alias.
        self.provision_soon(key);
        Ok(answer)
    }

    /// To delete an alias that is not there is no error.
    pub(crate) async fn delete_alias(
        &self,
        call: &Arc<Call>,
        input: DeleteAliasRequest,
    ) -> Result<DeleteAliasResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:DeleteAlias", &reference)?;
        let key = reference.key();
        self.write(proof, move |state| {
            latest(state, &reference)?;
            let record_key = (reference.key(), input.name);
            state.aliases.remove(&record_key);
            forget_configurations(state, &record_key.0, &record_key.1);
            Ok(())
        })
        .await?;
        self.provision_soon(key);
        Ok(DeleteAliasResponse)
    }

    pub(crate) fn get_alias(
        &self,
        call: &Arc<Call>,
        input: GetAliasRequest,
    ) -> Result<AliasConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetAlias", &reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let key = reference.key();
        match state.aliases.get(&(key.clone(), input.name.clone())) {
            Some(alias) => Ok(shown(&key, alias)),
            None => Err(cannot_find(&key, &input.name).into()),
        }
    }

    pub(crate) fn list_aliases(
        &self,
        call: &Arc<Call>,
        input: ListAliasesRequest,
    ) -> Result<ListAliasesResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:ListAliases", &reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let key = reference.key();
        let points_there = |alias: &Alias| {
            let wanted = input.function_version.as_ref();
            wanted.is_none_or(|version| {
                alias.function_version == *version || alias.routing.contains_key(version)
            })
        };
        let listed = of_function(&state, &key)
            .filter(|(_, alias)| points_there(alias))
            .map(|(name, alias)| (name.clone(), shown(&key, alias)));
        let (aliases, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListAliasesResponse { next_marker, aliases: Some(aliases) })
    }
}

/// The aliases of a function in the order of their names.
pub(crate) fn of_function<'s>(
    state: &'s State,
    key: &'s Key,
) -> impl Iterator<Item = (&'s String, &'s Arc<Alias>)> {
    let all = state.aliases.range((key.clone(), String::new())..);
    all.take_while(move |((found, _), _)| found == key).map(|((_, name), alias)| (name, alias))
}

/// `Cannot find alias arn: ARN`
pub(crate) fn cannot_find(key: &Key, alias: &str) -> LambdaError {
    LambdaError::NotFound(format!("Cannot find alias arn: {}", function_arn(key, Some(alias))))
}

/// Refuses an alias whose versions do not exist or cannot share it (reference lambda.md 8.5).
fn require_versions(state: &State, key: &Key, alias: &Alias) -> Result<(), LambdaError> {
    let main = &alias.function_version;
    let record = record_of(state, key, main)?;
    let refuse = |text: String| Err(LambdaError::InvalidParameter(text));
    if alias.routing.len() > 1 {
        return refuse("Number of items in AdditionalVersionWeights cannot be greater than 1".to_owned());
    }
    for version in alias.routing.keys() {
        if version == main {
            return refuse(format!(
                "Invalid function version {main}. Function version {main} is already included in routing configuration."
            ));
        }
        if main == LATEST {
            let text = "$LATEST is not supported for an alias pointing to more than 1 version";
            return Err(LambdaError::InvalidWithoutType(text.to_owned()));
        }
        let other = record_of(state, key, version)?;
        if other.role != record.role {
            return refuse(different("execution roles", main, version));
        }
        if other.dead_letter_target != record.dead_letter_target {
            return refuse(different("dead-letter targets", main, version));
        }
    }
    Ok(())
}

/// What two versions of an alias may not differ in (reference lambda.md 4.1-7). The words are ours: AWS's are not known.
fn different(what: &str, main: &str, other: &str) -> String {
    format!("Function versions {main} and {other} have different {what} and cannot share an alias.")
}

fn record_of<'s>(
    state: &'s State,
    key: &Key,
    version: &str,
) -> Result<&'s Arc<FunctionVersion>, LambdaError> {
    let record =
        version_number(version).and_then(|number| state.function_versions.get(&(key.clone(), number)));
    record.ok_or_else(|| function_not_found(&function_arn(key, Some(version))))
}

fn weights(config: Option<AliasRoutingConfiguration>) -> BTreeMap<String, f64> {
    config.and_then(|config| config.additional_version_weights).unwrap_or_default()
}

fn shown(key: &Key, alias: &Alias) -> AliasConfiguration {
    let routing = (!alias.routing.is_empty()).then(|| alias.routing.clone());
    AliasConfiguration {
        alias_arn: Some(function_arn(key, Some(&alias.name)).to_string()),
        name: Some(alias.name.clone()),
        function_version: Some(alias.function_version.clone()),
        description: Some(alias.description.clone()),
        routing_config: routing
            .map(|weights| AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
        revision_id: Some(alias.revision_id.clone()),
    }
}
