//! One service's model, patched, with the questions that the emitters ask of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

/// A service's model and which of its operations are built.
pub struct Model {
    service: String,
    root: Value,
    built: BTreeSet<String>,
    inputs: BTreeSet<String>,
    outputs: BTreeSet<String>,
}

/// Whether shapes are wanted for what is sent to us or for what we answer.
#[derive(Clone, Copy)]
enum Side {
    Input,
    Output,
}

impl Model {
    /// Reads `SERVICE.json`.
    pub fn read(models: &Path, service: &str) -> Result<Self> {
        let path = models.join(format!("{service}.json"));
        let text = fs::read(&path)
            .with_context(|| format!("reading {}; import it with --import", path.display()))?;
        let root = serde_json::from_slice(&text)?;
        let (built, inputs, outputs) = Default::default();
        Ok(Self { service: service.to_owned(), root, built, inputs, outputs })
    }

    /// Chooses the operations to build, gives those without input or output an empty structure, and finds the shapes
    /// that they reach.
    pub fn build(&mut self, operations: &[String]) -> Result<()> {
        self.built = operations.iter().cloned().collect();
        ensure!(self.built.len() == operations.len(), "an operation is listed twice");
        for name in operations {
            ensure!(self.operations().contains_key(name), "the model has no operation {name}");
            self.complete(name, "input", "Request")?;
            self.complete(name, "output", if self.service == "s3" { "Output" } else { "Response" })?;
        }
        self.inputs = self.reach(Side::Input)?;
        self.outputs = self.reach(Side::Output)?;
        Ok(())
    }

    /// Adds the empty structure that an operation without input (or output) is given, marked as ours.
    fn complete(&mut self, operation: &str, side: &str, suffix: &str) -> Result<()> {
        let name = format!("{operation}{suffix}");
        let target = self.root["operations"][operation].as_object_mut().context("no operation")?;
        if target.contains_key(side) {
            return Ok(());
        }
        target.insert(side.to_owned(), json!({"shape": name, "absent": true}));
        let shapes = self.root["shapes"].as_object_mut().context("no shapes")?;
        ensure!(!shapes.contains_key(&name), "{name} is taken");
        shapes.insert(name, json!({"type": "structure", "members": {}}));
        Ok(())
    }

    fn reach(&self, side: Side) -> Result<BTreeSet<String>> {
        let mut reached = BTreeSet::new();
        for (_, operation) in self.built() {
            let key = match side {
                Side::Input => "input",
                Side::Output => "output",
            };
            self.reach_shape(
                operation[key]["shape"].as_str().context("an operation without shape")?,
                &mut reached,
            )?;
        }
        Ok(reached)
    }

    fn reach_shape(&self, name: &str, reached: &mut BTreeSet<String>) -> Result<()> {
        if !reached.insert(name.to_owned()) {
            return Ok(());
        }
        let shape = self.shape(name)?;
        let members = shape["members"].as_object().into_iter().flat_map(Map::values);
        let parts = ["member", "key", "value"].iter().filter_map(|part| shape.get(*part));
        for part in members.chain(parts) {
            self.reach_shape(part["shape"].as_str().context("a member without shape")?, reached)?;
        }
        Ok(())
    }

    /// The service's name, which is also its file's and its module's.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The whole document, for patches.
    pub fn root_mut(&mut self) -> &mut Value {
        &mut self.root
    }

    /// A text of the metadata, or nothing.
    pub fn metadata(&self, key: &str) -> &str {
        self.root["metadata"][key].as_str().unwrap_or_default()
    }

    /// Whether the metadata has something under the key.
    pub fn has_metadata(&self, key: &str) -> bool {
        !self.root["metadata"][key].is_null()
    }

    /// Every operation, in the model's order.
    pub fn operations(&self) -> &Map<String, Value> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.root["operations"].as_object().unwrap_or(&NONE)
    }

    /// The built operations, in the model's order.
    pub fn built(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.operations().iter().filter(|(name, _)| self.is_built(name))
    }

    /// Whether an operation is built.
    pub fn is_built(&self, operation: &str) -> bool {
        self.built.contains(operation)
    }

    /// A shape by name.
    pub fn shape(&self, name: &str) -> Result<&Value> {
        self.root["shapes"].get(name).with_context(|| format!("there is no shape {name}"))
    }

    /// The shapes that built operations reach, in the model's order.
    pub fn reached(&self) -> impl Iterator<Item = (&String, &Value)> {
        let shapes = self.root["shapes"].as_object().into_iter().flatten();
        shapes.filter(|(name, _)| self.inputs.contains(*name) || self.outputs.contains(*name))
    }

    /// Every exception of the model.
    pub fn exceptions(&self) -> impl Iterator<Item = (&String, &Value)> {
        let shapes = self.root["shapes"].as_object().into_iter().flatten();
        shapes.filter(|(_, shape)| shape["exception"] == true)
    }

    /// Whether a built operation's input reaches a shape; only such shapes are validated.
    pub fn is_input(&self, shape: &str) -> bool {
        self.inputs.contains(shape)
    }

    /// Whether a built operation's output reaches a shape.
    pub fn is_output(&self, shape: &str) -> bool {
        self.outputs.contains(shape)
    }

    /// Whether a member is never absent: required, in a structure that validation has seen.
    pub fn is_required(&self, structure: &str, member: &str) -> bool {
        let required = self.shape(structure).ok().and_then(|shape| shape["required"].as_array());
        self.is_input(structure) && required.is_some_and(|names| names.iter().any(|name| name == member))
    }
}
