//! The constraints of the models, and the text in which AWS reports those that are violated (reference lambda.md 8.5).

use std::fmt;

use crate::error::ServiceError;
use crate::pattern::Pattern;
use crate::schema::{ElementConstraint, Kind, List, Map, Protocol, Service, Shape, Structure};
use crate::value::Value;

/// The text of a member that must be there.
const NOT_NULL: &str = "Member must not be null";

/// Checks an input against every constraint of its shape.
pub(crate) fn validate(service: &Service, shape: &Shape, value: &Value) -> Result<(), ServiceError> {
    let mut check = Check { service, violations: Vec::new() };
    if let Kind::Structure(structure) = &shape.kind {
        check.members(structure, value, None);
    }
    check.result(shape)
}

struct Check<'a> {
    service: &'a Service,
    violations: Vec<Violation>,
}

/// Where a value is, from the outside in. It becomes text only where something is violated: nearly never.
struct Path<'a> {
    outer: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// A member of a structure, by its name in the model.
    Member(&'a str),
    /// An element of a list, counted from 1.
    Element(usize),
    /// A value of a map, by its key.
    Entry(&'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            write!(f, "{outer}.")?;
        }
        match self.step {
            Step::Member(name) => f.write_str(&lower_camel(name)),
            Step::Element(number) => write!(f, "{number}.member"),
            Step::Entry(key) => write!(f, "{key}.member"),
        }
    }
}

struct Violation {
    path: String,
    text: String,
    code: &'static str,
}

impl Check<'_> {
    fn members(&mut self, structure: &Structure, value: &Value, outer: Option<&Path<'_>>) {
        for member in structure.members {
            let path = Path { outer, step: Step::Member(member.name) };
            match value.get(member.name) {
                None | Some(Value::Null) if member.required && self.is_ec2() => {
                    self.report_missing(lower_camel(member.query_name));
                }
                None | Some(Value::Null) if member.required => self.report_null(&path),
                None | Some(Value::Null) => {}
                Some(value) => self.value(member.shape, value, &path),
            }
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) {
        for constraint in violated(shape, value) {
            self.report(shape, value, path, &constraint);
        }
        match (&shape.kind, value) {
            (Kind::Structure(structure), _) => self.members(structure, value, Some(path)),
            (Kind::List(list), Value::List(items)) => self.items(shape, list, value, items, path),
            (Kind::Map(map), Value::Map(_)) => self.entries(shape, map, value, path),
            _ => {}
        }
    }

    /// Elements that are structures are reported one by one, others together as the list that they are in.
    fn items(&mut self, shape: &Shape, list: &List, value: &Value, items: &[Value], path: &Path<'_>) {
        if is_compound(list.element) {
            for (index, item) in items.iter().enumerate() {
                let path = Path { outer: Some(path), step: Step::Element(index + 1) };
                match item {
                    Value::Null => self.report_null(&path),
                    item => self.value(list.element, item, &path),
                }
            }
        } else if items.iter().any(|item| is_bad(list.element, item)) {
            let not_null = list.constraint == ElementConstraint::NotNull;
            let mut texts = constraints(list.element);
            texts.extend(not_null.then(|| NOT_NULL.to_owned()));
            let texts = texts.join(", ");
            match list.constraint {
                ElementConstraint::Bare => self.report(shape, value, path, &texts),
                _ => self.report(shape, value, path, &format!("Member must satisfy constraint: [{texts}]")),
            }
        }
    }

    fn entries(&mut self, shape: &Shape, map: &Map, value: &Value, path: &Path<'_>) {
        let Value::Map(entries) = value else { return };
        let bad_key = |key: &str| !violated(map.key, &Value::String(key.to_owned())).is_empty();
        if entries.iter().any(|(key, _)| bad_key(key)) {
            let texts = constraints(map.key).join(", ");
            self.report(shape, value, path, &format!("Map keys must satisfy constraint: [{texts}]"));
        }
        if is_compound(map.value) {
            for (key, item) in entries {
                self.value(map.value, item, &Path { outer: Some(path), step: Step::Entry(key) });
            }
        } else if entries.iter().any(|(_, item)| is_bad(map.value, item)) {
            let mut texts = constraints(map.value);
            texts.push(NOT_NULL.to_owned());
            self.report(
                shape,
                value,
                path,
                &format!("Map value must satisfy constraint: [{}]", texts.join(", ")),
            );
        }
    }

    fn is_ec2(&self) -> bool {
        self.service.protocol == Protocol::Ec2
    }

    /// EC2 names a parameter that lacks by its name in the request, with an error of its own.
    fn report_missing(&mut self, path: String) {
        let text = format!("The request must contain the parameter {path}");
        self.violations.push(Violation { path, text, code: "MissingParameter" });
    }

    fn report_null(&mut self, path: &Path<'_>) {
        let path = path.to_string();
        let text = format!("Value null at '{path}' failed to satisfy constraint: {NOT_NULL}");
        self.violations.push(Violation { path, text, code: self.service.validation_code });
    }

    fn report(&mut self, shape: &Shape, value: &Value, path: &Path<'_>, constraint: &str) {
        let path = path.to_string();
        let shown = if self.service.shows_values && !shape.sensitive {
            format!("Value '{}' at", show(shape, value))
        } else {
            "Value at".to_owned()
        };
        let text = match self.is_ec2() {
            true => ec2_text(&show(shape, value), &path, constraint),
            false => format!("{shown} '{path}' failed to satisfy constraint: {constraint}"),
        };
        let code = self.service.validation_code;
        self.violations.push(Violation { path, text, code });
    }

    fn result(self, shape: &Shape) -> Result<(), ServiceError> {
        let count = self.violations.len();
        let Some(first) = self.violations.first() else { return Ok(()) };
        if self.is_ec2() {
            return Err(ServiceError::new(400, first.code, first.text.clone()));
        }
        if self.service.protocol == Protocol::RestXml
            && self.violations.iter().any(|v| v.is_in_payload(shape))
        {
            return Err(crate::rest::malformed_xml());
        }
        let plural = if count == 1 { "" } else { "s" };
        let texts: Vec<String> = self.violations.into_iter().map(|violation| violation.text).collect();
        let message = format!("{count} validation error{plural} detected: {}", texts.join("; "));
        Err(ServiceError::new(400, self.service.validation_code, message))
    }
}

