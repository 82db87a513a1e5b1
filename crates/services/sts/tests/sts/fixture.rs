//! A house with the service, and requests in one line.

use rolecall_authority::{Caller, SessionHolder};
use rolecall_service::Service;
use rolecall_sts::Sts;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::sts::{
    AssumeRoleRequest, AssumeRoleResponse, GetSessionTokenResponse, Input, Output, Tag,
};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};

pub struct Town {
    pub house: House,
    pub sts: Sts,
}

impl Town {
    pub async fn new() -> Self {
        let house = House::new().await;
        let sts = Sts::new(house.platform.clone());
        Town { house, sts }
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.sts.handle(&self.house.call(caller), AnyInput::Sts(input)).await? {
            AnyOutput::Sts(output) => Ok(output),
            other => panic!("not an answer of STS: {other:?}"),
        }
    }

    pub async fn assume(
        &self,
        caller: &Caller,
        input: AssumeRoleRequest,
    ) -> Result<AssumeRoleResponse, ServiceError> {
        match self.call(caller, Input::AssumeRole(input)).await? {
            Output::AssumeRole(answer) => Ok(answer),
            other => panic!("{other:?}"),
        }
    }

    /// The caller that has the credentials of an answer.
    pub async fn assumed(&self, caller: &Caller, input: AssumeRoleRequest) -> Caller {
        let answer = self.assume(caller, input).await.unwrap();
        let token = answer.credentials.unwrap().session_token.unwrap();
        self.house.platform.authority.session_caller(&token).unwrap()
    }

    pub async fn session_token(
        &self,
        caller: &Caller,
        duration_seconds: Option<i32>,
    ) -> Result<GetSessionTokenResponse, ServiceError> {
        let input = rolecall_wire::sts::GetSessionTokenRequest { duration_seconds, ..Default::default() };
        match self.call(caller, Input::GetSessionToken(input)).await? {
            Output::GetSessionToken(answer) => Ok(answer),
            other => panic!("{other:?}"),
        }
    }
}

pub fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub fn request(role: &str) -> AssumeRoleRequest {
    AssumeRoleRequest { role_arn: role_arn(role), role_session_name: "session".into(), ..Default::default() }
}

pub fn tags(pairs: &[(&str, &str)]) -> Option<Vec<Tag>> {
    Some(pairs.iter().map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() }).collect())
}

/// A policy with one statement per `(effect, action, resource)`.
pub fn policy(statements: &[(&str, &str, &str)]) -> String {
    let statements: Vec<String> = statements
        .iter()
        .map(|(effect, action, resource)| {
            format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A trust policy for the principal (JSON) with a condition (JSON).
pub fn trust(principal: &str, actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":{actions},"Condition":{condition}}}]}}"#
    )
}

/// A trust policy for the whole account, with every action there is for trust.
pub fn trust_account(account: &str) -> String {
    trust(
        &format!(r#"{{"AWS":"{account}"}}"#),
        r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#,
        "{}",
    )
}

pub fn holder(caller: &Caller) -> &SessionHolder {
    &caller.session.as_ref().unwrap().holder
}

pub fn parts(error: ServiceError) -> (u16, String, String) {
    (error.status, error.code.into_owned(), error.message.unwrap_or_default())
}
