//! Emits `schema.rs`: the tables that the protocols, routing and validation interpret.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::emit::literal;
use super::model::Model;
use super::patterns::Patterns;
use super::{names, routes};

/// The text of `schema.rs`.
pub fn file(model: &Model, patterns: &mut Patterns<'_>) -> Result<String> {
    let mut shapes = String::new();
    let mut taken = BTreeSet::new();
    for (name, shape) in model.reached() {
        ensure!(taken.insert(names::constant(name)), "two shapes give the name {}", names::constant(name));
        let table = Table { model, name, shape }.emit(patterns).with_context(|| name.clone())?;
        writeln!(shapes, "static {}: Shape = {table};\n", names::constant(name))?;
    }
    let mut out = format!("//! The tables of {}: operations, shapes, exceptions.\n\n", model.service());
    out += "use crate::schema::prelude::*;\n\n";
    service(model, &mut out)?;
    out += &shapes;
    patterns.emit(&mut out)?;
    Ok(out)
}

fn service(model: &Model, out: &mut String) -> Result<()> {
    let protocol = match model.metadata("protocol") {
        "query" => "Query",
        "ec2" => "Ec2",
        "json" if model.metadata("jsonVersion") == "1.0" => "QueryCompatibleJson",
        "json" => "Json",
        "rest-json" => "RestJson",
        "rest-xml" => "RestXml",
        other => bail!("the unknown protocol {other}"),
    };
    let json_version = model.metadata("jsonVersion");
    ensure!(protocol != "Json" || json_version == "1.1", "JSON {json_version} is not written");
    ensure!(
        protocol != "QueryCompatibleJson" || model.has_metadata("awsQueryCompatible"),
        "JSON 1.0 is written only with the codes of the query protocol"
    );
    writeln!(out, "/// The service.\npub(crate) static SCHEMA: Service = Service {{")?;
    writeln!(out, "name: {},\nprotocol: Protocol::{protocol},", literal(model.service()))?;
    for (field, key) in [
        ("api_version", "apiVersion"),
        ("namespace", "xmlNamespace"),
        ("target_prefix", "targetPrefix"),
        ("validation_code", "validationCode"),
    ] {
        writeln!(out, "{field}: {},", literal(model.metadata(key)))?;
    }
    writeln!(out, "shows_values: {},", model.metadata("constraintValues") != "omitted")?;
    writeln!(out, "operations: &OPERATION_TABLE,\nexceptions: &EXCEPTIONS,\n}};\n")?;
    operations(model, out)?;
    exceptions(model, out)
}

fn operations(model: &Model, out: &mut String) -> Result<()> {
    writeln!(out, "static OPERATION_TABLE: [Operation; {}] = [", model.operations().len())?;
    for (name, operation) in model.operations() {
        let route = routes::route(operation).with_context(|| name.clone())?;
        write!(out, "Operation::new({}, {route})", literal(name))?;
        if model.is_built(name) {
            let table =
                |side: &str| operation[side]["shape"].as_str().map(names::constant).unwrap_or_default();
            let status = operation["http"]["responseCode"].as_u64().unwrap_or(200);
            write!(out, ".built(&{}, &{}, {status})", table("input"), table("output"))?;
            if operation["output"]["absent"] == true {
                out.push_str(".without_output()");
            }
        }
        writeln!(out, ",")?;
    }
    Ok(writeln!(out, "];\n")?)
}

fn exceptions(model: &Model, out: &mut String) -> Result<()> {
    writeln!(out, "static EXCEPTIONS: [Exception; {}] = [", model.exceptions().count())?;
    for (name, shape) in model.exceptions() {
        let code = shape["error"]["code"].as_str().unwrap_or(name);
        let members = shape["members"].as_object().context("no members")?;
        let message = members.keys().find(|member| member.eq_ignore_ascii_case("message"));
        let message = message.map_or("message", String::as_str);
        writeln!(out, "Exception {{ code: {}, message_member: {} }},", literal(code), literal(message))?;
    }
    Ok(writeln!(out, "];\n")?)
}

/// One shape on its way to a table.
struct Table<'a> {
    model: &'a Model,
    name: &'a str,
    shape: &'a Value,
}

