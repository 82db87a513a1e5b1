//! Resource-based policies: the statements that AddPermission writes, and the documents that they are kept in
//! (reference lambda.md 2). Layer versions have the same kind of document.

pub(crate) mod document;
mod function;
pub(crate) mod principal;
mod resource;
pub(crate) mod statement;
mod whole;

pub(crate) use function::require_target;
