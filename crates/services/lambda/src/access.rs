//! Authorising: every operation on a function or layer version passes here before it looks whether the thing exists.
//!
//! The check brings what the resource itself has to say: the policy of exactly the target that the caller named
//! (function, version or alias, each has its own: reference lambda.md 2.1-1) and the function's live tags, which are
//! those of its versions and aliases too (reference lambda.md 1.7).

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check, ResourcePolicyRef};
use rolecall_service::{denied, store_failed};
use rolecall_store::State;
use rolecall_store::records::lambda::ResourcePolicy;
use rolecall_wire::ServiceError;

use crate::error::{LambdaError, SERVICE};
use crate::name::{FunctionReference, Home, LayerReference};
use crate::service::Lambda;

impl Lambda {
    /// Where the caller's bare names are at home.
    pub(crate) fn home(call: &Call) -> Home {
        Home { account: call.caller.account(), region: call.region.clone() }
    }

    /// Reads a function's name as the caller means it.
    pub(crate) fn reference(
        call: &Call,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<FunctionReference, LambdaError> {
        FunctionReference::parse(name, qualifier, &Self::home(call))
    }

    /// Whether the call may do the action on the function, version or alias.
    pub(crate) fn authorize_function(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
    ) -> Result<Authorized, ServiceError> {
        self.authorize_function_with(call, action, reference, |check| check)
    }

    /// The same with further condition keys.
    pub(crate) fn authorize_function_with(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
        add_keys: impl for<'c> FnOnce(Check<'c>) -> Check<'c>,
    ) -> Result<Authorized, ServiceError> {
        let state = self.platform.store.read();
        let key = reference.key();
        let arn = reference.arn();
        let policy_name = format!("resource-based policy of {arn}");
        let mut check = Check::on(action, &arn, reference.account);
        if let Some(function) = state.functions.get(&key) {
            check = check.resource_tags(&function.tags);
        }
        if let Some(policy) = state.function_policies.get(&(key, reference.qualifier_text().to_owned())) {
            check = check.resource_policy(policy_ref(&policy_name, policy));
        }
        self.authorize(call, add_keys(check))
    }

    /// Whether the call may do an action that is on the function as a whole (rule FU of reference lambda.md 1.4). What
    /// AWS does with a qualifier in such a name is not known, so both must be allowed: the name as written, and the
    /// function that is then acted on.
    pub(crate) fn authorize_whole(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
    ) -> Result<Authorized, ServiceError> {
        self.authorize_whole_with(call, action, reference, |check| check)
    }

    /// The same with further condition keys.
    pub(crate) fn authorize_whole_with(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
        add_keys: impl for<'c> Fn(Check<'c>) -> Check<'c>,
    ) -> Result<Authorized, ServiceError> {
        let proof = self.authorize_function_with(call, action, reference, &add_keys)?;
        if reference.qualifier.is_none() {
            return Ok(proof);
        }
        self.authorize_function_with(call, action, &reference.unqualified(), &add_keys)
    }

    /// Whether the call may do the action on the layer version.
    pub(crate) fn authorize_layer_version(
        &self,
        call: &Call,
        action: &str,
        layer: &LayerReference,
        version: i64,
    ) -> Result<Authorized, ServiceError> {
        let state = self.platform.store.read();
        let arn = layer.version_arn(version);
        let policy_name = format!("resource-based policy of {arn}");
        let mut check = Check::on(action, &arn, layer.account);
        let record =
            u64::try_from(version).ok().and_then(|version| state.layer_versions.get(&(layer.key(), version)));
        if let Some(policy) = record.and_then(|record| record.policy.as_ref()) {
            check = check.resource_policy(policy_ref(&policy_name, policy));
        }
        self.authorize(call, check)
    }

    /// Whether the call may do the action on the layer as a whole.
    pub(crate) fn authorize_layer(
        &self,
        call: &Call,
        action: &str,
        layer: &LayerReference,
    ) -> Result<Authorized, ServiceError> {
        let arn: Arn = layer.arn();
        self.authorize(call, Check::on(action, &arn, layer.account))
    }

    /// Decides a check.
    pub(crate) fn authorize(&self, call: &Call, check: Check<'_>) -> Result<Authorized, ServiceError> {
        self.platform.authority.authorize(call, check).map_err(|denial| denied(SERVICE, &denial))
    }

    /// Changes records on the strength of a proof, which is used up by it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        _proof: Authorized,
        change: impl FnOnce(&mut State) -> Result<T, LambdaError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        self.keep_books(change).await
    }

    /// Decides and then changes, again and again until what was decided on has not changed between the two.
    ///
    /// Some checks are about what the records hold now: the statement that is to go, the auth type that a URL has. Another
    /// call may change it after the check and before the change. `basis` reads it, `decide` checks on it.
    pub(crate) async fn write_decided<B, T>(
        &self,
        basis: impl Fn(&State) -> B + Clone + Send + 'static,
        decide: impl Fn(&B) -> Result<Authorized, ServiceError> + Send,
        change: impl FnOnce(&mut State) -> Result<T, LambdaError> + Clone + Send + 'static,
    ) -> Result<T, ServiceError>
    where
        B: PartialEq + Send + 'static,
        T: Send + 'static,
    {
        loop {
            let seen = basis(&self.platform.store.read());
            let proof = decide(&seen)?;
            let (basis, change) = (basis.clone(), change.clone());
            let written =
                self.write(
                    proof,
                    move |state| {
                        if basis(state) == seen { change(state).map(Some) } else { Ok(None) }
                    },
                );
            if let Some(done) = written.await? {
                return Ok(done);
            }
        }
    }

    /// Changes records that follow from what was authorised before: a state that settles, an event that is delivered.
    pub(crate) async fn keep_books<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, LambdaError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let change = move |state: &mut State| change(state).map_err(ServiceError::from);
        self.platform.store.write(change).await.map_err(|failure| store_failed(SERVICE, failure))
    }
}

fn policy_ref<'a>(name: &'a str, policy: &'a ResourcePolicy) -> ResourcePolicyRef<'a> {
    ResourcePolicyRef::Policy { name, document: &policy.document, bound: &policy.bound_principals }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rolecall_store::records::function_url::FunctionUrlTarget;
    use rolecall_testkit::{ACCOUNT, House};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_changes_between_check_and_change_is_checked_again() {
        let house = House::new().await;
        let policy =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let call = house.call(&house.add_user(ACCOUNT, "admin", Some(policy)).await);
        let lambda = Lambda::new(std::sync::Arc::clone(&house.platform));
        let checked = Mutex::new(Vec::new());
        let key = "id".to_owned();
        let basis = move |state: &State| state.function_url_ids.contains(&key);
        let put = |state: &mut State| {
            let function = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), "f".to_owned());
            state
                .function_url_ids
                .put("id".to_owned(), FunctionUrlTarget { function, qualifier: String::new() });
            Ok(())
        };
        let decide = |is_there: &bool| {
            let proof = lambda.authorize(&call, Check::on_all("lambda:ListFunctions"));
            checked.lock().unwrap().push(*is_there);
            if !is_there {
                let meanwhile = lambda.keep_books(put);
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meanwhile))?;
            }
            proof
        };
        let count = lambda.write_decided(basis, decide, |state| Ok(state.function_url_ids.iter().count()));
        assert_eq!(count.await.unwrap(), 1);
        assert_eq!(*checked.lock().unwrap(), [false, true]);
    }
}
