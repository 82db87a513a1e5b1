//! The `Principal` of AddPermission: which texts are one, and what becomes of them in the statement
//! (reference lambda.md 2.2).

use rolecall_arn::{AccountId, Arn};
use serde_json::{Value, json};

use crate::error::LambdaError;

/// A principal as the statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatementPrincipal {
    /// Everybody.
    Anyone,
    /// An account, user, role or session, by ARN.
    Aws(String),
    /// An AWS service, by name.
    Service(String),
}

impl StatementPrincipal {
    /// Reads the parameter. Whether a user or role exists is not looked up here: that is for after the authorisation.
    ///
    /// # Errors
    /// [`invalid`] for what can be no principal.
    pub(crate) fn parse(text: &str) -> Result<Self, LambdaError> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        if let Ok(account) = text.parse::<AccountId>() {
            return Ok(Self::Aws(Arn::iam(account, "root").to_string()));
        }
        if let Ok(arn) = text.parse::<Arn>() {
            return if is_principal_arn(&arn) { Ok(Self::Aws(text.to_owned())) } else { Err(invalid()) };
        }
        if is_service_name(text) { Ok(Self::Service(text.to_owned())) } else { Err(invalid()) }
    }

    /// The value of the statement's `Principal`.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Anyone => json!("*"),
            Self::Aws(arn) => json!({ "AWS": arn }),
            Self::Service(name) => json!({ "Service": name }),
        }
    }
}

/// AWS's one refusal of a principal.
pub(crate) fn invalid() -> LambdaError {
    let text = "The provided principal was invalid. Please check the principal and try again.";
    LambdaError::InvalidParameter(text.to_owned())
}

fn is_principal_arn(arn: &Arn) -> bool {
    let resource = arn.resource();
    let has_account = arn.partition() == rolecall_arn::PARTITION && arn.account_id().is_some();
    let fits = match arn.service() {
        "iam" => resource == "root" || resource.starts_with("user/") || resource.starts_with("role/"),
        "sts" => resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"),
        _ => false,
    };
    has_account && fits && !resource.contains(['*', '?'])
}

/// `s3.amazonaws.com`, `logs.eu-west-1.amazonaws.com`, `alexa-appkit.amazon.com`: the shapes that AWS's services have.
/// No list of names decides, as AWS adds services; a name that no service has gives nothing to anybody.
fn is_service_name(text: &str) -> bool {
    let Some(labels) = text.strip_suffix(".amazonaws.com").or_else(|| text.strip_suffix(".amazon.com"))
    else {
        return false;
    };
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && label.bytes().all(plain)
    };
    labels.split('.').all(label)
}

/// The value of `lambda:Principal` for a statement that is to be removed (reference lambda.md 2.6); none where it has
/// no principal that can be said in one value.
pub(crate) fn context_value(statement: &Value) -> Option<String> {
    match statement.get("Principal")? {
        Value::String(text) => Some(text.clone()),
        Value::Object(kinds) if kinds.len() == 1 => match kinds.values().next()? {
            Value::String(text) => Some(text.clone()),
            // Several principals of one kind: the key is there and equals nothing.
            Value::Array(_) => Some(String::new()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_principal_has_its_form_in_the_statement() {
        for (text, value) in [
            ("*", r#""*""#),
            ("111122223333", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#),
            (
                "arn:aws:iam::111122223333:user/team/ana",
                r#"{"AWS":"arn:aws:iam::111122223333:user/team/ana"}"#,
            ),
            ("s3.amazonaws.com", r#"{"Service":"s3.amazonaws.com"}"#),
            ("logs.eu-west-1.amazonaws.com", r#"{"Service":"logs.eu-west-1.amazonaws.com"}"#),
            ("alexa-appkit.amazon.com", r#"{"Service":"alexa-appkit.amazon.com"}"#),
        ] {
            assert_eq!(StatementPrincipal::parse(text).unwrap().to_value().to_string(), value);
        }
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for text in [
            "",
            "invalid.nonaws.com",
            "amazonaws.com",
            ".amazonaws.com",
            "S3.amazonaws.com",
            "11112222333",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:s3:::bucket",
            "arn:aws-cn:iam::111122223333:root",
        ] {
            assert_eq!(StatementPrincipal::parse(text), Err(invalid()), "{text}");
        }
    }

    #[test]
    fn the_condition_key_shows_the_stored_principal() {
        let value = |statement: &str| context_value(&serde_json::from_str(statement).unwrap());
        assert_eq!(
            value(r#"{"Principal":{"Service":"s3.amazonaws.com"}}"#).as_deref(),
            Some("s3.amazonaws.com")
        );
        assert_eq!(value(r#"{"Principal":{"AWS":["a","b"]}}"#).as_deref(), Some(""));
        assert_eq!(value(r#"{"Principal":{"AWS":"a","Service":"b"}}"#), None);
    }
}
