//! A compiled policy: what is kept of a document once it has been read.

use std::sync::Arc;

use crate::document::{self, Document};
use crate::error::{Fault, PolicyError, Span};
use crate::index::ActionIndex;
use crate::statement::{Statement, StatementEffect};
use crate::{PolicyKind, PolicySource};

/// A policy, ready to decide.
#[derive(Debug)]
pub struct Policy {
    kind: PolicyKind,
    source: Arc<PolicySource>,
    text: Box<str>,
    body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Compiled { statements: Box<[Statement]>, index: ActionIndex },
    Unusable { reason: Arc<str> },
}

/// What a statement is, for listings and explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementInfo<'a> {
    /// Its `Sid`, when it has one that is not empty.
    pub sid: Option<&'a str>,
    /// Its place in the policy, from 0.
    pub index: usize,
    /// What it does.
    pub effect: StatementEffect,
    /// Where it stands in the document.
    pub span: Span,
    /// Its text as it is written.
    pub text: &'a str,
}

impl Policy {
    /// Compiles a document. What AWS keeps from earlier times (2008 documents, unknown operators, malformed literals)
    /// is accepted and evaluated as AWS evaluates it.
    ///
    /// # Errors
    /// When the document has not the shape of a policy of its kind.
    pub fn compile(kind: PolicyKind, source: PolicySource, text: &str) -> Result<Policy, PolicyError> {
        let refused = |fault| PolicyError::new(text, crate::validate::shape_message(kind), fault);
        let document = document::read(text).map_err(|fault| refused(fault.into_fault()))?;
        let statements = compile_statements(kind, text, &document).map_err(refused)?;
        let index = ActionIndex::build(&statements);
        Ok(Policy {
            kind,
            source: Arc::new(source),
            text: text.into(),
            body: Body::Compiled { statements, index },
        })
    }

    /// A stored document that cannot be compiled: denies everything that it is consulted for.
    pub fn unusable(kind: PolicyKind, source: PolicySource, reason: String) -> Policy {
        Policy {
            kind,
            source: Arc::new(source),
            text: Box::default(),
            body: Body::Unusable { reason: reason.into() },
        }
    }

    /// The same policy with every statement looked at for every action. For tests: the index must change no answer.
    #[doc(hidden)]
    #[must_use]
    pub fn without_index(mut self) -> Policy {
        if let Body::Compiled { index, .. } = &mut self.body {
            *index = ActionIndex::All;
        }
        self
    }

    /// A policy without statements, for a resource that must have a policy and was given none.
    pub fn silent(kind: PolicyKind, source: PolicySource) -> Policy {
        let body = Body::Compiled { statements: Box::default(), index: ActionIndex::All };
        Policy { kind, source: Arc::new(source), text: Box::default(), body }
    }

    /// What the document is attached to.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Where the document comes from.
    pub fn source(&self) -> &PolicySource {
        &self.source
    }

    /// Why the policy denies everything, when it could not be compiled.
    pub fn unusable_reason(&self) -> Option<&str> {
        match &self.body {
            Body::Compiled { .. } => None,
            Body::Unusable { reason } => Some(reason),
        }
    }

    /// The statements in their order; none of a policy that is unusable.
    pub fn statements(&self) -> impl Iterator<Item = StatementInfo<'_>> {
        let statements: &[Statement] = match &self.body {
            Body::Compiled { statements, .. } => statements,
            Body::Unusable { .. } => &[],
        };
        statements.iter().map(|statement| StatementInfo {
            sid: statement.sid.as_deref(),
            index: statement.index,
            effect: statement.effect,
            span: statement.span,
            text: self.text_of(statement),
        })
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    pub(crate) fn shared_source(&self) -> &Arc<PolicySource> {
        &self.source
    }

    pub(crate) fn text_of(&self, statement: &Statement) -> &str {
        self.text.get(statement.span.start..statement.span.end).unwrap_or_default()
    }
}

fn compile_statements(kind: PolicyKind, text: &str, document: &Document) -> Result<Box<[Statement]>, Fault> {
    let raw = document.statements.iter().enumerate();
    raw.map(|(index, raw)| Statement::compile(kind, document.version, text, index, raw)).collect()
}
