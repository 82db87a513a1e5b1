//! The statement that AddPermission makes of its parameters (reference lambda.md 2.2): the order of the members is
//! part of what callers see.

use rolecall_arn::Arn;
use rolecall_wire::lambda::AddPermissionRequest;
use serde_json::{Map, Value};

use crate::error::LambdaError;
use crate::permission::principal::StatementPrincipal;

const INVOKE: &str = "lambda:InvokeFunction";
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";

/// Refuses parameters that do not go together.
///
/// # Errors
/// [`LambdaError::InvalidParameter`]; AWS's words are known for the first rule only.
pub(crate) fn check(input: &AddPermissionRequest) -> Result<(), LambdaError> {
    let refuse = |text: &str| Err(LambdaError::InvalidParameter(text.to_owned()));
    if input.function_url_auth_type.is_some() && input.action != INVOKE_URL {
        return refuse("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action");
    }
    if input.invoked_via_function_url == Some(true) && input.action != INVOKE {
        return refuse("InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action");
    }
    if input.event_source_token.is_some() && (input.source_arn.is_some() || input.source_account.is_some()) {
        return refuse("EventSourceToken cannot be combined with SourceArn or SourceAccount");
    }
    Ok(())
}

/// The statement for the target.
pub(crate) fn build(input: &AddPermissionRequest, principal: &StatementPrincipal, target: &Arn) -> Value {
    let mut statement = grant(&input.statement_id, principal.to_value(), &input.action, target);
    let condition = condition(input);
    if !condition.is_empty() {
        statement.insert("Condition".to_owned(), Value::Object(condition));
    }
    Value::Object(statement)
}

/// `Sid`, `Effect`, `Principal`, `Action`, `Resource`: what every statement of this kind begins with.
pub(crate) fn grant(sid: &str, principal: Value, action: &str, target: &Arn) -> Map<String, Value> {
    let text = |text: &str| Value::String(text.to_owned());
    let members = [
        ("Sid", text(sid)),
        ("Effect", text("Allow")),
        ("Principal", principal),
        ("Action", text(action)),
        ("Resource", text(target.as_str())),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn condition(input: &AddPermissionRequest) -> Map<String, Value> {
    let via_url = (input.invoked_via_function_url == Some(true)).then(|| "true".to_owned());
    let equals = [
        ("AWS:SourceAccount", &input.source_account),
        ("lambda:FunctionUrlAuthType", &input.function_url_auth_type),
        ("aws:PrincipalOrgID", &input.principal_org_id),
        ("lambda:EventSourceToken", &input.event_source_token),
    ];
    let operators = [
        ("StringEquals", present(&equals)),
        ("ArnLike", present(&[("AWS:SourceArn", &input.source_arn)])),
        ("Bool", present(&[("lambda:InvokedViaFunctionUrl", &via_url)])),
    ];
    let used = operators.into_iter().filter(|(_, keys)| !keys.is_empty());
    used.map(|(operator, keys)| (operator.to_owned(), Value::Object(keys))).collect()
}

fn present(keys: &[(&str, &Option<String>)]) -> Map<String, Value> {
    let given = keys.iter().filter_map(|(key, value)| value.as_ref().map(|value| (key, value)));
    given.map(|(key, value)| ((*key).to_owned(), Value::String(value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AddPermissionRequest {
        AddPermissionRequest {
            function_name: "f".to_owned(),
            statement_id: "u".to_owned(),
            action: INVOKE_URL.to_owned(),
            principal: "*".to_owned(),
            ..AddPermissionRequest::default()
        }
    }

    fn text(input: &AddPermissionRequest) -> String {
        let target: Arn = "arn:aws:lambda:us-east-1:111122223333:function:f".parse().unwrap();
        build(input, &StatementPrincipal::parse(&input.principal).unwrap(), &target).to_string()
    }

    #[test]
    fn the_recorded_statement_comes_out_byte_for_byte() {
        let input = AddPermissionRequest {
            source_account: Some("111122223333".to_owned()),
            function_url_auth_type: Some("NONE".to_owned()),
            principal_org_id: Some("o-1234567890".to_owned()),
            source_arn: Some("arn:aws:s3:::b".to_owned()),
            ..request()
        };
        assert_eq!(
            text(&input),
            r#"{"Sid":"u","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"arn:aws:lambda:us-east-1:111122223333:function:f","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333","lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-1234567890"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}"#
        );
    }

    #[test]
    fn a_statement_without_conditions_has_no_condition_member() {
        assert!(
            text(&request()).ends_with(r#""Resource":"arn:aws:lambda:us-east-1:111122223333:function:f"}"#)
        );
    }

    #[test]
    fn parameters_that_do_not_go_together_are_refused() {
        let wrong_action = AddPermissionRequest {
            action: INVOKE.to_owned(),
            function_url_auth_type: Some("NONE".to_owned()),
            ..request()
        };
        assert_eq!(
            check(&wrong_action).unwrap_err().to_string(),
            "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
        );
        let via_url = AddPermissionRequest { invoked_via_function_url: Some(true), ..request() };
        assert!(check(&via_url).is_err());
        let token = AddPermissionRequest {
            event_source_token: Some("t".to_owned()),
            source_account: Some("111122223333".to_owned()),
            ..request()
        };
        assert!(check(&token).is_err());
        assert_eq!(check(&request()), Ok(()));
    }
}
