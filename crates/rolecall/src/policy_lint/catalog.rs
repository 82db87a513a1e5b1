//! The catalog of actions, as lint asks for it. What AWS publishes names `function` where Lambda's operations take an
//! alias too, so for Lambda the forms of ARN come from the operations (reference lambda.md 1.4).

use std::collections::HashMap;

use rolecall_catalog::{Action, LambdaOperation, actions, is_service_principal, lambda_operations};
use rolecall_policy::lint::{ActionCatalog, ActionFacts, ConditionKeyFacts, is_multivalued};

/// Lint's view of the catalog.
pub(super) struct Catalog {
    actions: Vec<ActionFacts>,
}

/// The action of requests to function URLs, for which there is no operation in Lambda's API. URLs belong to functions
/// and aliases.
const THROUGH_URL: &str = "lambda:InvokeFunctionUrl";
const URL_RESOURCES: &[&str] = &["function", "function alias"];

impl Catalog {
    pub(super) fn new() -> Self {
        let mut found: Vec<ActionFacts> = actions().iter().map(of_action).collect();
        let forms = lambda_forms();
        for operation in lambda_operations() {
            let at = found.iter().position(|facts| facts.name == operation.action);
            let at = at.unwrap_or_else(|| {
                found.push(ActionFacts { name: operation.action.clone(), ..ActionFacts::default() });
                found.len() - 1
            });
            if let Some(facts) = found.get_mut(at) {
                add_operation(facts, operation, &forms);
            }
        }
        if let Some(facts) = found.iter_mut().find(|facts| facts.name == THROUGH_URL) {
            add_forms(facts, URL_RESOURCES.iter().copied(), &forms);
            facts.in_function_policy = true;
        }
        Catalog { actions: found }
    }
}

impl ActionCatalog for Catalog {
    fn actions(&self) -> &[ActionFacts] {
        &self.actions
    }

    fn is_service_principal(&self, name: &str) -> bool {
        is_service_principal(name)
    }
}

fn of_action(action: &Action) -> ActionFacts {
    let of_resources = action.resource_types.iter().flat_map(|kind| &kind.condition_keys);
    let mut facts = ActionFacts {
        name: action.action.clone(),
        resource_forms: action.resource_types.iter().map(|kind| kind.arn.clone()).collect(),
        ..ActionFacts::default()
    };
    for key in action.condition_keys.iter().chain(of_resources) {
        add_key(&mut facts, key);
    }
    facts
}

/// The ARN forms of Lambda's kinds of resource, by name.
fn lambda_forms() -> HashMap<&'static str, &'static str> {
    let of_lambda = actions().iter().filter(|action| action.service() == "lambda");
    let kinds = of_lambda.flat_map(|action| &action.resource_types);
    kinds.map(|kind| (kind.name.as_str(), kind.arn.as_str())).collect()
}

fn add_operation(facts: &mut ActionFacts, operation: &LambdaOperation, forms: &HashMap<&str, &str>) {
    add_forms(facts, operation.resource_types.iter().map(String::as_str), forms);
    for key in &operation.condition_keys {
        add_key(facts, key);
    }
    facts.in_function_policy |= operation.usable_in_function_resource_policy;
    facts.in_layer_policy |= operation.usable_in_layer_policy;
}

fn add_forms<'a>(facts: &mut ActionFacts, kinds: impl Iterator<Item = &'a str>, forms: &HashMap<&str, &str>) {
    for form in kinds.filter_map(|kind| forms.get(kind)) {
        if !facts.resource_forms.iter().any(|known| known == form) {
            facts.resource_forms.push((*form).to_owned());
        }
    }
}

fn add_key(facts: &mut ActionFacts, key: &str) {
    if !facts.condition_keys.iter().any(|known| known.name == key) {
        facts
            .condition_keys
            .push(ConditionKeyFacts { name: key.to_owned(), multivalued: is_multivalued(key) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms_of(action: &str) -> Vec<String> {
        let catalog = Catalog::new();
        let facts = catalog.actions().iter().find(|facts| facts.name == action).unwrap();
        let paths = facts.resource_forms.iter().map(|form| form.splitn(6, ':').nth(5).unwrap().to_owned());
        paths.collect()
    }

    #[test]
    fn lambda_actions_have_the_forms_that_their_operations_authorise() {
        let function = "function:${FunctionName}";
        let version = "function:${FunctionName}:${Version}";
        let alias = "function:${FunctionName}:${Alias}";
        let cases: [(&str, &[&str]); 6] = [
            ("lambda:InvokeFunction", &[function, version, alias]),
            ("lambda:InvokeFunctionUrl", &[function, alias]),
            ("lambda:UpdateAlias", &[function]),
            ("lambda:GetLayerVersion", &["layer:${LayerName}:${LayerVersion}"]),
            ("lambda:ListLayerVersions", &["layer:${LayerName}"]),
            ("lambda:ListFunctions", &[]),
        ];
        for (action, expected) in cases {
            assert_eq!(forms_of(action), expected, "{action}");
        }
    }

    #[test]
    fn keys_with_several_values_are_marked() {
        let catalog = Catalog::new();
        let create = catalog.actions().iter().find(|facts| facts.name == "lambda:CreateFunction").unwrap();
        let multivalued =
            |name: &str| create.condition_keys.iter().find(|key| key.name == name).unwrap().multivalued;
        assert!(multivalued("lambda:Layer"));
        assert!(!multivalued("lambda:VpcIds"));
    }
}
