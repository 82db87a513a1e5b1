//! The checks of this service: an action on a topic, with its policy and tags, and on a subscription.

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check, ResourcePolicyRef};
use rolecall_service::denied;
use rolecall_store::State;
use rolecall_wire::{ServiceError, ServiceId};

use crate::Sns;
use crate::error::SnsError;
use crate::name::{TopicName, no_account};

impl Sns {
    /// Checks an action on a topic. What its policy can allow to other accounts is said where policies are read; so
    /// nothing more has to be asked here.
    pub(crate) fn authorize_topic(
        &self,
        call: &Call,
        action: &str,
        topic: &TopicName,
        state: &State,
        keys: impl FnOnce(Check<'_>) -> Check<'_>,
    ) -> Result<Authorized, ServiceError> {
        let name = format!("topic policy of {}", topic.name);
        let mut check = Check::on(action, &topic.arn(), topic.account);
        if let Some(record) = state.topics.get(&topic.key()) {
            let (document, bound) = (&record.policy, &record.bound_principals);
            check = check.resource_tags(&record.tags);
            check = check.resource_policy(ResourcePolicyRef::Policy { name: &name, document, bound });
        }
        self.authorize(call, keys(check))
    }

    /// Whether the caller could do the action on the topic of the ARN: what its policy says counts, and it must be in the
    /// region that is called. No FIFO topic is here, so that an ARN of one is only decided and then not found.
    pub(crate) fn consider_topic(
        &self,
        call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        let state = self.platform.store.read();
        let near = TopicName::parse(resource.as_str()).filter(|topic| topic.region == call.region);
        let Some(topic) = near else {
            let owner = resource.account_id().or(call.caller.account()).ok_or_else(|| no_account(call))?;
            self.authorize(call, Check::on(action, resource, owner))?;
            return Err(SnsError::NoTopic.into());
        };
        self.authorize_topic(call, action, &topic, &state, |check| check)?;
        if state.topics.contains(&topic.key()) { Ok(()) } else { Err(SnsError::NoTopic.into()) }
    }

    /// Checks an action on a subscription, which is asked about its topic. Only the account that subscribed may do it.
    pub(crate) fn authorize_subscriber(
        &self,
        call: &Call,
        action: &str,
        topic: &TopicName,
        id: &str,
        state: &State,
    ) -> Result<Authorized, ServiceError> {
        let record = state.subscriptions.get(&(topic.key(), id.to_owned()));
        let subscriber = record.map_or(topic.account, |record| record.owner);
        if subscriber != topic.account && call.caller.account() == Some(subscriber) {
            // What one has made at another account's topic is one's own: one's own policies decide alone.
            return self.authorize(call, Check::on(action, &topic.arn(), subscriber));
        }
        let proof = self.authorize_topic(call, action, topic, state, |check| check)?;
        if call.caller.account() == Some(subscriber) {
            return Ok(proof);
        }
        // Seen with the owner of a topic that another account had subscribed to.
        Err(SnsError::NotOwner("Not authorized to access this subscription".to_owned()).into())
    }

    /// Asks the authority, and gives a denial this service's form.
    pub(crate) fn authorize(&self, call: &Call, check: Check<'_>) -> Result<Authorized, ServiceError> {
        self.platform.authority.authorize(call, check).map_err(|refused| denied(ServiceId::Sns, &refused))
    }
}
