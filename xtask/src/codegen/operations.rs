//! Emits `mod.rs` and `operation.rs` of a service: its operations as enums, and its `Model`.

use std::fmt::Write;

use anyhow::{Context, Result};
use serde_json::Value;

use super::model::Model;
use super::names;

/// The text of a service's `mod.rs`.
pub fn module(model: &Model) -> String {
    let service = names::service_type(model.service());
    format!(
        "//! {service}: every operation of the API version {}, and the shapes of those that are built.\n\n\
         mod operation;\npub(crate) mod schema;\nmod shapes;\n\n\
         pub use operation::{{Input, {service}Model, Operation, Output}};\npub use shapes::*;\n",
        model.metadata("apiVersion")
    )
}

/// The text of `operation.rs`.
pub fn enums(model: &Model) -> Result<String> {
    let service = names::service_type(model.service());
    let mut out = format!(
        "//! The operations of {service}, their inputs and outputs as enums, and the glue between these and the protocol.\n\n\
         use super::schema::SCHEMA;\nuse super::shapes::*;\nuse crate::model::prelude::*;\n\n"
    );
    operation_enum(model, &service, &mut out)?;
    io_enum(model, "input", &mut out)?;
    io_enum(model, "output", &mut out)?;
    glue(&service, &mut out)?;
    Ok(out)
}

fn operation_enum(model: &Model, service: &str, out: &mut String) -> Result<()> {
    writeln!(out, "/// Every operation of {service}, built or not.")?;
    writeln!(
        out,
        "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\npub enum Operation {{"
    )?;
    for name in model.operations().keys() {
        writeln!(out, "/// `{name}`.\n{name},")?;
    }
    let count = model.operations().len();
    writeln!(out, "}}\n\nimpl Operation {{")?;
    writeln!(out, "/// Every operation, in the model's order.\npub const ALL: [Self; {count}] = [")?;
    for name in model.operations().keys() {
        writeln!(out, "Self::{name},")?;
    }
    writeln!(
        out,
        "];\n\n/// The operation's name, as in the model.\n#[must_use]\npub fn name(self) -> &'static str {{\n\
         SCHEMA.operation_name(self as usize)\n}}\n\n\
         /// The operation of a name.\n#[must_use]\npub fn from_name(name: &str) -> Option<Self> {{\n\
         Self::ALL.into_iter().find(|operation| operation.name() == name)\n}}\n\n\
         /// Whether Rolecall builds the operation.\n#[must_use]\npub fn is_built(self) -> bool {{\n\
         SCHEMA.is_built(self as usize)\n}}\n}}\n"
    )?;
    Ok(())
}

fn io_enum(model: &Model, side: &str, out: &mut String) -> Result<()> {
    let name = names::service_type(side);
    writeln!(
        out,
        "/// The {side} of any built operation.\n#[derive(Clone, Debug, PartialEq)]\npub enum {name} {{"
    )?;
    for (operation, body) in model.built() {
        writeln!(out, "/// The {side} of `{operation}`.\n{operation}({}),", shape_name(body, side)?)?;
    }
    writeln!(out, "}}\n\nimpl {name} {{\n/// The operation that the {side} belongs to.")?;
    writeln!(out, "#[must_use]\npub fn operation(&self) -> Operation {{\nmatch self {{")?;
    for (operation, _) in model.built() {
        writeln!(out, "Self::{operation}(_) => Operation::{operation},")?;
    }
    writeln!(out, "}}\n}}\n}}\n")?;
    to_value(model, side, out)?;
    if side == "input" { from_value(model, out) } else { Ok(()) }
}

fn from_value(model: &Model, out: &mut String) -> Result<()> {
    writeln!(
        out,
        "impl Input {{\n/// The typed input of a validated value; nothing for an operation that is not built."
    )?;
    writeln!(out, "fn read(operation: Operation, value: Value) -> Option<Result<Self, WrongValue>> {{")?;
    writeln!(out, "Some(match operation {{")?;
    for (operation, body) in model.built() {
        let shape = shape_name(body, "input")?;
        writeln!(out, "Operation::{operation} => {shape}::from_value(value).map(Self::{operation}),")?;
    }
    if model.built().count() < model.operations().len() {
        writeln!(out, "_ => return None,")?;
    }
    Ok(writeln!(out, "}})\n}}\n}}\n")?)
}

fn to_value(model: &Model, side: &str, out: &mut String) -> Result<()> {
    writeln!(
        out,
        "impl IntoValue for {} {{\nfn into_value(self) -> Value {{\nmatch self {{",
        names::service_type(side)
    )?;
    for (operation, _) in model.built() {
        writeln!(out, "Self::{operation}({side}) => {side}.into_value(),")?;
    }
    Ok(writeln!(out, "}}\n}}\n}}\n")?)
}

fn glue(service: &str, out: &mut String) -> Result<()> {
    Ok(writeln!(
        out,
        "/// {service}'s protocol and shapes.\n#[derive(Clone, Copy, Debug)]\npub struct {service}Model;\n\n\
         impl Model for {service}Model {{\n\
         type Operation = Operation;\ntype Input = Input;\ntype Output = Output;\n\
         const SERVICE: crate::ServiceId = crate::ServiceId::{service};\n\n\
         fn route(request: &HttpRequest) -> Result<Operation, ServiceError> {{\n\
         let index = route(&SCHEMA, request)?;\n\
         Operation::ALL.get(index).copied().ok_or_else(ServiceError::internal)\n}}\n\n\
         fn decode(operation: Operation, request: &HttpRequest) -> Result<Input, ServiceError> {{\n\
         let value = decode(&SCHEMA, operation as usize, request)?;\n\
         Input::read(operation, value).map_or_else(|| Err(ServiceError::internal()), |input| Ok(input?))\n}}\n\n\
         fn encode(output: Output, request_id: &str) -> HttpResponse {{\n\
         let operation = output.operation();\n\
         encode(&SCHEMA, operation as usize, output.into_value(), request_id)\n}}\n}}"
    )?)
}

fn shape_name<'a>(operation: &'a Value, side: &str) -> Result<&'a str> {
    operation[side]["shape"].as_str().context("an operation without shape")
}
