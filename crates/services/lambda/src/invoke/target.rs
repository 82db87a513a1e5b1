//! Which version an invocation runs.

use std::sync::Arc;

use rolecall_authority::Entropy;
use rolecall_store::State;
use rolecall_store::records::lambda::{Alias, FunctionVersion};

use crate::error::LambdaError;
use crate::function::{of_reference, version_number};
use crate::name::{FunctionReference, LATEST, function_arn, function_not_found};

/// The version that this one invocation runs. An alias with two versions is decided by chance, by its weights.
///
/// # Errors
/// [`LambdaError::NotFound`]; a name without qualifier is said to be `$LATEST` (reference lambda.md 9-19).
pub(crate) fn choose(
    state: &State,
    reference: &FunctionReference,
    entropy: &dyn Entropy,
) -> Result<Arc<FunctionVersion>, LambdaError> {
    if reference.qualifier.is_none() {
        let key = reference.key();
        let arn = function_arn(&key, Some(LATEST));
        return state.function_versions.get(&(key, 0)).cloned().ok_or_else(|| function_not_found(&arn));
    }
    let (main, alias) = of_reference(state, reference)?;
    let other = alias.and_then(|alias| draw(alias, entropy));
    let other = other.and_then(|version| state.function_versions.get(&(reference.key(), version)));
    Ok(Arc::clone(other.unwrap_or(main)))
}

/// The additional version that chance chooses, if it chooses one.
fn draw(alias: &Alias, entropy: &dyn Entropy) -> Option<u64> {
    if alias.routing.is_empty() {
        return None;
    }
    let mut random = [0; 4];
    entropy.fill(&mut random);
    let point = f64::from(u32::from_le_bytes(random)) / (f64::from(u32::MAX) + 1.0);
    let mut reached = 0.0;
    for (version, weight) in &alias.routing {
        reached += weight;
        if point < reached {
            return version_number(version);
        }
    }
    None
}
