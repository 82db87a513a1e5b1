//! What lint asks of the world outside the document. The engine knows the language and not the services, so whoever
//! calls lint brings a catalog of actions.

/// Knows the actions of some services and the names of services as principals.
pub trait ActionCatalog {
    /// All actions that are known. A service with one action here is taken to be known whole: what is not here does not
    /// exist. Of other services nothing is said.
    fn actions(&self) -> &[ActionFacts];

    /// Whether a name like `s3.amazonaws.com` is a service that can be a principal.
    fn is_service_principal(&self, name: &str) -> bool;
}

/// What is known of an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionFacts {
    /// The canonical spelling, like `lambda:InvokeFunction`.
    pub name: String,
    /// The forms of ARN that it is authorised on, like
    /// `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}`. None: only `*` matches.
    pub resource_forms: Vec<String>,
    /// The condition keys that requests for it can have, without the global ones, like `lambda:Layer` and
    /// `aws:ResourceTag/${TagKey}`.
    pub condition_keys: Vec<ConditionKeyFacts>,
    /// Whether the policy of a function may speak of it.
    pub in_function_policy: bool,
    /// Whether the policy of a layer version may speak of it.
    pub in_layer_policy: bool,
}

/// What is known of a condition key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConditionKeyFacts {
    /// The key, like `lambda:Layer`; a part that the policy's author chooses is written `${...}`.
    pub name: String,
    /// Whether a request can have several values for it, so that it needs a set operator.
    pub multivalued: bool,
}

impl ActionFacts {
    /// Whether only a statement with `Resource` `*` can match.
    pub fn wildcard_only(&self) -> bool {
        self.resource_forms.is_empty()
    }

    /// The service's prefix, like `lambda`.
    pub fn service(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(service, _)| service)
    }

    /// Whether the action's requests can have this key, in any spelling.
    pub(super) fn supplies(&self, key: &str) -> bool {
        self.condition_keys.iter().any(|known| key_matches(&known.name, key))
    }
}

/// Whether a key of a policy is one of a catalog, whose open part is written `${...}` or `<...>`.
pub(super) fn key_matches(known: &str, key: &str) -> bool {
    let open = known.find("${").or_else(|| known.find('<'));
    let Some(open) = open else { return known.eq_ignore_ascii_case(key) };
    let (start, rest) = known.split_at(open);
    let end = rest.split_once(['}', '>']).map_or("", |(_, end)| end);
    let Some((key_start, key_rest)) = key.split_at_checked(start.len()) else { return false };
    let at_end = key_rest.len().checked_sub(end.len()).and_then(|at| key_rest.split_at_checked(at));
    key_start.eq_ignore_ascii_case(start)
        && at_end.is_some_and(|(middle, key_end)| !middle.is_empty() && key_end.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_key_takes_any_text_in_its_open_part() {
        let cases = [
            ("aws:TagKeys", "AWS:tagkeys", true),
            ("aws:ResourceTag/${TagKey}", "aws:resourcetag/team", true),
            ("aws:ResourceTag/${TagKey}", "aws:ResourceTag/", false),
            ("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/a", true),
            ("agent.${Domain}.dev:x", "agent.me.dev:x", true),
            ("agent.${Domain}.dev:x", "agent.me.dev:y", false),
            ("aws:ResourceTag/${TagKey}", "aws:é", false),
        ];
        for (known, key, expected) in cases {
            assert_eq!(key_matches(known, key), expected, "{known} {key}");
        }
    }
}
