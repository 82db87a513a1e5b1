//! The names of capacity providers.

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_store::State;
use rolecall_store::records::capacity::CapacityProvider as ProviderRecord;

use crate::error::LambdaError;
use crate::name::{Home, Key};

/// A capacity provider as a caller means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderReference {
    account: AccountId,
    region: Region,
    name: String,
}

impl ProviderReference {
    /// Reads a name or an ARN. The model has checked its form.
    ///
    /// # Errors
    /// [`LambdaError::InvalidParameter`] for what is no such ARN all the same.
    pub(crate) fn parse(text: &str, home: &Home) -> Result<Self, LambdaError> {
        if !text.starts_with("arn:") {
            let account = home.account(None)?;
            return Ok(ProviderReference { account, region: home.region.clone(), name: text.to_owned() });
        }
        let parsed = text.parse::<Arn>().ok().and_then(|arn| {
            let name = arn.resource().strip_prefix("capacity-provider:")?.to_owned();
            let of_lambda = arn.service() == "lambda" && arn.partition() == rolecall_arn::PARTITION;
            let (account, region) = (arn.account_id()?, arn.region().parse().ok()?);
            of_lambda.then_some(ProviderReference { account, region, name })
        });
        let text = format!("'{text}' is not the ARN of a capacity provider.");
        parsed.ok_or(LambdaError::InvalidParameter(text))
    }

    /// The reference to a capacity provider by its key.
    pub(crate) fn of(key: &Key) -> Self {
        ProviderReference { account: key.0, region: key.1.clone(), name: key.2.clone() }
    }

    /// The account.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The capacity provider's key.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:capacity-provider:NAME`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("lambda", &self.region, self.account, &format!("capacity-provider:{}", self.name))
    }

    /// The record, where it is one of the region that is called.
    pub(super) fn find<'s>(
        &self,
        state: &'s State,
        region: &Region,
    ) -> Result<&'s ProviderRecord, LambdaError> {
        let found = state.capacity_providers.get(&self.key()).filter(|_| self.region == *region);
        found.map(AsRef::as_ref).ok_or_else(|| missing(self))
    }
}

/// AWS's words where there is none (recorded for tags).
pub(crate) fn missing(reference: &ProviderReference) -> LambdaError {
    LambdaError::NotFound(format!("Capacity provider not found: {}", reference.arn()))
}
