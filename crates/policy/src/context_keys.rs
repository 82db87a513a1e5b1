//! The condition keys that policies ask for, which GetContextKeysForCustomPolicy lists and whose absence
//! SimulateCustomPolicy reports.

use std::collections::BTreeMap;

use crate::document::{self, Document, ListElement, Version};
use crate::template::variable_keys;
use crate::{Context, Policy, context};

/// All condition keys and policy variables that the policies name, each once however it is spelled, in alphabetical
/// order.
///
/// ```
/// use rolecall_policy::{Policy, PolicyKind, PolicySource, context_keys};
///
/// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*",
///     "Resource":"arn:aws:s3:::${aws:username}/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#;
/// let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline("own folder"), text)?;
/// assert_eq!(context_keys([&policy]), ["aws:SecureTransport", "aws:username"]);
/// # Ok::<(), rolecall_policy::PolicyError>(())
/// ```
pub fn context_keys<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Vec<String> {
    let mut keys = BTreeMap::new();
    for policy in policies {
        if let Ok(document) = document::read(policy.text()) {
            collect(&document, &mut keys);
        }
    }
    keys.into_values().collect()
}

/// Those of the keys that a request does not have.
pub(crate) fn missing(keys: Vec<String>, context: &Context) -> Vec<String> {
    keys.into_iter().filter(|key| !context.contains(key)).collect()
}

/// Keys by their lower-case form, as they were spelled first.
fn collect(document: &Document<'_>, keys: &mut BTreeMap<String, String>) {
    let mut add = |key: &str| {
        keys.entry(context::fold(key).as_str().to_owned()).or_insert_with(|| key.to_owned());
    };
    let has_variables = document.version == Version::V2012;
    for statement in &document.statements {
        for condition in &statement.conditions {
            add(&condition.key.value);
        }
        let resources = statement.resources.iter().flat_map(|list: &ListElement| &list.values);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        for text in resources.chain(values).filter(|_| has_variables) {
            variable_keys(&text.value).into_iter().for_each(&mut add);
        }
    }
}
