//! How many invocations may run at once: reserved concurrency, its operations, and the count of what runs
//! (reference lambda.md 7.7).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rolecall_arn::{AccountId, Region};
use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::Function;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    Concurrency, DeleteFunctionConcurrencyRequest, DeleteFunctionConcurrencyResponse,
    GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse, PutFunctionConcurrencyRequest,
};

use crate::error::LambdaError;
use crate::function::latest;
use crate::name::{FunctionReference, Key, function_arn, function_not_found};
use crate::provisioned::provisioned_by;
use crate::service::Lambda;

/// Invocations at once in a region of an account.
pub(crate) const ACCOUNT_CONCURRENCY: u32 = 1000;

/// How many of them must stay for functions without a reservation.
pub(crate) const MIN_UNRESERVED: u32 = 100;

impl Lambda {
    pub(crate) async fn put_function_concurrency(
        &self,
        call: &Arc<Call>,
        input: PutFunctionConcurrencyRequest,
    ) -> Result<Concurrency, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:PutFunctionConcurrency", &reference)?;
        require_unqualified(&reference)?;
        let wanted = u32::try_from(input.reserved_concurrent_executions).unwrap_or_default();
        self.write(proof, move |state| reserve(state, &reference.key(), wanted)).await?;
        Ok(Concurrency { reserved_concurrent_executions: Some(input.reserved_concurrent_executions) })
    }

    pub(crate) fn get_function_concurrency(
        &self,
        call: &Arc<Call>,
        input: GetFunctionConcurrencyRequest,
    ) -> Result<GetFunctionConcurrencyResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetFunctionConcurrency", &reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let reserved =
            state.functions.get(&reference.key()).and_then(|function| function.reserved_concurrency);
        Ok(GetFunctionConcurrencyResponse {
            reserved_concurrent_executions: reserved.and_then(|reserved| i32::try_from(reserved).ok()),
        })
    }

    pub(crate) async fn delete_function_concurrency(
        &self,
        call: &Arc<Call>,
        input: DeleteFunctionConcurrencyRequest,
    ) -> Result<DeleteFunctionConcurrencyResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:DeleteFunctionConcurrency", &reference)?;
        require_unqualified(&reference)?;
        self.write(proof, move |state| {
            latest(state, &reference)?;
            state.functions.update(&reference.key(), |function| function.reserved_concurrency = None);
            Ok(DeleteFunctionConcurrencyResponse)
        })
        .await
    }
}

/// Refuses a version or alias where an operation is about the function as a whole (recorded for concurrency; that code
/// signing has the same words, and also before it looks whether the function exists, is assumed).
///
/// # Errors
/// [`LambdaError::InvalidParameter`] in AWS's words.
pub(crate) fn require_unqualified(reference: &FunctionReference) -> Result<(), LambdaError> {
    if reference.qualifier.is_none() {
        return Ok(());
    }
    Err(LambdaError::InvalidParameter(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
         Please specify either a function name or an unqualified function ARN."
            .to_owned(),
    ))
}

fn reserve(state: &mut State, key: &Key, wanted: u32) -> Result<(), LambdaError> {
    let missing = || function_not_found(&function_arn(key, None));
    state.functions.get(key).ok_or_else(missing)?;
    let provisioned = provisioned_by(state, key);
    if wanted < provisioned {
        return Err(LambdaError::InvalidWithoutType(format!(
            " ReservedConcurrentExecutions  {wanted} should not be lower than function's total provisioned concurrency \
             [{provisioned}]."
        )));
    }
    let others = reserve_of_others(state, key);
    if others.saturating_add(wanted) > ACCOUNT_CONCURRENCY - MIN_UNRESERVED {
        return Err(LambdaError::InvalidWithoutType(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{MIN_UNRESERVED}]."
        )));
    }
    state.functions.update(key, |function| function.reserved_concurrency = Some(wanted));
    Ok(())
}

/// The sum of all reservations in a region of an account.
pub(crate) fn reserved_by_all(state: &State, account: AccountId, region: &Region) -> u32 {
    let here = state.functions.range((account, region.clone(), String::new())..);
    here.take_while(|((found_account, found_region, _), _)| {
        *found_account == account && found_region == region
    })
    .map(|(key, function)| reserve_of(state, key, function))
    .fold(0, u32::saturating_add)
}

/// The same without one function.
pub(crate) fn reserve_of_others(state: &State, key: &Key) -> u32 {
    let own = state.functions.get(key).map_or(0, |function| reserve_of(state, key, function));
    reserved_by_all(state, key.0, &key.1).saturating_sub(own)
}

/// What a function takes from the others: its reservation, or without one its provisioned concurrency.
fn reserve_of(state: &State, key: &Key, function: &Function) -> u32 {
    function.reserved_concurrency.unwrap_or_else(|| provisioned_by(state, key))
}

/// Counts the invocations that run.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    by_function: HashMap<Key, u32>,
    /// Invocations of functions without a reservation.
    unreserved: HashMap<(AccountId, Region), u32>,
}

/// One running invocation; it is over when this is dropped.
pub(crate) struct Slot {
    running: Running,
    key: Key,
    reserved: bool,
}

impl Running {
    /// Takes a place for an invocation of the function.
    ///
    /// # Errors
    /// [`LambdaError::Throttled`] with AWS's reason where there is none.
    pub(crate) fn enter(&self, state: &State, key: &Key) -> Result<Slot, LambdaError> {
        let reservation = state.functions.get(key).and_then(|function| function.reserved_concurrency);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let region = (key.0, key.1.clone());
        let mut own_place = reservation.is_some();
        match reservation {
            Some(most) if counts.by_function.get(key).copied().unwrap_or_default() >= most => {
                return Err(LambdaError::Throttled("ReservedFunctionConcurrentInvocationLimitExceeded"));
            }
            Some(_) => {}
            // Within its provisioned concurrency a function takes no place from others.
            None if counts.by_function.get(key).copied().unwrap_or_default() < provisioned_by(state, key) => {
                own_place = true;
            }
            None => {
                let most = || ACCOUNT_CONCURRENCY.saturating_sub(reserved_by_all(state, key.0, &key.1));
                let unreserved = counts.unreserved.entry(region).or_default();
                // Below the minimum nobody's reservations have to be added up.
                if *unreserved >= MIN_UNRESERVED && *unreserved >= most() {
                    return Err(LambdaError::Throttled("ConcurrentInvocationLimitExceeded"));
                }
                *unreserved += 1;
            }
        }
        *counts.by_function.entry(key.clone()).or_default() += 1;
        Ok(Slot { running: self.clone(), key: key.clone(), reserved: own_place })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        release(&mut counts.by_function, &self.key);
        if !self.reserved {
            release(&mut counts.unreserved, &(self.key.0, self.key.1.clone()));
        }
    }
}

fn release<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}
