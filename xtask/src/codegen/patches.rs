//! Our deviations from AWS's models: each an entry of `patches.jsonc` with the reason for it.
//!
//! A patch that changes nothing fails the generation, so that the list does not outlive its reasons.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use super::model::Model;

/// The content of `patches.jsonc`.
pub struct Patches {
    models: Vec<Patch>,
    patterns: BTreeMap<String, PatternPatch>,
    used_services: RefCell<BTreeSet<String>>,
}

struct Patch {
    service: String,
    at: String,
    set: Map<String, Value>,
    remove: Vec<String>,
}

/// How to check a pattern that the regex engine cannot express.
#[derive(Clone)]
pub enum PatternPatch {
    /// An equivalent pattern, and one that must not match.
    Equivalent { whole: String, except: Option<String> },
    /// The characters that AWS allows in tags; whether the empty text is fine.
    TagText { may_be_empty: bool },
}

/// Reads a JSON file with comments.
pub fn read_jsonc(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let value = jsonc_parser::parse_to_serde_value::<Value>(&text, &Default::default());
    value.with_context(|| format!("parsing {}", path.display()))
}

impl Patches {
    /// Reads and checks `patches.jsonc`.
    pub fn read(path: &Path) -> Result<Self> {
        let file = read_jsonc(path)?;
        let list = |key: &str| file[key].as_array().cloned().with_context(|| format!("no list of {key}"));
        let models = list("models")?.iter().map(Patch::read).collect::<Result<_>>()?;
        let patterns = list("patterns")?.iter().map(read_pattern).collect::<Result<_>>()?;
        Ok(Self { models, patterns, used_services: RefCell::default() })
    }

    /// Applies every patch of the model's service.
    pub fn apply(&self, model: &mut Model) -> Result<()> {
        let service = model.service().to_owned();
        for patch in self.models.iter().filter(|patch| patch.service == service) {
            patch.apply(model.root_mut()).with_context(|| format!("patch at {}", patch.at))?;
        }
        self.used_services.borrow_mut().insert(service);
        Ok(())
    }

    /// The patterns that are checked by other means, by the pattern's text.
    pub fn patterns(&self) -> &BTreeMap<String, PatternPatch> {
        &self.patterns
    }

    /// Fails if a patch names a service that has no model.
    pub fn all_used(&self) -> Result<()> {
        let used = self.used_services.borrow();
        let stray = self.models.iter().find(|patch| !used.contains(&patch.service));
        ensure!(
            stray.is_none(),
            "a patch names an unknown service: {}",
            stray.map_or("", |patch| &patch.service)
        );
        Ok(())
    }
}

impl Patch {
    fn read(entry: &Value) -> Result<Self> {
        let text = |key: &str| {
            entry[key].as_str().map(str::to_owned).with_context(|| format!("{entry} lacks {key}"))
        };
        text("reason")?;
        let remove = entry["remove"].as_array().cloned().unwrap_or_default();
        let remove = remove.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let set = entry["set"].as_object().cloned().unwrap_or_default();
        Ok(Self { service: text("service")?, at: text("at")?, set, remove })
    }

    fn apply(&self, root: &mut Value) -> Result<()> {
        let target =
            root.pointer_mut(&self.at).and_then(Value::as_object_mut).context("there is no such object")?;
        for (key, value) in &self.set {
            let old = target.insert(key.clone(), value.clone());
            ensure!(old.as_ref() != Some(value), "`{key}` has that value without the patch");
        }
        for key in &self.remove {
            ensure!(target.shift_remove(key).is_some(), "`{key}` is not there");
        }
        Ok(())
    }
}

fn read_pattern(entry: &Value) -> Result<(String, PatternPatch)> {
    let text = |key: &str| entry[key].as_str().map(str::to_owned);
    let pattern = text("pattern").context("a pattern patch without pattern")?;
    text("reason").with_context(|| format!("{pattern} has no reason"))?;
    let patch = match (text("whole"), text("tagText").as_deref()) {
        (Some(whole), None) => PatternPatch::Equivalent { whole, except: text("except") },
        (None, Some("may be empty")) => PatternPatch::TagText { may_be_empty: true },
        (None, Some("not empty")) => PatternPatch::TagText { may_be_empty: false },
        _ => bail!("{pattern} needs `whole` or `tagText`"),
    };
    Ok((pattern, patch))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn apply(patch: Value) -> Result<Value> {
        let mut root = json!({"shapes": {"A": {"type": "string", "max": 3}}});
        Patch::read(&patch)?.apply(&mut root)?;
        Ok(root)
    }

    #[test]
    fn a_patch_sets_and_removes() {
        let patch =
            json!({"service": "s", "at": "/shapes/A", "set": {"min": 1}, "remove": ["max"], "reason": "r"});
        assert_eq!(apply(patch).unwrap(), json!({"shapes": {"A": {"type": "string", "min": 1}}}));
    }

    #[test]
    fn a_patch_without_effect_or_reason_or_target_fails() {
        for patch in [
            json!({"service": "s", "at": "/shapes/A", "set": {"max": 3}, "reason": "r"}),
            json!({"service": "s", "at": "/shapes/A", "remove": ["pattern"], "reason": "r"}),
            json!({"service": "s", "at": "/shapes/B", "set": {"max": 4}, "reason": "r"}),
            json!({"service": "s", "at": "/shapes/A", "set": {"max": 4}}),
        ] {
            assert!(apply(patch.clone()).is_err(), "{patch}");
        }
    }
}
