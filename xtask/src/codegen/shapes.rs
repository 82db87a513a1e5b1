//! Emits `shapes.rs`: a struct for each structure, and its conversions from and to the intermediate value.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::model::Model;
use super::names;

/// The text of `shapes.rs`.
pub fn file(model: &Model) -> Result<String> {
    let mut out = format!(
        "//! The structures of {}'s built operations, as AWS's model has them.\n\n\
         use crate::convert::prelude::*;\n\n",
        model.service()
    );
    for (name, shape) in model.reached().filter(|(_, shape)| shape["type"] == "structure") {
        structure(model, name, shape, &mut out).with_context(|| name.clone())?;
    }
    Ok(out)
}

struct Field {
    aws: String,
    rust: String,
    rust_type: String,
    required: bool,
}

fn structure(model: &Model, name: &str, shape: &Value, out: &mut String) -> Result<()> {
    let members = shape["members"].as_object().context("a structure without members")?;
    let mut fields = Vec::new();
    for (aws, member) in members {
        let target = member["shape"].as_str().context("a member without shape")?;
        let rust_type = rust_type(model, target, false)?;
        let required = model.is_required(name, aws);
        fields.push(Field { aws: aws.clone(), rust: names::field(aws), rust_type, required });
    }
    if shape["eventstream"] == true {
        return event_union(name, &fields, out);
    }
    declaration(name, &fields, out)?;
    from_value(name, &fields, out)?;
    into_value(name, &fields, out)
}

/// The events of a stream, one kind each. They are only ever sent.
fn event_union(name: &str, fields: &[Field], out: &mut String) -> Result<()> {
    writeln!(out, "/// An event of `{name}`.\n#[derive(Clone, Debug, PartialEq)]\npub enum {name} {{")?;
    for field in fields {
        writeln!(out, "/// `{0}` of `{name}`.\n{0}({1}),", field.aws, field.rust_type)?;
    }
    writeln!(out, "}}\n\nimpl IntoValue for {name} {{\nfn into_value(self) -> Value {{")?;
    writeln!(out, "let mut fields = Fields::with_capacity(1);\nmatch self {{")?;
    for field in fields {
        writeln!(out, "Self::{0}(event) => fields.put({0:?}, event),", field.aws)?;
    }
    Ok(writeln!(out, "}}\nfields.into_value()\n}}\n}}\n")?)
}

fn declaration(name: &str, fields: &[Field], out: &mut String) -> Result<()> {
    writeln!(out, "/// `{name}`.\n#[derive(Clone, Debug, Default, PartialEq)]")?;
    if fields.is_empty() {
        return Ok(writeln!(out, "pub struct {name};\n")?);
    }
    writeln!(out, "pub struct {name} {{")?;
    for field in fields {
        writeln!(out, "/// `{}` of `{name}`.", field.aws)?;
        match field.required {
            true => writeln!(out, "pub {}: {},", field.rust, field.rust_type)?,
            false => writeln!(out, "pub {}: Option<{}>,", field.rust, field.rust_type)?,
        }
    }
    Ok(writeln!(out, "}}\n")?)
}

fn from_value(name: &str, fields: &[Field], out: &mut String) -> Result<()> {
    writeln!(out, "impl FromValue for {name} {{")?;
    writeln!(out, "fn from_value(value: Value) -> Result<Self, WrongValue> {{")?;
    if fields.is_empty() {
        return Ok(writeln!(out, "Fields::read(value, {name:?}).map(|_| Self)\n}}\n}}\n")?);
    }
    writeln!(out, "let mut fields = Fields::read(value, {name:?})?;\nOk(Self {{")?;
    for field in fields {
        let method = if field.required { "required" } else { "optional" };
        writeln!(out, "{}: fields.{method}({:?})?,", field.rust, field.aws)?;
    }
    Ok(writeln!(out, "}})\n}}\n}}\n")?)
}

fn into_value(name: &str, fields: &[Field], out: &mut String) -> Result<()> {
    writeln!(out, "impl IntoValue for {name} {{\nfn into_value(self) -> Value {{")?;
    if fields.is_empty() {
        return Ok(writeln!(out, "Value::Map(Vec::new())\n}}\n}}\n")?);
    }
    writeln!(out, "let mut fields = Fields::with_capacity({});", fields.len())?;
    for field in fields {
        let method = if field.required { "put" } else { "put_some" };
        writeln!(out, "fields.{method}({:?}, self.{});", field.aws, field.rust)?;
    }
    Ok(writeln!(out, "fields.into_value()\n}}\n}}\n")?)
}

/// The Rust type of a shape. A secret is wrapped once, at its outermost sensitive shape.
fn rust_type(model: &Model, name: &str, hidden: bool) -> Result<String> {
    let shape = model.shape(name)?;
    let sensitive = shape["sensitive"] == true && !hidden;
    let inner = |part: &str| {
        let part = shape[part]["shape"].as_str().context("a collection without element")?;
        rust_type(model, part, hidden || sensitive)
    };
    let plain = match shape["type"].as_str() {
        Some("string") => "String".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("integer") => "i32".to_owned(),
        Some("long") => "i64".to_owned(),
        Some("double" | "float") => "f64".to_owned(),
        Some("blob") => "Bytes".to_owned(),
        Some("timestamp") => "Timestamp".to_owned(),
        Some("structure") if shape["eventstream"] == true => format!("EventStream<{name}>"),
        Some("structure") => name.to_owned(),
        Some("list") => format!("Vec<{}>", inner("member")?),
        Some("map") => format!("BTreeMap<String, {}>", inner("value")?),
        other => bail!("{name} has the unknown type {other:?}"),
    };
    Ok(if sensitive { format!("Sensitive<{plain}>") } else { plain })
}
