//! The form of an action: stages 7a to 7c of reference iam.md 1.11.

use crate::document::{Document, Text};

/// The actions of all statements.
pub(super) fn all<'d>(document: &'d Document<'d>) -> impl Iterator<Item = &'d Text<'d>> {
    document
        .statements
        .iter()
        .filter_map(|statement| statement.actions.as_ref())
        .flat_map(|list| &list.values)
}

/// AWS's message for an action that has not the form `vendor:Name`.
pub(super) fn format_fault(action: &str) -> Option<String> {
    if action == "*" {
        return None;
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Some("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
    };
    if name.contains(':') {
        return Some("Actions/Condition can contain only one colon.".to_owned());
    }
    let legal = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    if vendor.chars().all(legal) { None } else { Some(format!("Vendor {vendor} is not valid")) }
}