impl Violation {
    fn is_in_payload(&self, shape: &Shape) -> bool {
        let Kind::Structure(structure) = &shape.kind else { return false };
        let first = self.path.split('.').next();
        structure.payload.is_some_and(|payload| first == Some(lower_camel(payload).as_str()))
    }
}

/// EC2's words for a value that is out of its bounds or not of an enumeration.
fn ec2_text(value: &str, path: &str, constraint: &str) -> String {
    let expected = constraint.strip_prefix("Member must have value ");
    let expected = expected.map(|bound| format!(" Expecting a value {bound}.")).unwrap_or_default();
    format!("Value ( {value} ) for parameter {path} is invalid.{expected}")
}

fn is_compound(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Structure(_) | Kind::List(_) | Kind::Map(_))
}

fn is_bad(shape: &Shape, value: &Value) -> bool {
    matches!(value, Value::Null) || !violated(shape, value).is_empty()
}

/// The texts of all constraints of a shape, in AWS's order.
fn constraints(shape: &Shape) -> Vec<String> {
    let mut texts = Vec::new();
    if !shape.values.is_empty() {
        texts.push(enum_text(shape));
    }
    texts.extend(shape.max.map(|max| bound_text(shape, "less", max)));
    texts.extend(shape.min.map(|min| bound_text(shape, "greater", min)));
    texts.extend(shape.pattern.map(pattern_text));
    texts
}

/// The texts of the constraints that a value violates, its elements and members apart.
fn violated(shape: &Shape, value: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    if let Value::String(text) = value
        && !shape.values.is_empty()
        && !shape.values.contains(&text.as_str())
    {
        texts.push(enum_text(shape));
    }
    if let Some(size) = size(value) {
        texts.extend(shape.max.filter(|max| size > *max as f64).map(|max| bound_text(shape, "less", max)));
        texts.extend(shape.min.filter(|min| size < *min as f64).map(|min| bound_text(shape, "greater", min)));
    }
    if let (Value::String(text), Some(pattern)) = (value, shape.pattern)
        && !pattern.matches(text)
    {
        texts.push(pattern_text(pattern));
    }
    texts
}

fn enum_text(shape: &Shape) -> String {
    format!("Member must satisfy enum value set: [{}]", shape.values.join(", "))
}

fn pattern_text(pattern: &Pattern) -> String {
    format!("Member must satisfy regular expression pattern: {}", pattern.text())
}

/// What `min` and `max` bound: a number itself, the length of everything else.
fn size(value: &Value) -> Option<f64> {
    Some(match value {
        Value::Integer(number) => *number as f64,
        Value::Double(number) => *number,
        Value::String(text) => text.chars().count() as f64,
        Value::Blob(bytes) => bytes.len() as f64,
        Value::List(items) => items.len() as f64,
        Value::Map(entries) => entries.len() as f64,
        Value::Null | Value::Bool(_) | Value::Timestamp(_) | Value::Events(_) => return None,
    })
}

fn bound_text(shape: &Shape, direction: &str, bound: i64) -> String {
    match shape.kind {
        Kind::Integer | Kind::Long => format!("Member must have value {direction} than or equal to {bound}"),
        Kind::Double => format!("Member must have value {direction} than or equal to {bound}.0"),
        _ => format!("Member must have length {direction} than or equal to {bound}"),
    }
}

/// `FunctionName` → `functionName`: only the first letter changes.
fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// A value in Java's words, as AWS prints it; what is sensitive is not shown.
fn show(shape: &Shape, value: &Value) -> String {
    match (&shape.kind, value) {
        _ if shape.sensitive => "***".to_owned(),
        (_, Value::Null) => "null".to_owned(),
        (Kind::List(list), Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|item| show(list.element, item)).collect();
            format!("[{}]", items.join(", "))
        }
        (Kind::Map(map), Value::Map(entries)) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, item)| format!("{key}={}", show(map.value, item))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        (Kind::Structure(structure), Value::Map(_)) => {
            let members = structure.members.iter().map(|member| {
                let shown = value
                    .get(member.name)
                    .map_or_else(|| "null".to_owned(), |value| show(member.shape, value));
                format!("{}={shown}", lower_camel(member.name))
            });
            format!("{}({})", shape.name, members.collect::<Vec<_>>().join(", "))
        }
        (_, Value::Double(number)) => format!("{number:?}"),
        (_, Value::Blob(bytes)) => format!("{} bytes", bytes.len()),
        (_, value) => crate::xml::text(value).into_owned(),
    }
}
