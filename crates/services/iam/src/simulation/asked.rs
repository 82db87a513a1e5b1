//! What a simulation asks: actions, resources, condition keys, and for whom.

use rolecall_arn::{AccountId, Arn};
use rolecall_policy::{Context, ContextValue, Principal, STUB_USER_ID};
use rolecall_wire::iam::ContextEntry;

use crate::error::IamError;

/// The members that both operations have.
pub(super) struct Given {
    pub(super) actions: Vec<String>,
    pub(super) resources: Option<Vec<String>>,
    pub(super) resource_policy: Option<String>,
    pub(super) resource_owner: Option<String>,
    pub(super) context: Option<Vec<ContextEntry>>,
    pub(super) resource_handling: Option<String>,
}

/// The same, read.
pub(super) struct Asked {
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) resource_policy: Option<String>,
    owner: Option<AccountId>,
    context: Context,
}

impl Asked {
    /// Reads what is asked. AWS's words for what it does not take are not known; these are ours.
    pub(super) fn read(given: Given) -> Result<Self, IamError> {
        if given.resource_handling.is_some() {
            let text = "ResourceHandlingOption is not built: it is for the scenarios of ec2:RunInstances.";
            return Err(IamError::SimulationInput(text.to_owned()));
        }
        if let Some(wrong) = given.actions.iter().find(|action| !is_action(action)) {
            return Err(IamError::SimulationInput(format!("Invalid Action Name: {wrong}")));
        }
        let resources = given.resources.filter(|resources| !resources.is_empty());
        let resources = resources.unwrap_or_else(|| vec!["*".to_owned()]);
        let is_resource = |resource: &String| resource == "*" || resource.parse::<Arn>().is_ok();
        if let Some(wrong) = resources.iter().find(|resource| !is_resource(resource)) {
            return Err(IamError::SimulationInput(format!("Invalid Resource Arn: {wrong}")));
        }
        Ok(Asked {
            actions: given.actions,
            resources,
            resource_policy: given.resource_policy,
            owner: given.resource_owner.as_deref().map(owner).transpose()?,
            context: context(given.context.unwrap_or_default())?,
        })
    }

    /// The account that the resource belongs to: its ARN's, or for one that has none the given owner.
    pub(super) fn owner_of(&self, resource: &str) -> Option<AccountId> {
        resource.parse::<Arn>().ok().and_then(|arn| arn.account_id()).or(self.owner)
    }

    /// The condition keys that were given, and those that follow from who calls.
    pub(super) fn context_of(&self, caller: &SimulatedCaller) -> Context {
        let mut context = self.context.clone();
        if caller.is_known {
            caller.principal.add_context_keys(&mut context);
        } else if context.get("aws:userid").is_none() {
            context.set("aws:userid", STUB_USER_ID);
        }
        context
    }
}

/// Who is simulated to call.
pub(super) struct SimulatedCaller {
    pub(super) principal: Principal,
    /// Whether condition keys follow from who it is.
    is_known: bool,
}

impl SimulatedCaller {
    /// A user of whom only the ARN is said, which then stands for the unique id too (reference iam.md 7.3).
    pub(super) fn user(arn: &str) -> Result<Self, IamError> {
        match Principal::parse(arn, arn) {
            Ok(principal @ Principal::User { .. }) => Ok(Self::known(principal)),
            // The words are ours.
            _ => Err(IamError::SimulationInput(format!("Invalid Caller Arn: {arn}"))),
        }
    }

    /// Somebody of whom everything is known.
    pub(super) fn known(principal: Principal) -> Self {
        SimulatedCaller { principal, is_known: true }
    }

    /// Somebody of the account of whom nothing is said.
    pub(super) fn stub(account: AccountId) -> Self {
        let arn = Arn::iam(account, &format!("user/{STUB_USER_ID}"));
        let principal = Principal::User { account, arn, id: STUB_USER_ID.to_owned() };
        SimulatedCaller { principal, is_known: false }
    }
}

/// `service:Name`, without wildcards.
fn is_action(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split_once(':').is_some_and(|(service, name)| is_word(service) && is_word(name))
}

/// The account that owns resources: as the ARN of something in it, or as its number.
fn owner(text: &str) -> Result<AccountId, IamError> {
    let of_arn = || text.parse::<Arn>().ok().and_then(|arn| arn.account_id());
    let account = text.parse().ok().or_else(of_arn);
    account.ok_or_else(|| IamError::SimulationInput(format!("Invalid Resource Owner: {text}")))
}

fn context(entries: Vec<ContextEntry>) -> Result<Context, IamError> {
    let mut context = Context::new();
    for entry in entries {
        let invalid = |name: &str| IamError::SimulationInput(format!("Invalid Context Entry: {name}"));
        let name = entry.context_key_name.ok_or_else(|| invalid("a name is missing"))?;
        let values = entry.context_key_values.unwrap_or_default();
        let is_list = entry.context_key_type.as_deref().is_some_and(|kind| kind.ends_with("List"));
        let value = match <[String; 1]>::try_from(values) {
            Ok([one]) if !is_list => ContextValue::One(one),
            Ok(one) => ContextValue::Many(one.into()),
            Err(many) if is_list => ContextValue::Many(many),
            Err(_) => return Err(invalid(&name)),
        };
        context.set(&name, value);
    }
    Ok(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_owners_are_read() {
        assert!(is_action("lambda:InvokeFunction"));
        for wrong in ["lambda", "lambda:", ":Invoke", "lambda:*", "s3:Get Object"] {
            assert!(!is_action(wrong), "{wrong}");
        }
        let account: AccountId = "111122223333".parse().unwrap();
        assert_eq!(owner("arn:aws:iam::111122223333:root"), Ok(account));
        assert_eq!(owner("111122223333"), Ok(account));
        assert!(owner("nobody").is_err());
    }

    #[test]
    fn one_value_is_a_list_only_where_it_is_said_to_be_one() {
        let entry = |values: &[&str], kind: &str| ContextEntry {
            context_key_name: Some("aws:TagKeys".to_owned()),
            context_key_values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
            context_key_type: Some(kind.to_owned()),
        };
        let read = |values: &[&str], kind: &str| {
            context(vec![entry(values, kind)]).map(|context| context.get("aws:TagKeys").cloned())
        };
        assert_eq!(read(&["a"], "string"), Ok(Some(ContextValue::One("a".to_owned()))));
        assert_eq!(read(&["a"], "stringList"), Ok(Some(ContextValue::Many(vec!["a".to_owned()]))));
        assert_eq!(read(&[], "stringList"), Ok(Some(ContextValue::Many(Vec::new()))));
        assert!(read(&["a", "b"], "string").is_err());
        assert!(read(&[], "string").is_err());
    }
}
