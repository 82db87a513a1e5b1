//! Whether a `Resource` or `NotResource` element names the resource of a request (reference iam.md 1.7).

use rolecall_policy::Context;

use crate::document::{Kind, Resources};
use crate::text::{Reading, Symbol, fits, read};

/// How one written resource relates to the requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Names,
    DoesNotName,
    /// A variable in it has no value.
    Unresolved,
    /// It can name nothing: too short for this kind of policy, or with a variable before the fifth colon.
    Invalid,
}

/// Whether the statement is about the resource.
pub(crate) fn covers(
    element: &Resources,
    kind: Kind,
    variables: Option<&Context>,
    resource: &str,
    allows: bool,
) -> bool {
    let relate = |patterns: &[String]| -> Vec<Relation> {
        patterns.iter().map(|pattern| relation(pattern, kind, variables, resource)).collect()
    };
    match element {
        // A resource policy without the element is about the resource that it is attached to.
        Resources::Unsaid => true,
        Resources::These(patterns) => relate(patterns).contains(&Relation::Names),
        Resources::NotThese(patterns) => relate(patterns).into_iter().all(|relation| match relation {
            Relation::DoesNotName => true,
            // A variable without value makes the whole element match nothing (reference iam.md 3.4).
            Relation::Names | Relation::Unresolved => false,
            // Nobody can tell what was to be left out, so nothing is allowed by it and everything is denied.
            Relation::Invalid => !allows,
        }),
    }
}

fn relation(pattern: &str, kind: Kind, variables: Option<&Context>, resource: &str) -> Relation {
    if let Some(relation) = relation_of_wildcards(pattern, resource) {
        return relation;
    }
    let Some(mut written) = components(pattern, variables.is_some()) else { return Relation::Invalid };
    if written.len() < 6 {
        if !may_be_short(&written, kind, variables) {
            return Relation::Invalid;
        }
        written.resize(6, "*".to_owned());
    }
    let requested: Vec<&str> = resource.splitn(6, ':').collect();
    let mut names = requested.len() == 6;
    for (at, written) in written.iter().enumerate() {
        match read(written, Reading { wildcards: true, variables }) {
            None => return Relation::Unresolved,
            Some(symbols) => names &= requested.get(at).is_some_and(|requested| fits(&symbols, requested)),
        }
    }
    if names { Relation::Names } else { Relation::DoesNotName }
}

/// A pattern made of wildcards is compared with the whole text. Only such a pattern names the `*` that an action
/// without resource is asked for on (reference iam.md 1.7 point 2).
fn relation_of_wildcards(pattern: &str, resource: &str) -> Option<Relation> {
    let symbols = read(pattern, Reading { wildcards: true, variables: None })?;
    if symbols.is_empty() || symbols.iter().any(|symbol| matches!(symbol, Symbol::Unit(_))) {
        return None;
    }
    Some(if fits(&symbols, resource) { Relation::Names } else { Relation::DoesNotName })
}

/// Cuts a pattern at its first five colons. `None` when a variable stands before the fifth, where there may be none
/// (reference iam.md 3.3); `${*}` and its like are characters and no variables.
fn components(pattern: &str, has_variables: bool) -> Option<Vec<String>> {
    let mut components = vec![String::new()];
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let is_last = components.len() == 6;
        let current = components.last_mut()?;
        if is_last {
            current.push_str(rest);
            break;
        }
        let escape = ["${*}", "${?}", "${$}"].into_iter().find(|escape| rest.starts_with(escape));
        if has_variables && let Some(escape) = escape {
            current.push_str(escape);
            rest = rest.strip_prefix(escape)?;
            continue;
        }
        if has_variables && rest.starts_with("${") && rest.contains('}') {
            return None;
        }
        if first == ':' {
            components.push(String::new())
        } else {
            current.push(first)
        }
        rest = &rest[first.len_utf8()..];
    }
    Some(components)
}

/// Whether the missing components of a short ARN are `*` (reference iam.md 1.7 point 6).
fn may_be_short(written: &[String], kind: Kind, variables: Option<&Context>) -> bool {
    let symbols =
        |component: &String| read(component, Reading { wildcards: true, variables }).unwrap_or_default();
    let is_wildcard = |symbol: &Symbol| !matches!(symbol, Symbol::Unit(_));
    match kind {
        Kind::Identity | Kind::Session => true,
        Kind::Resource | Kind::Endpoint => {
            written.iter().flat_map(symbols).any(|symbol| is_wildcard(&symbol))
        }
        Kind::ServiceControl => written.last().and_then(|last| symbols(last).pop()) == Some(Symbol::Run),
        Kind::ResourceControl | Kind::Trust => false,
    }
}
