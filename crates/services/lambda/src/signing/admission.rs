//! What a code signing configuration lets in.
//!
//! A signature that does not fit is refused whatever the policy; code that is merely not trusted (unsigned, signed by
//! somebody else, expired) is refused under `Enforce` and let in under `Warn` (reference lambda.md 8.4). AWS counts
//! what `Warn` lets in as a metric and notes it in CloudTrail; here it is written to the log of the server.

use rolecall_store::State;
use rolecall_store::records::lambda::Code;
use rolecall_store::records::signing::{CodeSignature, CodeSigningConfig};

use crate::error::LambdaError;
use crate::name::{Key, function_arn};
use crate::signing::reference::of_function;

/// Refuses code and layers that the configuration does not let the function have. `now_ms` is epoch milliseconds.
///
/// # Errors
/// [`LambdaError::CodeVerificationFailed`] in AWS's words, [`LambdaError::CodeSigningConfigNotFound`] where the
/// configuration is gone.
pub(crate) fn require_admitted<'c>(
    state: &State,
    function: &Key,
    config: Option<&str>,
    artifacts: impl IntoIterator<Item = &'c Code>,
    now_ms: i64,
) -> Result<(), LambdaError> {
    let Some(arn) = config else { return Ok(()) };
    let config = of_function(state, function, arn)?;
    for code in artifacts {
        match doubt(&code.signature, config, now_ms) {
            None => {}
            Some(Doubt::Broken) => return Err(broken(function)),
            Some(Doubt::Untrusted(_)) if config.untrusted_artifact_on_deployment != "Warn" => {
                return Err(untrusted(function));
            }
            Some(Doubt::Untrusted(why)) => {
                tracing::warn!(function = %function_arn(function, None), why, "untrusted code is deployed");
            }
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// The signature does not fit: somebody changed the code.
    Broken,
    /// Nobody whom the configuration accepts vouches for the code.
    Untrusted(&'static str),
}

fn doubt(signature: &CodeSignature, config: &CodeSigningConfig, now_ms: i64) -> Option<Doubt> {
    match signature {
        CodeSignature::Broken => Some(Doubt::Broken),
        CodeSignature::Unsigned => Some(Doubt::Untrusted("unsigned")),
        CodeSignature::Untrusted => Some(Doubt::Untrusted("signed by nobody whom this server trusts")),
        CodeSignature::Signed { profile_version_arn, .. }
            if !config.allowed_publishers.contains(profile_version_arn) =>
        {
            Some(Doubt::Untrusted("signed by another publisher"))
        }
        CodeSignature::Signed { expires_ms, .. } if *expires_ms <= now_ms => {
            Some(Doubt::Untrusted("the signature has expired"))
        }
        CodeSignature::Signed { .. } => None,
    }
}

fn untrusted(function: &Key) -> LambdaError {
    LambdaError::CodeVerificationFailed(format!(
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is \
         not configured to accept. Check the provided signature for {}.",
        function_arn(function, None)
    ))
}

fn broken(function: &Key) -> LambdaError {
    LambdaError::CodeVerificationFailed(format!(
        "Lambda cannot deploy the function. The function or layer code is not properly signed. This can mean that the \
         code was signed incorrectly or modified after it was signed. Check the provided signature for {}.",
        function_arn(function, None)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> CodeSigningConfig {
        CodeSigningConfig {
            id: "csc-1".to_owned(),
            description: None,
            allowed_publishers: vec!["mine".to_owned()],
            untrusted_artifact_on_deployment: "Enforce".to_owned(),
            last_modified_ms: 0,
            tags: Vec::new(),
        }
    }

    fn signed(profile: &str) -> CodeSignature {
        CodeSignature::Signed {
            profile_version_arn: profile.to_owned(),
            job_arn: String::new(),
            expires_ms: 100,
        }
    }

    #[test]
    fn only_a_good_signature_of_an_allowed_publisher_raises_no_doubt() {
        assert_eq!(doubt(&signed("mine"), &config(), 99), None);
        assert!(matches!(doubt(&signed("mine"), &config(), 100), Some(Doubt::Untrusted(_))));
        assert!(matches!(doubt(&signed("theirs"), &config(), 0), Some(Doubt::Untrusted(_))));
        assert!(matches!(doubt(&CodeSignature::Unsigned, &config(), 0), Some(Doubt::Untrusted(_))));
        assert!(matches!(doubt(&CodeSignature::Untrusted, &config(), 0), Some(Doubt::Untrusted(_))));
        assert_eq!(doubt(&CodeSignature::Broken, &config(), 0), Some(Doubt::Broken));
    }
}
