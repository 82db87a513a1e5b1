//! One call on its way through IAM: who calls, the snapshot it is looked up in, and the only way to the records.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Authorized, Call, Check, Holder};
use rolecall_service::{Platform, denied, store_failed};
use rolecall_store::{State, Table};
use rolecall_wire::{ServiceError, ServiceId, Timestamp};

use crate::entity::{Entity, EntityKind};
use crate::error::IamError;

/// A call of an IAM operation.
pub(crate) struct Request<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) call: &'a Call,
    /// The account whose entities the call is about: always the caller's own.
    pub(crate) account: AccountId,
    /// The records as of the beginning of the call.
    pub(crate) state: Arc<State>,
    action: String,
}

/// Whom an operation is about that may be called without a user name.
pub(crate) enum Subject {
    /// A user.
    User(Entity),
    /// The account's root user.
    Root,
}

impl<'a> Request<'a> {
    /// A call of the operation. Each operation's action has the operation's name, so that an operation cannot ask for
    /// another's permission.
    pub(crate) fn new(platform: &'a Platform, call: &'a Call, operation: &str) -> Result<Self, IamError> {
        let account = call.caller.account().ok_or(IamError::NoAccount)?;
        let action = format!("iam:{operation}");
        Ok(Request { platform, call, account, state: platform.store.read(), action })
    }

    /// The action that the operation needs.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// The user, group or role of the caller's account that the request names.
    pub(crate) fn entity(&self, kind: EntityKind, name: &str) -> Entity {
        Entity::find(kind, self.account, name, &self.state)
    }

    /// The user that the request names, or the caller where it names none.
    pub(crate) fn subject(&self, user_name: Option<&str>) -> Result<Subject, IamError> {
        match (user_name, &self.call.caller.holder) {
            (Some(name), _) => Ok(Subject::User(self.entity(EntityKind::User, name))),
            (None, Holder::User(_, name)) => Ok(Subject::User(self.entity(EntityKind::User, name))),
            (None, Holder::Root(_)) => Ok(Subject::Root),
            (None, Holder::Role(..) | Holder::Anonymous | Holder::Service) => Err(IamError::NoUserName),
        }
    }

    /// The ARN of the account's root user.
    pub(crate) fn root_arn(&self) -> Arn {
        Arn::iam(self.account, "root")
    }

    /// The operation's action on a resource of the caller's account.
    pub(crate) fn check(&self, resource: &Arn) -> Check<'_> {
        Check::on(&self.action, resource, self.account)
    }

    /// The operation's action, where it has no resource.
    pub(crate) fn check_all(&self) -> Check<'_> {
        Check::on_all(&self.action)
    }

    /// Lets the authority decide.
    pub(crate) fn allow(&self, check: Check<'_>) -> Result<Authorized, ServiceError> {
        let authority = &self.platform.authority;
        authority.authorize(self.call, check).map_err(|refusal| denied(ServiceId::Iam, &refusal))
    }

    /// Changes records; the proof says that the call may.
    pub(crate) async fn write<T, F>(&self, _proof: Authorized, change: F) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: FnOnce(&mut State) -> Result<T, IamError> + Send + 'static,
    {
        let written = self.platform.store.write(move |state| change(state).map_err(ServiceError::from));
        written.await.map_err(|failure| store_failed(ServiceId::Iam, failure))
    }
}

/// The records of an account in a table with named records.
pub(crate) fn of_account<V>(
    table: &Table<(AccountId, String), V>,
    account: AccountId,
) -> impl Iterator<Item = &Arc<V>> {
    let records = table.range((account, String::new())..);
    records.take_while(move |((owner, _), _)| *owner == account).map(|(_, record)| record)
}

/// A record's time as answers show it.
pub(crate) fn time(epoch_ms: i64) -> Option<Timestamp> {
    Some(Timestamp(epoch_ms))
}
