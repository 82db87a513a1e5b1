//! An account with something of everything in it.

use rolecall_authority::Caller;
use rolecall_iam::Iam;
use rolecall_service::Service;
use rolecall_store::Secret;
use rolecall_store::records::iam::AccessKey;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::iam::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};

pub const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
pub const ALLOW_S3: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
pub const TRUST_LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub const AWS_POLICY: &str = "arn:aws:iam::aws:policy/AWSLambda_FullAccess";
pub const TARGET_KEY: &str = "AKIATARGETTARGETTARG";

/// The service in a house.
pub struct Town {
    pub house: House,
    pub iam: Iam,
}

impl Town {
    pub async fn empty() -> Self {
        let house = House::new().await;
        let iam = Iam::new(house.platform.clone());
        Town { house, iam }
    }

    /// User `target` in group `team` and role `job`, each with an inline policy `inline`, the policy `/p/used` attached
    /// and (users and roles) a tag; `bare`, `empty` and `idle` without anything; the unused policy `free`.
    pub async fn full() -> Self {
        let town = Town::empty().await;
        for name in ["target", "bare"] {
            town.create_user(name).await;
            town.root(Input::TagUser(wire::TagUserRequest {
                user_name: name.into(),
                tags: vec![tag("k", "v")],
            }))
            .await;
        }
        for group in ["team", "empty"] {
            let input = wire::CreateGroupRequest { path: None, group_name: group.into() };
            town.root(Input::CreateGroup(input)).await;
        }
        for role in ["job", "idle"] {
            town.create_role(role, TRUST_LAMBDA).await.unwrap();
            town.root(Input::TagRole(wire::TagRoleRequest {
                role_name: role.into(),
                tags: vec![tag("k", "v")],
            }))
            .await;
        }
        for (path, name) in [("/p/", "used"), ("/", "free")] {
            town.create_policy(path, name, ALLOW_S3).await.unwrap();
        }
        let version = wire::CreatePolicyVersionRequest {
            policy_arn: policy("p/used"),
            policy_document: ALLOW_S3.into(),
            set_as_default: None,
        };
        town.root(Input::CreatePolicyVersion(version)).await;
        town.give_policies().await;
        let membership =
            wire::AddUserToGroupRequest { group_name: "team".into(), user_name: "target".into() };
        town.root(Input::AddUserToGroup(membership)).await;
        town.add_key(TARGET_KEY, Some("target")).await;
        town
    }

    async fn give_policies(&self) {
        let (arn, name, document) = (policy("p/used"), "inline".to_owned(), ALLOW_S3.to_owned());
        let (user_name, group_name, role_name) = ("target".to_owned(), "team".to_owned(), "job".to_owned());
        for input in [
            Input::AttachUserPolicy(wire::AttachUserPolicyRequest {
                user_name: user_name.clone(),
                policy_arn: arn.clone(),
            }),
            Input::AttachGroupPolicy(wire::AttachGroupPolicyRequest {
                group_name: group_name.clone(),
                policy_arn: arn.clone(),
            }),
            Input::AttachRolePolicy(wire::AttachRolePolicyRequest {
                role_name: role_name.clone(),
                policy_arn: arn,
            }),
            Input::PutUserPolicy(wire::PutUserPolicyRequest {
                user_name,
                policy_name: name.clone(),
                policy_document: document.clone(),
            }),
            Input::PutGroupPolicy(wire::PutGroupPolicyRequest {
                group_name,
                policy_name: name.clone(),
                policy_document: document.clone(),
            }),
            Input::PutRolePolicy(wire::PutRolePolicyRequest {
                role_name,
                policy_name: name,
                policy_document: document,
            }),
        ] {
            self.root(input).await;
        }
    }

    pub async fn add_key(&self, id: &'static str, user: Option<&'static str>) {
        let key = AccessKey {
            id: id.into(),
            secret: Secret::new("secret"),
            account: ACCOUNT.parse().unwrap(),
            user: user.map(str::to_owned),
            active: true,
            created_ms: 0,
        };
        self.house.write(move |state| state.access_keys.put(id.into(), key)).await;
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.iam.handle(&self.house.call(caller), AnyInput::Iam(input)).await? {
            AnyOutput::Iam(output) => Ok(output),
            other => panic!("not an answer of IAM: {other:?}"),
        }
    }

    /// A call by the root user, who may do everything; it must succeed.
    pub async fn root(&self, input: Input) -> Output {
        self.try_root(input).await.unwrap()
    }

    pub async fn try_root(&self, input: Input) -> Result<Output, ServiceError> {
        self.call(&self.house.root(), input).await
    }

    /// What the root user is refused with: code and message.
    pub async fn refusal(&self, input: Input) -> (String, String) {
        parts(self.try_root(input).await.unwrap_err())
    }

    pub async fn create_user(&self, name: &str) {
        let input = wire::CreateUserRequest { user_name: name.into(), ..Default::default() };
        self.root(Input::CreateUser(input)).await;
    }

    pub async fn create_role(&self, name: &str, trust: &str) -> Result<Output, ServiceError> {
        let input = wire::CreateRoleRequest {
            role_name: name.into(),
            assume_role_policy_document: trust.into(),
            ..Default::default()
        };
        self.try_root(Input::CreateRole(input)).await
    }

    pub async fn create_policy(
        &self,
        path: &str,
        name: &str,
        document: &str,
    ) -> Result<Output, ServiceError> {
        let input = wire::CreatePolicyRequest {
            policy_name: name.into(),
            path: Some(path.into()),
            policy_document: document.into(),
            ..Default::default()
        };
        self.try_root(Input::CreatePolicy(input)).await
    }
}

pub fn parts(error: ServiceError) -> (String, String) {
    (error.code.into_owned(), error.message.unwrap_or_default())
}

/// `arn:aws:iam::ACCOUNT:policy/...`
pub fn policy(path_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{path_and_name}")
}

pub fn tag(key: &str, value: &str) -> wire::Tag {
    wire::Tag { key: key.into(), value: value.into() }
}
