//! Resource-based policies: the statements that AddPermission writes, and the documents that they are kept in
//! (reference lambda.md 2). Layer versions have the same kind of document.

pub(crate) mod document;
mod function;
pub(crate) mod principal;
pub(crate) mod statement;
