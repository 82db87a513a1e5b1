//! The cases as data, with the condition keys that follow from the caller filled in: the engines do not do that.

use anyhow::{Context as _, Result};
use rolecall_policy::{Context, ContextValue, Principal};
use serde_json::Value;

/// One case.
pub(crate) struct Case {
    /// The file's name without ending.
    pub(crate) file: String,
    /// The case's own name.
    pub(crate) id: String,
    /// The section of the reference that decides it.
    pub(crate) section: String,
    /// What must come out.
    pub(crate) expected: String,
    /// The caller; `None` for one that the case format names in another way.
    pub(crate) principal: Option<Principal>,
    /// The context with the caller's keys.
    pub(crate) context: Context,
    fields: Value,
}

/// Reads all cases, ordered by file.
pub(crate) fn read(folder: &str) -> Result<Vec<Case>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let list: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&path)?)
            .with_context(|| format!("{} is no list of cases", path.display()))?;
        cases.extend(list.into_iter().map(|fields| Case::new(&file, fields)));
    }
    Ok(cases)
}

impl Case {
    fn new(file: &str, fields: Value) -> Case {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut context: Context = fields["context"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| {
                Some((key, serde_json::from_value::<ContextValue>(value.clone()).ok()?))
            })
            .collect();
        let principal = match &fields["principal"] {
            Value::String(caller) => rolecall_policy::cases::caller(caller, &context).ok(),
            typed if typed["type"] == "Anonymous" => Some(Principal::Anonymous),
            _ => None,
        };
        if let Some(principal) = &principal {
            principal.add_context_keys(&mut context);
        }
        Case {
            file: file.to_owned(),
            id: text(&fields["id"]),
            section: text(&fields["source"]).trim_start_matches("reference ").to_owned(),
            expected: text(&fields["expected"]["decision"]),
            principal,
            context,
            fields,
        }
    }

    /// A field that is a text; empty when it is not there.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.fields[field].as_str().unwrap_or_default()
    }

    /// A field, `Null` when it is not there.
    pub(crate) fn field(&self, field: &str) -> &Value {
        &self.fields[field]
    }

    /// The documents of a field that holds one or several.
    pub(crate) fn documents(&self, field: &str) -> Vec<Value> {
        match &self.fields[field] {
            Value::Null => Vec::new(),
            Value::Array(documents) => documents.clone(),
            document => vec![document.clone()],
        }
    }

    /// The levels of an organization, each with its documents.
    pub(crate) fn levels(&self, field: &str) -> Vec<(String, Vec<Value>)> {
        let levels = self.fields[field].as_array().into_iter().flatten();
        levels
            .map(|level| {
                let id = level["id"].as_str().unwrap_or_default().to_owned();
                (id, level["policies"].as_array().cloned().unwrap_or_default())
            })
            .collect()
    }

    /// What is asked for, as the case format says: `*` for an action without resource.
    pub(crate) fn resource(&self) -> &str {
        if self.fields["wildcardOnlyAction"] == true { "*" } else { self.text("resource") }
    }

    /// The account of the resource: as it is told, else that of the ARN, else the caller's.
    pub(crate) fn owner(&self) -> String {
        let in_arn = self.resource().split(':').nth(4).unwrap_or_default();
        let told = [self.text("resourceAccount"), in_arn].into_iter().find(|account| !account.is_empty());
        told.map_or_else(|| self.caller_account(), str::to_owned)
    }

    /// The caller's account; empty when it has none.
    pub(crate) fn caller_account(&self) -> String {
        let account = self.principal.as_ref().and_then(Principal::account);
        account.map(|account| account.to_string()).unwrap_or_default()
    }

    /// Whether an opinion is what the case expects.
    pub(crate) fn is_met_by(&self, decision: &str) -> bool {
        self.expected == decision || self.expected == "denied" && decision != "allowed"
    }
}
