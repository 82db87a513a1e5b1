//! Network interfaces that are being made, remembered before they are there.
//!
//! An interface is EC2's record and the function is Lambda's, so no transaction holds both. Between the two a crash, or a
//! refusal, would leave an interface that nobody knows, and a subnet that cannot be deleted. So Lambda notes that it
//! makes interfaces for a function, and with which role; the transaction that writes the function takes the note away.

use rolecall_store::records::lambda::InterfaceClaim;
use rolecall_wire::ServiceError;

use crate::name::Key;
use crate::role::delivery_caller;
use crate::service::Lambda;

impl Lambda {
    /// Notes that interfaces are made for the function with the role.
    pub(super) async fn claim_interfaces(&self, role: &str, function: &Key) -> Result<(), ServiceError> {
        let (key, claim) = (function.clone(), InterfaceClaim { role: role.to_owned() });
        self.keep_books(move |state| {
            state.interface_claims.put(key, claim);
            Ok(())
        })
        .await
    }

    /// Removes what an earlier process made and did not come to using.
    pub(crate) fn resume_interfaces(&self) {
        for (function, _) in self.platform.store.read().interface_claims.iter() {
            self.release_claimed_soon(function.clone());
        }
    }

    /// Removes, soon, the interfaces that were made for the function and that no function uses.
    pub(super) fn release_claimed_soon(&self, function: Key) {
        let lambda = self.clone();
        tokio::spawn(async move {
            let _connecting = lambda.parts.interfaces.lock().await;
            lambda.release_claimed(&function).await;
        });
    }

    /// The same, while nobody else finds or makes some. Where the role may not look any more the note stays for the next
    /// start.
    pub(super) async fn release_claimed(&self, function: &Key) {
        let claim = self.platform.store.read().interface_claims.get(function).cloned();
        let Some(claim) = claim else { return };
        if let Err(error) = self.release_all(function, &claim.role).await {
            tracing::warn!(%error, "network interfaces that were made for no function could not be removed");
        }
    }

    /// Which interfaces it was is not known, so all of Lambda's that are there are looked at.
    async fn release_all(&self, function: &Key, role: &str) -> Result<(), ServiceError> {
        let caller = delivery_caller(&self.platform, role, function).await?;
        let there = self.lambda_interfaces(&caller, function, None).await?;
        let ids = there.into_iter().filter_map(|interface| interface.network_interface_id).collect();
        self.release_now(role, function, ids).await;
        let key = function.clone();
        self.keep_books(move |state| {
            state.interface_claims.remove(&key);
            Ok(())
        })
        .await
    }
}
