//! A small catalog for the cases: some actions of the services that policies here speak of.

use rolecall_policy::lint::{ActionCatalog, ActionFacts, ConditionKeyFacts, is_multivalued};
use serde::Deserialize;

/// What `catalog.json` holds.
pub(crate) struct Catalog {
    actions: Vec<ActionFacts>,
    service_principals: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    actions: Vec<Row>,
    service_principals: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    action: String,
    forms: Vec<String>,
    keys: Vec<String>,
    /// `function`, `layer` or nothing.
    host: Option<String>,
}

impl Catalog {
    pub(crate) fn read() -> Self {
        let file: File = serde_json::from_str(include_str!("catalog.json")).unwrap();
        let key = |name: String| ConditionKeyFacts { multivalued: is_multivalued(&name), name };
        let facts = |row: Row| ActionFacts {
            in_function_policy: row.host.as_deref() == Some("function"),
            in_layer_policy: row.host.as_deref() == Some("layer"),
            name: row.action,
            resource_forms: row.forms,
            condition_keys: row.keys.into_iter().map(key).collect(),
        };
        Catalog {
            actions: file.actions.into_iter().map(facts).collect(),
            service_principals: file.service_principals,
        }
    }
}

impl ActionCatalog for Catalog {
    fn actions(&self) -> &[ActionFacts] {
        &self.actions
    }

    fn is_service_principal(&self, name: &str) -> bool {
        self.service_principals.iter().any(|known| known == name)
    }
}
