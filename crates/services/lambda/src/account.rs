//! What an account may have and has: GetAccountSettings.

use std::sync::Arc;

use rolecall_arn::{AccountId, Region};
use rolecall_authority::{Call, Check};
use rolecall_store::State;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{AccountLimit, AccountUsage, GetAccountSettingsResponse};

use crate::concurrency::{ACCOUNT_CONCURRENCY, reserved_by_all};
use crate::error::LambdaError;
use crate::name::Key;
use crate::service::Lambda;

/// 300 GB of zip files in a region of an account (reference lambda.md 7.4).
const MAX_CODE_BYTES: u64 = 322_122_547_200;

impl Lambda {
    pub(crate) fn get_account_settings(
        &self,
        call: &Arc<Call>,
    ) -> Result<GetAccountSettingsResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:GetAccountSettings"))?;
        let Some(account) = call.caller.account() else { return Ok(GetAccountSettingsResponse::default()) };
        let state = self.platform.store.read();
        let unreserved = ACCOUNT_CONCURRENCY.saturating_sub(reserved_by_all(&state, account, &call.region));
        let in_region = |key: &Key| key.0 == account && key.1 == call.region;
        let functions = state.functions.iter().filter(|(key, _)| in_region(key)).count();
        Ok(GetAccountSettingsResponse {
            account_limit: Some(AccountLimit {
                total_code_size: i64::try_from(MAX_CODE_BYTES).ok(),
                code_size_unzipped: Some(262_144_000),
                code_size_zipped: Some(52_428_800),
                concurrent_executions: i32::try_from(ACCOUNT_CONCURRENCY).ok(),
                unreserved_concurrent_executions: i32::try_from(unreserved).ok(),
            }),
            account_usage: Some(AccountUsage {
                total_code_size: i64::try_from(code_bytes(&state, account, &call.region)).ok(),
                function_count: i64::try_from(functions).ok(),
            }),
        })
    }
}

/// Refuses further bytes of code where the account would have too many.
///
/// # Errors
/// [`LambdaError::CodeStorageExceeded`].
pub(crate) fn require_storage(state: &State, key: &Key, further_bytes: u64) -> Result<(), LambdaError> {
    let used = code_bytes(state, key.0, &key.1);
    if used.saturating_add(further_bytes) > MAX_CODE_BYTES {
        Err(LambdaError::CodeStorageExceeded)
    } else {
        Ok(())
    }
}

fn code_bytes(state: &State, account: AccountId, region: &Region) -> u64 {
    let here = (account, region.clone());
    state.function_versions.sum(&here).saturating_add(state.layer_versions.sum(&here))
}
