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

/// The values of `lambda:Principal` for a statement that is to be removed (reference lambda.md 2.6); the key is absent
/// only where the statement has no principal.
pub(crate) fn context_values(statement: &Value) -> Option<StatementPrincipals> {
    Some(match statement.get("Principal")? {
        Value::String(text) => StatementPrincipals::One(text.clone()),
        Value::Object(kinds) if kinds.len() == 1 => match kinds.values().next()? {
            Value::String(text) => StatementPrincipals::One(text.clone()),
            // Several principals of one kind are one empty value.
            _ => StatementPrincipals::One(String::new()),
        },
        _ => StatementPrincipals::None,
    })
}

/// What a condition on `lambda:Principal` compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatementPrincipals {
    /// One value.
    One(String),
    /// Principals of several kinds: the key is there and has no value.
    None,
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
        let values = |statement: &str| context_values(&serde_json::from_str(statement).unwrap());
        let one = |text: &str| Some(StatementPrincipals::One(text.to_owned()));
        assert_eq!(values(r#"{"Principal":{"Service":"s3.amazonaws.com"}}"#), one("s3.amazonaws.com"));
        assert_eq!(values(r#"{"Principal":{"AWS":["a","b"]}}"#), one(""));
        let two_kinds = values(r#"{"Principal":{"AWS":"a","Service":"b"}}"#);
        assert_eq!(two_kinds, Some(StatementPrincipals::None));
        assert_eq!(values(r#"{"NotPrincipal":{"AWS":"a"}}"#), None);
    }
}
