//! A house with the Organizations service, and its operations in few words.

use rolecall_authority::Caller;
use rolecall_organizations::Organizations;
use rolecall_service::Service;
use rolecall_testkit::House;
use rolecall_wire::organizations::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, Sensitive, ServiceError};

pub(crate) const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
pub(crate) const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
pub(crate) const SCP: &str = "SERVICE_CONTROL_POLICY";
pub(crate) const RCP: &str = "RESOURCE_CONTROL_POLICY";

/// Takes the answer of an operation out of what the service answers.
macro_rules! answer {
    ($town:expr, $operation:ident, $input:expr) => {
        match $town.root(rolecall_wire::organizations::Input::$operation($input)).await {
            Ok(rolecall_wire::organizations::Output::$operation(answer)) => answer,
            other => panic!("{other:?}"),
        }
    };
}
pub(crate) use answer;

pub(crate) struct Town {
    pub(crate) house: House,
    pub(crate) organizations: Organizations,
}

impl Town {
    pub(crate) async fn new() -> Self {
        let house = House::new().await;
        let organizations = Organizations::new(house.platform.clone());
        Town { house, organizations }
    }

    pub(crate) async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.organizations.handle(&self.house.call(caller), AnyInput::Organizations(input)).await? {
            AnyOutput::Organizations(output) => Ok(output),
            other => panic!("not an answer of Organizations: {other:?}"),
        }
    }

    pub(crate) async fn root(&self, input: Input) -> Result<Output, ServiceError> {
        self.call(&self.house.root(), input).await
    }

    pub(crate) async fn found(&self) -> wire::Organization {
        match self.root(Input::CreateOrganization(wire::CreateOrganizationRequest::default())).await {
            Ok(Output::CreateOrganization(answer)) => answer.organization.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Makes an account; the id of the request.
    pub(crate) async fn create(&self, email: &str) -> String {
        match self.root(create(email)).await {
            Ok(Output::CreateAccount(answer)) => {
                let status = answer.create_account_status.unwrap();
                assert_eq!((status.state.as_deref(), status.account_id), (Some("IN_PROGRESS"), None));
                status.id.unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn status(&self, id: &str) -> wire::CreateAccountStatus {
        match self.root(status(id)).await {
            Ok(Output::DescribeCreateAccountStatus(answer)) => answer.create_account_status.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn create(email: &str) -> Input {
    Input::CreateAccount(wire::CreateAccountRequest {
        email: Sensitive::new(email.to_owned()),
        account_name: Sensitive::new("new".to_owned()),
        ..Default::default()
    })
}

pub(crate) fn status(id: &str) -> Input {
    let create_account_request_id = id.to_owned();
    Input::DescribeCreateAccountStatus(wire::DescribeCreateAccountStatusRequest { create_account_request_id })
}

pub(crate) fn describe(account: &str) -> Input {
    Input::DescribeAccount(wire::DescribeAccountRequest { account_id: account.to_owned() })
}

pub(crate) fn parts(error: ServiceError) -> (u16, String, String) {
    (error.status, error.code.into_owned(), error.message.unwrap_or_default())
}

pub(crate) fn refused(code: &str, message: &str) -> (u16, String, String) {
    (400, code.to_owned(), message.to_owned())
}

pub(crate) fn create_unit(parent: &str, name: &str) -> Input {
    Input::CreateOrganizationalUnit(wire::CreateOrganizationalUnitRequest {
        parent_id: parent.into(),
        name: name.into(),
        tags: None,
    })
}

pub(crate) fn create_policy(policy_type: &str, name: &str, content: &str) -> Input {
    Input::CreatePolicy(wire::CreatePolicyRequest {
        content: content.into(),
        description: "for a test".into(),
        name: name.into(),
        r#type: policy_type.into(),
        tags: None,
    })
}

pub(crate) fn attach(policy: &str, target: &str) -> Input {
    let (policy_id, target_id) = (policy.into(), target.into());
    Input::AttachPolicy(wire::AttachPolicyRequest { policy_id, target_id })
}

pub(crate) fn detach(policy: &str, target: &str) -> Input {
    let (policy_id, target_id) = (policy.into(), target.into());
    Input::DetachPolicy(wire::DetachPolicyRequest { policy_id, target_id })
}

pub(crate) fn move_account(account: &str, source: &str, destination: &str) -> Input {
    Input::MoveAccount(wire::MoveAccountRequest {
        account_id: account.into(),
        source_parent_id: source.into(),
        destination_parent_id: destination.into(),
    })
}

pub(crate) fn tag(key: &str, value: &str) -> wire::Tag {
    wire::Tag { key: key.into(), value: value.into() }
}

impl Town {
    /// A town with an organization: its id and its root's.
    pub(crate) async fn organized() -> (Self, String, String) {
        let town = Town::new().await;
        let organization = town.found().await.id.unwrap();
        let root = town.list_roots().await.id.unwrap();
        (town, organization, root)
    }

    pub(crate) async fn list_roots(&self) -> wire::Root {
        answer!(self, ListRoots, wire::ListRootsRequest::default()).roots.unwrap().pop().unwrap()
    }

    /// Makes an account; its id.
    pub(crate) async fn account(&self, email: &str) -> String {
        self.status(&self.create(email).await).await.account_id.unwrap()
    }

    /// Makes a unit; its id.
    pub(crate) async fn unit(&self, parent: &str, name: &str) -> String {
        let Input::CreateOrganizationalUnit(input) = create_unit(parent, name) else { unreachable!() };
        answer!(self, CreateOrganizationalUnit, input).organizational_unit.unwrap().id.unwrap()
    }

    /// Makes a policy; its id.
    pub(crate) async fn policy(&self, policy_type: &str, name: &str, content: &str) -> String {
        let Input::CreatePolicy(input) = create_policy(policy_type, name, content) else { unreachable!() };
        answer!(self, CreatePolicy, input).policy.unwrap().policy_summary.unwrap().id.unwrap()
    }

    pub(crate) async fn enable(&self, root: &str, policy_type: &str) -> wire::Root {
        let input = wire::EnablePolicyTypeRequest { root_id: root.into(), policy_type: policy_type.into() };
        answer!(self, EnablePolicyType, input).root.unwrap()
    }

    /// The ids of the policies of a type that are attached to a target.
    pub(crate) async fn attached(&self, target: &str, policy_type: &str) -> Vec<String> {
        let input = wire::ListPoliciesForTargetRequest {
            target_id: target.into(),
            filter: policy_type.into(),
            ..Default::default()
        };
        let policies = answer!(self, ListPoliciesForTarget, input).policies.unwrap();
        policies.into_iter().filter_map(|policy| policy.id).collect()
    }

    /// Code and message of a refusal.
    pub(crate) async fn refusal(&self, input: Input) -> (String, String) {
        let (_, code, message) = parts(self.root(input).await.unwrap_err());
        (code, message)
    }
}
