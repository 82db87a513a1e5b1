//! GetFederationToken: temporary credentials for somebody whom a user or root user lets in under a name of its own
//! (reference iam.md 5.7). They can do what the user may and the session policies allow too.

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check, SessionHolder};
use rolecall_service::denied;
use rolecall_store::records::Tag;
use rolecall_wire::sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use rolecall_wire::{ServiceError, ServiceId};

use crate::Sts;
use crate::credentials::issue;
use crate::error::StsError;
use crate::session_policies::SessionPolicies;
use crate::session_tags::SessionTags;
use crate::session_token::duration_of;

const OPERATION: &str = "GetFederationToken";

impl Sts {
    pub(crate) fn get_federation_token(
        &self,
        call: &Call,
        input: GetFederationTokenRequest,
    ) -> Result<GetFederationTokenResponse, ServiceError> {
        if call.caller.session.is_some() {
            return Err(StsError::SessionCaller(OPERATION).into());
        }
        let account = call.caller.account().ok_or(StsError::NoAccount)?;
        let arn = Arn::new("sts", "", Some(account), &format!("federated-user/{}", input.name));
        let tags = SessionTags::take(input.tags.unwrap_or_default(), Vec::new(), &call.caller)?;
        let (tags, _) = tags.into_parts();
        self.allow_federation(call, &arn, &tags)?;
        let policies = SessionPolicies::take(input.policy, input.policy_arns)?;
        policies.ensure_exist(account, &self.platform.store.read())?;
        let packed_policy_size = policies.packed_percent(&tags)?;
        let maker = self.long_term_holder(call)?;
        let duration_s = duration_of(&maker, input.duration_seconds);
        let holder = SessionHolder::Federated {
            maker: Box::new(maker),
            name: input.name.clone(),
            policies: policies.inline,
            policy_arns: policies.arns,
            tags,
        };
        Ok(GetFederationTokenResponse {
            credentials: Some(issue(&self.platform, holder, duration_s)?),
            federated_user: Some(FederatedUser {
                federated_user_id: Some(format!("{account}:{}", input.name)),
                arn: Some(arn.to_string()),
            }),
            packed_policy_size,
            ..GetFederationTokenResponse::default()
        })
    }

    /// The right to let the federated user in, and with tags the right to tag the session.
    fn allow_federation(&self, call: &Call, arn: &Arn, tags: &[Tag]) -> Result<Authorized, ServiceError> {
        let account = call.caller.account().ok_or(StsError::NoAccount)?;
        let pairs = || tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let allow = |action: &str| {
            let check = Check::on(action, arn, account).request_tags(pairs());
            self.platform.authority.authorize(call, check).map_err(|refused| denied(ServiceId::Sts, &refused))
        };
        let proof = allow("sts:GetFederationToken")?;
        if !tags.is_empty() {
            allow("sts:TagSession")?;
        }
        Ok(proof)
    }
}
