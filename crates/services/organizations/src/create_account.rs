//! CreateAccount. On AWS an account takes minutes to be made, and the caller asks again until it is; here it is there at
//! once, but the answers are the same ones, so that what waits for AWS finds what it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn, UniqueIdKind};
use rolecall_authority::Entropy;
use rolecall_store::State;
use rolecall_store::records::iam::{Policies, Role};
use rolecall_store::records::organizations::{Account, CreateAccountRequest, Node};
use rolecall_wire::organizations as wire;
use rolecall_wire::{Sensitive, ServiceError, Timestamp};

use crate::attachment::default_attachments;
use crate::error::OrganizationsError;
use crate::organization::ID_ALPHABET;
use crate::request::{Managed, Request, pairs};
use crate::tag::{ensure_legal, given};

/// The role that a new account gets where the request does not name one.
const DEFAULT_ROLE_NAME: &str = "OrganizationAccountAccessRole";

/// What that role may do.
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

impl Request<'_> {
    /// CreateAccount: only the management account makes accounts.
    pub(crate) async fn create_account(
        &self,
        input: wire::CreateAccountRequest,
    ) -> Result<wire::CreateAccountResponse, ServiceError> {
        let tags = given(input.tags);
        let proof = self.allow(self.check_all().request_tags(pairs(&tags)))?;
        let managed = self.managed()?;
        self.allow_new_tags(&managed, "account", &tags)?;
        ensure_legal(&tags)?;
        let now_ms = self.platform.now_ms();
        let entropy = self.platform.entropy();
        let id = format!("car-{}", entropy.text(ID_ALPHABET, 32));
        let request = CreateAccountRequest {
            management: managed.management,
            name: input.account_name.into_inner(),
            requested_ms: now_ms,
            completed_ms: now_ms,
            outcome: Err("INTERNAL_FAILURE".to_owned()),
            tags,
        };
        let shown = wire::CreateAccountStatus {
            id: Some(id.clone()),
            account_name: Some(Sensitive::new(request.name.clone())),
            state: Some("IN_PROGRESS".to_owned()),
            requested_timestamp: Some(Timestamp(now_ms)),
            ..wire::CreateAccountStatus::default()
        };
        let role_name = input.role_name.unwrap_or_else(|| DEFAULT_ROLE_NAME.to_owned());
        let role =
            access_role(&managed, role_name, entropy.unique_id(UniqueIdKind::Role).to_string(), now_ms);
        let wanted: Vec<AccountId> = (0..16).map(|_| random_account(entropy)).collect();
        let email = input.email.into_inner();
        self.write(proof, move |state| {
            let outcome = make(state, &id, &request, email, &wanted, role);
            if let Ok(account) = &outcome {
                let attached = default_attachments(state, &managed);
                let node = Node { attached, tags: request.tags.clone(), ..Node::default() };
                state.organization_nodes.put((managed.management, account.to_string()), node);
            }
            state.create_account_requests.put(id, CreateAccountRequest { outcome, ..request });
            Ok(())
        })
        .await?;
        Ok(wire::CreateAccountResponse { create_account_status: Some(shown) })
    }

    /// DescribeCreateAccountStatus.
    pub(crate) fn describe_create_account_status(
        &self,
        input: &wire::DescribeCreateAccountStatusRequest,
    ) -> Result<wire::DescribeCreateAccountStatusResponse, ServiceError> {
        self.allow(self.check_all())?;
        let managed = self.managed()?;
        let id = &input.create_account_request_id;
        let request = self.state.create_account_requests.get(id);
        let request = request.filter(|request| request.management == managed.management);
        let request = request.ok_or(OrganizationsError::NoCreateAccountRequest)?;
        let (state, account_id, failure_reason) = match &request.outcome {
            Ok(account) => ("SUCCEEDED", Some(account.to_string()), None),
            Err(reason) => ("FAILED", None, Some(reason.clone())),
        };
        let shown = wire::CreateAccountStatus {
            id: Some(id.clone()),
            account_name: Some(Sensitive::new(request.name.clone())),
            state: Some(state.to_owned()),
            requested_timestamp: Some(Timestamp(request.requested_ms)),
            completed_timestamp: Some(Timestamp(request.completed_ms)),
            account_id,
            gov_cloud_account_id: None,
            failure_reason,
        };
        Ok(wire::DescribeCreateAccountStatusResponse { create_account_status: Some(shown) })
    }
}

/// Makes the account and its role, or says with AWS's word why not.
fn make(
    state: &mut State,
    request_id: &str,
    request: &CreateAccountRequest,
    email: String,
    wanted: &[AccountId],
    role: Role,
) -> Result<AccountId, String> {
    if state.accounts.iter().any(|(_, account)| account.email.eq_ignore_ascii_case(&email)) {
        return Err("EMAIL_ALREADY_EXISTS".to_owned());
    }
    let free = wanted.iter().find(|id| !state.accounts.contains(id));
    let id = *free.ok_or_else(|| "INTERNAL_FAILURE".to_owned())?;
    let account = Account {
        id,
        name: request.name.clone(),
        email,
        created_ms: request.requested_ms,
        organization: Some(request.management),
        joined_ms: Some(request.completed_ms),
        create_request: Some(request_id.to_owned()),
        alias: None,
    };
    state.accounts.put(id, account);
    state.roles.put((id, role.name.to_lowercase()), Role { account: id, ..role });
    Ok(id)
}

/// The role by which the management account's administrators get into the new account. Its account is set when the
/// account's id is known.
fn access_role(managed: &Managed, name: String, id: String, created_ms: i64) -> Role {
    let principal = Arn::iam(managed.management, "root");
    let trust_policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    Role {
        account: managed.management,
        name,
        path: "/".to_owned(),
        id,
        created_ms,
        description: None,
        trust_policy: Arc::from(trust_policy),
        bound_principals: BTreeMap::new(),
        max_session_duration_s: 3600,
        policies: Policies { inline: BTreeMap::new(), attached: vec![ADMINISTRATOR_ACCESS.to_owned()] },
        boundary: None,
        tags: Vec::new(),
        last_used: None,
    }
}

fn random_account(entropy: &dyn Entropy) -> AccountId {
    let mut random = [0; 8];
    entropy.fill(&mut random);
    AccountId::from_number(u64::from_le_bytes(random))
}
