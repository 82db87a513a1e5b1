//! Takes the models out of a botocore wheel and keeps only what the generator needs.
//!
//! Of every operation its name and HTTP binding stay, because an operation that is not built must still be recognised;
//! shapes stay only where a built operation reaches them. AWS's documentation text is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};
use zip::ZipArchive;

/// The operations to build, by service.
pub type AllowList = BTreeMap<String, Vec<String>>;

type Wheel = ZipArchive<fs::File>;

/// What the generator reads of a shape, a member or an operation; everything else is dropped on import.
const DROPPED: [&str; 9] = [
    "documentation",
    "documentationUrl",
    "contextParam",
    "staticContextParams",
    "httpChecksum",
    "endpoint",
    "deprecatedMessage",
    "deprecatedSince",
    "endpointdiscovery",
];

/// Reads the allow-list, `operations.jsonc`.
pub fn allow_list(models: &Path) -> Result<AllowList> {
    let Value::Object(services) = super::patches::read_jsonc(&models.join("operations.jsonc"))? else {
        bail!("operations.jsonc is not an object");
    };
    let names = |list: &Value| -> Option<Vec<String>> {
        list.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    };
    services
        .iter()
        .map(|(service, list)| Ok((service.clone(), names(list).context("operations are a list of names")?)))
        .collect()
}

/// Writes `SERVICE.json`, `LICENSE` and `NOTICE` from a wheel.
pub fn import(wheel: &Path, models: &Path, built: &AllowList) -> Result<()> {
    let file = fs::File::open(wheel).with_context(|| format!("opening {}", wheel.display()))?;
    let mut wheel = ZipArchive::new(file)?;
    for (service, operations) in built {
        let trimmed =
            trim(&newest_model(&mut wheel, service)?, operations).with_context(|| service.clone())?;
        let text = serde_json::to_string_pretty(&trimmed)? + "\n";
        fs::write(models.join(format!("{service}.json")), text)?;
    }
    for (suffix, name) in [("/LICENSE.txt", "LICENSE"), ("/NOTICE", "NOTICE")] {
        let names = file_names(&wheel)?;
        let entry = names.iter().find(|file| file.contains("dist-info") && file.ends_with(suffix));
        let entry = entry.with_context(|| format!("the wheel has no {name}"))?;
        fs::write(models.join(name), read(&mut wheel, entry)?)?;
    }
    Ok(())
}

fn newest_model(wheel: &mut Wheel, service: &str) -> Result<Value> {
    let folder = format!("botocore/data/{service}/");
    let is_model = |name: &String| name.starts_with(&folder) && name.contains("/service-2.json");
    let newest = file_names(wheel)?.into_iter().filter(is_model).max();
    let newest = newest.with_context(|| format!("the wheel has no model of {service}"))?;
    Ok(serde_json::from_slice(&read(wheel, &newest)?)?)
}

fn file_names(wheel: &Wheel) -> Result<Vec<String>> {
    wheel.file_names().map(|name| Ok(name?.into_owned())).collect()
}

fn read(wheel: &mut Wheel, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    wheel.by_name(name)?.read_to_end(&mut bytes)?;
    if !name.ends_with(".gz") {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain)?;
    Ok(plain)
}

/// The model without documentation and without the shapes that no built operation reaches.
fn trim(model: &Value, built: &[String]) -> Result<Value> {
    let operations = model["operations"].as_object().context("no operations")?;
    let shapes = model["shapes"].as_object().context("no shapes")?;
    let mut reached = BTreeSet::new();
    let mut kept_operations = Map::new();
    for (name, operation) in operations {
        let is_built = built.contains(name);
        if is_built {
            reach(operation, shapes, &mut reached)?;
        }
        kept_operations.insert(name.clone(), trim_operation(operation, shapes, is_built));
    }
    let kept_shapes: Map<String, Value> = shapes
        .iter()
        .filter(|(name, _)| reached.contains(*name))
        .map(|(name, shape)| (name.clone(), undocumented(shape)))
        .collect();
    Ok(json!({"metadata": model["metadata"], "operations": kept_operations, "shapes": kept_shapes}))
}

/// Collects the names of the shapes below a value that refers to them.
fn reach(value: &Value, shapes: &Map<String, Value>, reached: &mut BTreeSet<String>) -> Result<()> {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_str() {
                    Some(shape) if key == "shape" => {
                        if reached.insert(shape.to_owned()) {
                            reach(shapes.get(shape).context("an unknown shape")?, shapes, reached)?;
                        }
                    }
                    _ => reach(member, shapes, reached)?,
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| reach(item, shapes, reached)),
        _ => Ok(()),
    }
}

/// An operation with what routing needs; `requires` names the query keys and headers its input demands, because in S3
/// they are all that tells some operations apart.
fn trim_operation(operation: &Value, shapes: &Map<String, Value>, built: bool) -> Value {
    let mut kept = Map::new();
    for key in ["name", "http", "deprecated"].iter().chain(if built {
        &["input", "output", "errors"][..]
    } else {
        &[]
    }) {
        if let Some(value) = operation.get(*key) {
            kept.insert((*key).to_owned(), undocumented(value));
        }
    }
    let (query, headers) =
        (required(operation, shapes, "querystring"), required(operation, shapes, "header"));
    if !query.is_empty() || !headers.is_empty() {
        kept.insert("requires".to_owned(), json!({"query": query, "headers": headers}));
    }
    Value::Object(kept)
}

fn required(operation: &Value, shapes: &Map<String, Value>, location: &str) -> Vec<String> {
    let input =
        operation["input"]["shape"].as_str().and_then(|name| shapes.get(name)).unwrap_or(&Value::Null);
    let names = input["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let members = names.iter().filter_map(Value::as_str).map(|name| &input["members"][name]);
    let members = members.filter(|member| member["location"] == location);
    members.filter_map(|member| member["locationName"].as_str()).map(str::to_owned).collect()
}

fn undocumented(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            // A member of a structure may be called like a dropped trait, so member names are kept whatever they are.
            let kept =
                members.iter().filter(|(key, value)| !DROPPED.contains(&key.as_str()) || is_member(value));
            Value::Object(kept.map(|(key, value)| (key.clone(), undocumented(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(undocumented).collect()),
        other => other.clone(),
    }
}

fn is_member(value: &Value) -> bool {
    value.get("shape").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_keeps_every_route_and_only_the_shapes_that_are_reached() {
        let model = json!({
            "metadata": {"protocol": "rest-xml"},
            "operations": {
                "Get": {"name": "Get", "http": {"method": "GET"}, "input": {"shape": "GetRequest"}, "documentation": "words"},
                "Put": {"name": "Put", "http": {"method": "PUT"}, "input": {"shape": "PutRequest"}, "documentation": "words"}
            },
            "shapes": {
                "GetRequest": {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "words"}}},
                "PutRequest": {"type": "structure", "required": ["Id", "Text"], "members": {
                    "Id": {"shape": "Text", "location": "querystring", "locationName": "id"},
                    "Text": {"shape": "Text"}
                }},
                "Text": {"type": "string", "documentation": "words"}
            }
        });
        let expected = json!({
            "metadata": {"protocol": "rest-xml"},
            "operations": {
                "Get": {"name": "Get", "http": {"method": "GET"}, "input": {"shape": "GetRequest"}},
                "Put": {"name": "Put", "http": {"method": "PUT"}, "requires": {"query": ["id"], "headers": []}}
            },
            "shapes": {
                "GetRequest": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
                "Text": {"type": "string"}
            }
        });
        assert_eq!(trim(&model, &["Get".to_owned()]).unwrap(), expected);
    }
}
