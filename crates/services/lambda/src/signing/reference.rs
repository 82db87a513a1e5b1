//! The names of code signing configurations: their ARNs, and AWS's words where there is none.

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_store::State;
use rolecall_store::records::signing::CodeSigningConfig;

use crate::error::LambdaError;
use crate::name::Key;

/// A code signing configuration as a caller means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigReference {
    account: AccountId,
    region: Region,
    id: String,
}

impl ConfigReference {
    /// Reads an ARN. The model has checked its form.
    ///
    /// # Errors
    /// [`LambdaError::InvalidParameter`] for what is no such ARN all the same.
    pub(crate) fn parse(text: &str) -> Result<Self, LambdaError> {
        let parsed = text.parse::<Arn>().ok().and_then(|arn| {
            let id = arn.resource().strip_prefix("code-signing-config:")?.to_owned();
            let of_lambda = arn.service() == "lambda" && arn.partition() == rolecall_arn::PARTITION;
            let named =
                ConfigReference { account: arn.account_id()?, region: arn.region().parse().ok()?, id };
            of_lambda.then_some(named)
        });
        parsed.ok_or_else(|| {
            LambdaError::InvalidParameter(format!("'{text}' is not the ARN of a code signing configuration."))
        })
    }

    /// The reference to a configuration by its key.
    pub(crate) fn of(key: &Key) -> Self {
        ConfigReference { account: key.0, region: key.1.clone(), id: key.2.clone() }
    }

    /// The account.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// The configuration's key.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.id.clone())
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:code-signing-config:csc-ID`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("lambda", &self.region, self.account, &format!("code-signing-config:{}", self.id))
    }
}

/// The configuration that a function shall have or has: one of its own account and region.
///
/// # Errors
/// [`LambdaError::CodeSigningConfigNotFound`] in AWS's words.
pub(crate) fn of_function<'s>(
    state: &'s State,
    function: &Key,
    arn: &str,
) -> Result<&'s CodeSigningConfig, LambdaError> {
    let missing = || {
        LambdaError::CodeSigningConfigNotFound(format!(
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
        ))
    };
    let reference = ConfigReference::parse(arn)?;
    let is_near = (reference.account, &reference.region) == (function.0, &function.1);
    let found = state.code_signing_configs.get(&reference.key()).filter(|_| is_near);
    found.map(AsRef::as_ref).ok_or_else(missing)
}

/// AWS's words where the operations on configurations find none (reference lambda.md 8.4).
pub(crate) fn missing(reference: &ConfigReference) -> LambdaError {
    let text = format!("The Lambda code signing configuration {} can not be found.", reference.arn());
    LambdaError::NoCodeSigningConfig(text)
}