impl Table<'_> {
    fn emit(&self, patterns: &mut Patterns<'_>) -> Result<String> {
        let name = literal(self.name);
        let mut text = match self.shape["type"].as_str().context("a shape without type")? {
            "string" => format!("Shape::new({name}, Kind::String)"),
            "boolean" => format!("Shape::new({name}, Kind::Boolean)"),
            "integer" => format!("Shape::new({name}, Kind::Integer)"),
            "long" => format!("Shape::new({name}, Kind::Long)"),
            "double" | "float" => format!("Shape::new({name}, Kind::Double)"),
            "blob" => format!("Shape::new({name}, Kind::Blob)"),
            "timestamp" => {
                format!(
                    "Shape::new({name}, Kind::Timestamp({}))",
                    timestamp_format(&self.shape["timestampFormat"])?
                )
            }
            "structure" => self.structure()?,
            "list" => self.list()?,
            "map" => self.map()?,
            other => bail!("the unknown type {other}"),
        };
        if self.model.is_input(self.name) {
            self.constraints(patterns, &mut text)?;
        }
        if self.shape["sensitive"] == true {
            text += ".sensitive()";
        }
        Ok(text)
    }

    fn constraints(&self, patterns: &mut Patterns<'_>, text: &mut String) -> Result<()> {
        for (bound, method) in [("min", "min"), ("max", "max")] {
            if let Some(limit) = self.shape.get(bound) {
                let limit =
                    limit.as_f64().filter(|limit| limit.fract() == 0.0).context("a limit with a fraction")?;
                write!(text, ".{method}({limit:.0})")?;
            }
        }
        if let Some(pattern) = self.shape["pattern"].as_str() {
            write!(text, ".pattern(&{})", patterns.name(pattern)?)?;
        }
        if let Some(values) = self.shape["enum"].as_array() {
            let values: Vec<String> = values.iter().filter_map(Value::as_str).map(literal).collect();
            write!(text, ".values(&[{}])", values.join(", "))?;
        }
        Ok(())
    }

    fn structure(&self) -> Result<String> {
        let mut text = format!("Shape::structure({}, &[", literal(self.name));
        for (name, member) in self.shape["members"].as_object().context("no members")? {
            text += &self.member(name, member).with_context(|| name.clone())?;
            text += ", ";
        }
        text += "])";
        if let Some(payload) = self.shape["payload"].as_str().or_else(|| self.event_payload()) {
            write!(text, ".payload({})", literal(payload))?;
        }
        if let Some(root) = self.shape["locationName"].as_str() {
            write!(text, ".root({})", literal(root))?;
        }
        if self.shape["xmlUnwrapped"] == true {
            text += ".unwrapped()";
        }
        Ok(text)
    }

    /// The member that is the whole payload of an event.
    fn event_payload(&self) -> Option<&str> {
        let mut members = self.shape["members"].as_object()?.iter();
        members.find(|(_, member)| member["eventpayload"] == true).map(|(name, _)| name.as_str())
    }

    fn member(&self, name: &str, member: &Value) -> Result<String> {
        let target = member["shape"].as_str().context("no shape")?;
        let mut text = format!("Member::new({}, &{})", literal(name), names::constant(target));
        let wire = literal(member["locationName"].as_str().unwrap_or(name));
        match member["location"].as_str() {
            None if member.get("locationName").is_some() => write!(text, ".named({wire})")?,
            None => {}
            Some("uri") => write!(text, ".at(Location::Uri, {wire})")?,
            Some("querystring") => write!(text, ".at(Location::Query, {wire})")?,
            Some("header") => write!(text, ".at(Location::Header, {wire})")?,
            Some("headers") => write!(text, ".at(Location::Headers, {wire})")?,
            Some("statusCode") => write!(text, ".at(Location::StatusCode, {wire})")?,
            Some(other) => bail!("the unknown location {other}"),
        }
        if self.model.metadata("protocol") == "ec2" {
            text += &ec2_query_name(name, member);
        }
        if self.model.is_required(self.name, name) {
            text += ".required()";
        }
        for unwritten in ["timestampFormat", "xmlAttribute", "eventheader"] {
            ensure!(member.get(unwritten).is_none(), "{unwritten} of a member is not written so far");
        }
        Ok(text)
    }

    fn list(&self) -> Result<String> {
        let element = &self.shape["member"];
        let target = names::constant(element["shape"].as_str().context("no element")?);
        let mut text = format!("Shape::list({}, &{target})", literal(self.name));
        if let Some(name) = element["locationName"].as_str() {
            write!(text, ".element_named({})", literal(name))?;
        }
        if self.shape["flattened"] == true {
            text += ".flattened()";
        }
        match self.shape["elementConstraint"].as_str() {
            None => {}
            Some("nullable") => text += ".nullable_elements()",
            Some("bare") => text += ".bare_elements()",
            Some(other) => bail!("the unknown elementConstraint {other}"),
        }
        Ok(text)
    }

    fn map(&self) -> Result<String> {
        let part =
            |part: &str| self.shape[part]["shape"].as_str().map(names::constant).context("no key or value");
        let named = ["key", "value"].iter().any(|part| self.shape[part].get("locationName").is_some());
        // JSON has neither; what its models say of them is left over from the query protocol.
        let is_json = self.model.metadata("protocol") == "json";
        ensure!(is_json || self.shape["flattened"] != true, "flattened maps are not written so far");
        let mut text = format!("Shape::map({}, &{}, &{})", literal(self.name), part("key")?, part("value")?);
        if named && !is_json {
            let is_asked = self.model.is_input(self.name) && !self.model.is_output(self.name);
            ensure!(is_asked, "named maps are not written in answers so far");
            let name = |part: &'static str| self.shape[part]["locationName"].as_str().unwrap_or(part);
            write!(text, ".entries_named({}, {})", literal(name("key")), literal(name("value")))?;
        }
        Ok(text)
    }
}

/// How EC2 names a member among form parameters: as `queryName` says, or with the first letter of its name in upper case.
fn ec2_query_name(name: &str, member: &Value) -> String {
    let wire = member["locationName"].as_str().unwrap_or(name);
    let capitalised = names::service_type(wire);
    let query = member["queryName"].as_str().unwrap_or(&capitalised);
    if query == wire { String::new() } else { format!(".queried({})", literal(query)) }
}

fn timestamp_format(format: &Value) -> Result<&'static str> {
    Ok(match format.as_str() {
        None => "None",
        Some("iso8601") => "Some(TimestampFormat::Iso8601)",
        Some("rfc822") => "Some(TimestampFormat::Rfc822)",
        Some("unixTimestamp") => "Some(TimestampFormat::Unix)",
        Some(other) => bail!("the unknown timestampFormat {other}"),
    })
}
