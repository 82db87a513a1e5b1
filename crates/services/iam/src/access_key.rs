//! Long-term access keys of users and of the account's root user.

use rolecall_arn::UniqueIdKind;
use rolecall_authority::Authorized;
use rolecall_store::records::iam::AccessKey;
use rolecall_store::{Secret, State};
use rolecall_wire::{Sensitive, ServiceError, iam as wire};

use crate::entity::{EntityKind, Target};
use crate::error::IamError;
use crate::page::page;
use crate::quota;
use crate::request::{Request, Subject, time};

/// Whose keys an operation is about, after its permission was checked.
struct KeyOwner {
    /// The user, or none for the account's root user.
    user: Option<Target>,
}

impl KeyOwner {
    /// What the keys' records say of their owner, as long as the owner is there.
    fn recorded(&self, state: &State) -> Result<Option<String>, IamError> {
        let Some(target) = &self.user else { return Ok(None) };
        Ok(Some(target.user(state)?.name.to_lowercase()))
    }

    /// The owner's name as answers show it; the root user has none.
    fn shown(&self, state: &State) -> Result<Option<String>, IamError> {
        let Some(target) = &self.user else { return Ok(None) };
        Ok(Some(target.user(state)?.name.clone()))
    }
}

impl Request<'_> {
    /// CreateAccessKey: the only answer that ever shows the secret.
    pub(crate) async fn create_access_key(
        &self,
        input: wire::CreateAccessKeyRequest,
    ) -> Result<wire::CreateAccessKeyResponse, ServiceError> {
        let (proof, owner) = self.key_owner(input.user_name.as_deref())?;
        let user_name = owner.shown(&self.state)?;
        let entropy = self.platform.entropy();
        let (id, secret) =
            (entropy.unique_id(UniqueIdKind::AccessKey).to_string(), entropy.secret_access_key());
        let shown = wire::AccessKey {
            user_name,
            access_key_id: Some(id.clone()),
            status: Some(status(true)),
            secret_access_key: Some(Sensitive::new(secret.clone())),
            create_date: time(self.platform.now_ms()),
        };
        let (account, created_ms) = (self.account, self.platform.now_ms());
        self.write(proof, move |state| {
            let user = owner.recorded(state)?;
            let has = state
                .access_keys
                .iter()
                .filter(|(_, key)| key.account == account && key.user == user)
                .count();
            if has >= quota::ACCESS_KEYS_PER_USER {
                return Err(IamError::Quota {
                    name: "AccessKeysPerUser",
                    limit: quota::ACCESS_KEYS_PER_USER,
                });
            }
            let secret = Secret::new(secret);
            let key = AccessKey { id: id.clone(), secret, account, user, active: true, created_ms };
            state.access_keys.put(id, key);
            Ok(())
        })
        .await?;
        Ok(wire::CreateAccessKeyResponse { access_key: Some(shown) })
    }

    /// UpdateAccessKey: a key that is made inactive signs nothing from the next request on.
    pub(crate) async fn update_access_key(
        &self,
        input: wire::UpdateAccessKeyRequest,
    ) -> Result<wire::UpdateAccessKeyResponse, ServiceError> {
        let (proof, owner) = self.key_owner(input.user_name.as_deref())?;
        let active = match input.status.as_str() {
            "Active" => true,
            "Inactive" => false,
            _ => return Err(IamError::KeyStatus.into()),
        };
        let account = self.account;
        self.write(proof, move |state| {
            let user = owner.recorded(state)?;
            ensure_owned(state, &input.access_key_id, &|key| key.account == account && key.user == user)?;
            state.access_keys.update(&input.access_key_id, |key| key.active = active);
            Ok(())
        })
        .await?;
        Ok(wire::UpdateAccessKeyResponse)
    }

    /// DeleteAccessKey.
    pub(crate) async fn delete_access_key(
        &self,
        input: wire::DeleteAccessKeyRequest,
    ) -> Result<wire::DeleteAccessKeyResponse, ServiceError> {
        let (proof, owner) = self.key_owner(input.user_name.as_deref())?;
        let account = self.account;
        self.write(proof, move |state| {
            let user = owner.recorded(state)?;
            ensure_owned(state, &input.access_key_id, &|key| key.account == account && key.user == user)?;
            state.access_keys.remove(&input.access_key_id);
            state.access_key_uses.remove(&input.access_key_id);
            Ok(())
        })
        .await?;
        Ok(wire::DeleteAccessKeyResponse)
    }

    /// ListAccessKeys.
    pub(crate) fn list_access_keys(
        &self,
        input: &wire::ListAccessKeysRequest,
    ) -> Result<wire::ListAccessKeysResponse, ServiceError> {
        let (_, owner) = self.key_owner(input.user_name.as_deref())?;
        let (user, user_name) = (owner.recorded(&self.state)?, owner.shown(&self.state)?);
        let owned = self.state.access_keys.iter();
        let owned = owned.filter(|(_, key)| key.account == self.account && key.user == user);
        let shown = owned.map(|(id, key)| {
            let shown = wire::AccessKeyMetadata {
                user_name: user_name.clone(),
                access_key_id: Some(id.clone()),
                status: Some(status(key.active)),
                create_date: time(key.created_ms),
            };
            (id.clone(), shown)
        });
        let page = page(shown, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListAccessKeysResponse {
            access_key_metadata: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// GetAccessKeyLastUsed: the permission is on the user who has the key. A key that is not the account's gets the
    /// same refusal as one that the caller may not ask about.
    pub(crate) fn get_access_key_last_used(
        &self,
        input: &wire::GetAccessKeyLastUsedRequest,
    ) -> Result<wire::GetAccessKeyLastUsedResponse, ServiceError> {
        let key = self.state.access_keys.get(&input.access_key_id).filter(|key| key.account == self.account);
        let user = key.and_then(|key| key.user.as_deref()).map(|name| self.entity(EntityKind::User, name));
        let check = match (&user, key) {
            (Some(user), _) => user.check(self.action()),
            (None, Some(_)) => self.check(&self.root_arn()),
            (None, None) => self.check_all(),
        };
        let decided = self.platform.authority.authorize(self.call, check);
        decided.map_err(|_| self.key_refusal(&input.access_key_id))?;
        let key = key.ok_or_else(|| self.key_refusal(&input.access_key_id))?;
        let user_name = user.map(|user| user.existing()).transpose()?;
        let user_name =
            user_name.map(|user| user.user(&self.state).map(|user| user.name.clone())).transpose()?;
        Ok(wire::GetAccessKeyLastUsedResponse {
            user_name,
            access_key_last_used: Some(self.last_used(&key.id)),
        })
    }

    fn last_used(&self, id: &String) -> wire::AccessKeyLastUsed {
        let unknown = || Some("N/A".to_owned());
        match self.state.access_key_uses.get(id) {
            Some(last) => wire::AccessKeyLastUsed {
                last_used_date: time(last.at_ms),
                service_name: Some(last.service.clone()),
                region: Some(last.region.clone()),
            },
            None => {
                wire::AccessKeyLastUsed { last_used_date: None, service_name: unknown(), region: unknown() }
            }
        }
    }

    /// AWS leaves out the colon after `perform` here, and the reason (reference iam.md 5.13).
    fn key_refusal(&self, access_key_id: &str) -> ServiceError {
        let caller = self.call.caller.arn();
        let message = format!(
            "User: {caller} is not authorized to perform {} on resource: access key {access_key_id}",
            self.action()
        );
        ServiceError::new(403, "AccessDenied", message)
    }

    /// Checks the permission on the user that is named, or on the caller, and finds the user.
    fn key_owner(&self, user_name: Option<&str>) -> Result<(Authorized, KeyOwner), ServiceError> {
        match self.subject(user_name)? {
            Subject::User(entity) => {
                let proof = self.allow(entity.check(self.action()))?;
                Ok((proof, KeyOwner { user: Some(entity.existing()?) }))
            }
            Subject::Root => {
                let proof = self.allow(self.check(&self.root_arn()))?;
                Ok((proof, KeyOwner { user: None }))
            }
        }
    }
}

fn ensure_owned(state: &State, id: &String, is_owned: &dyn Fn(&AccessKey) -> bool) -> Result<(), IamError> {
    match state.access_keys.get(id) {
        Some(key) if is_owned(key) => Ok(()),
        _ => Err(IamError::NoAccessKey(id.clone())),
    }
}

fn status(active: bool) -> String {
    if active { "Active".to_owned() } else { "Inactive".to_owned() }
}
