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
}

/// Whether the statement is about the resource.
pub(crate) fn covers(element: &Resources, kind: Kind, variables: Option<&Context>, resource: &str) -> bool {
    let relate = |patterns: &[String]| -> Vec<Relation> {
        patterns.iter().map(|pattern| relation(pattern, kind, variables, resource)).collect()
    };
    match element {
        // A resource policy without the element is about the resource that it is attached to.
        Resources::Unsaid => true,
        Resources::These(patterns) => relate(patterns).contains(&Relation::Names),
        // A variable without value makes the whole element match nothing (reference iam.md 3.4).
        Resources::NotThese(patterns) => relate(patterns).iter().all(|relation| *relation == Relation::DoesNotName),
    }
}

fn relation(pattern: &str, kind: Kind, variables: Option<&Context>, resource: &str) -> Relation {
    if pattern == "*" {
        return Relation::Names;
    }
    let requested: Vec<&str> = resource.splitn(6, ':').collect();
    if requested.len() < 6 {
        return names_nothing_in_particular(pattern, resource);
    }
    let mut written: Vec<&str> = pattern.splitn(6, ':').collect();
    if written.len() < 6 {
        if !may_be_short(pattern, kind) {
            return Relation::DoesNotName;
        }
        written.resize(6, "*");
    }
    let mut names = true;
    for (at, (written, requested)) in written.iter().zip(&requested).enumerate() {
        // Variables stand only in the last component (reference iam.md 3.3).
        let reading = Reading { wildcards: true, variables: if at == 5 { variables } else { None } };
        match read(written, reading) {
            None => return Relation::Unresolved,
            Some(symbols) => names &= fits(&symbols, requested),
        }
    }
    if names { Relation::Names } else { Relation::DoesNotName }
}

/// An action without resource is asked for on `*`, which only a pattern made of wildcards names.
fn names_nothing_in_particular(pattern: &str, resource: &str) -> Relation {
    let symbols: Vec<Symbol> = read(pattern, Reading { wildcards: true, variables: None }).unwrap_or_default();
    let made_of_wildcards = symbols.iter().all(|symbol| !matches!(symbol, Symbol::Unit(_)));
    if made_of_wildcards && fits(&symbols, resource) { Relation::Names } else { Relation::DoesNotName }
}

/// Whether the missing components of a short ARN are `*` (reference iam.md 1.7 point 6).
fn may_be_short(pattern: &str, kind: Kind) -> bool {
    match kind {
        Kind::Identity | Kind::Session => true,
        Kind::Resource | Kind::Endpoint => pattern.contains(['*', '?']),
        Kind::ServiceControl => pattern.ends_with('*'),
        Kind::ResourceControl | Kind::Trust => false,
    }
}
