//! A compiled policy: what is kept of a document once it has been read.

use std::ops::Range;
use std::sync::Arc;

use rolecall_arn::AccountId;

use crate::document::{self, Document, RawCondition};
use crate::error::{Fault, Locator, PolicyError, Span};
use crate::index::Index;
use crate::statement::{Statement, StatementEffect};
use crate::{PolicyKind, PolicySource};

/// A policy, ready to decide.
#[derive(Debug)]
pub struct Policy {
    /// Shared with the decisions that refer to its statements.
    shared: Arc<Shared>,
}

/// All that there is to a policy.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) body: Body,
    kind: PolicyKind,
    source: PolicySource,
    text: Box<str>,
}

#[derive(Debug)]
pub(crate) enum Body {
    Compiled { statements: Box<[Statement]>, index: Index },
    Unusable { reason: Box<str> },
}

/// A longer document has places that no [`Statement`] can keep.
const TOO_LONG: usize = u32::MAX as usize;

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
        if text.len() >= TOO_LONG {
            return Err(refused(Fault::new(&(0..0), "the document is longer than four gigabytes")));
        }
        let document = document::read(text).map_err(|fault| refused(fault.into_fault()))?;
        let statements = compile_statements(kind, &document).map_err(refused)?;
        let index = Index::build(&statements);
        Ok(Policy::new(kind, source, text, Body::Compiled { statements, index }))
    }

    fn new(kind: PolicyKind, source: PolicySource, text: &str, body: Body) -> Self {
        Policy { shared: Arc::new(Shared { body, kind, source, text: text.into() }) }
    }

    /// A stored document that cannot be compiled: denies everything that it is consulted for.
    pub fn unusable(kind: PolicyKind, source: PolicySource, reason: String) -> Policy {
        Policy::new(kind, source, "", Body::Unusable { reason: reason.into() })
    }

    /// The same policy with every statement looked at for every request. For tests: the index must change no answer.
    #[doc(hidden)]
    #[must_use]
    pub fn without_index(self) -> Policy {
        self.changed(|_, index| *index = Index::all())
    }

    /// The same policy with accounts in the place of the S3 canonical users that it names. Only S3 knows which account
    /// an id stands for; one that stays unknown lets nobody in, and a Deny that names it is about every account
    /// (reference iam.md 1.5.1).
    ///
    /// ```
    /// use rolecall_policy::{Policy, PolicyKind, PolicySource};
    ///
    /// let text = r#"{"Statement": {"Effect": "Allow", "Principal": {"CanonicalUser": "79a59d900b949e55"},
    ///     "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}}"#;
    /// let policy = Policy::compile(PolicyKind::Resource, PolicySource::inline("bucket"), text)?
    ///     .with_canonical_users(|id| (id == "79a59d900b949e55").then(|| "111122223333".parse().ok())?);
    /// assert_eq!(policy.statements().count(), 1);
    /// # Ok::<(), rolecall_policy::PolicyError>(())
    /// ```
    #[must_use]
    pub fn with_canonical_users(self, account_of: impl Fn(&str) -> Option<AccountId>) -> Policy {
        self.changed(|statements, _| {
            for statement in statements {
                statement.resolve_canonical_users(&account_of);
            }
        })
    }

    /// Changes what was compiled. A decision that was made before and still refers to the policy keeps what it was
    /// made with; the document is then compiled anew.
    fn changed(mut self, change: impl Fn(&mut [Statement], &mut Index)) -> Policy {
        if Arc::get_mut(&mut self.shared).is_none() {
            let Shared { kind, source, text, .. } = &*self.shared;
            if let Ok(anew) = Policy::compile(*kind, source.clone(), text) {
                self = anew;
            }
        }
        if let Some(Shared { body: Body::Compiled { statements, index }, .. }) =
            Arc::get_mut(&mut self.shared)
        {
            change(statements, index);
        }
        self
    }

    /// A policy without statements, for a resource that must have a policy and was given none.
    pub fn silent(kind: PolicyKind, source: PolicySource) -> Policy {
        Policy::new(kind, source, "", Body::Compiled { statements: Box::default(), index: Index::all() })
    }

    /// What the document is attached to.
    pub fn kind(&self) -> PolicyKind {
        self.shared.kind
    }

    /// Where the document comes from.
    pub fn source(&self) -> &PolicySource {
        self.shared.source()
    }

    /// Why the policy denies everything, when it could not be compiled.
    pub fn unusable_reason(&self) -> Option<&str> {
        self.shared.unusable_reason()
    }

    /// The statements in their order; none of a policy that is unusable.
    pub fn statements(&self) -> impl Iterator<Item = StatementInfo<'_>> {
        let mut locator = Locator::new(&self.shared.text);
        self.shared.statements().iter().map(move |statement| StatementInfo {
            sid: statement.sid.as_deref(),
            index: statement.index,
            effect: statement.effect,
            span: locator.locate(&place(statement)),
            text: self.text_of(statement),
        })
    }

    /// The document as it was given; empty for a policy that has none or is unusable.
    pub fn text(&self) -> &str {
        &self.shared.text
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn text_of(&self, statement: &Statement) -> &str {
        self.shared.text.get(place(statement)).unwrap_or_default()
    }

    /// A clause of a statement as it is written, read from the document again.
    pub(crate) fn written_clause(&self, statement: &Statement, clause: usize) -> Option<RawCondition<'_>> {
        let raw = document::read_statement(self.text_of(statement)).ok()?;
        raw.conditions.into_iter().nth(clause)
    }
}

impl Shared {
    pub(crate) fn source(&self) -> &PolicySource {
        &self.source
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        match &self.body {
            Body::Compiled { statements, .. } => statements,
            Body::Unusable { .. } => &[],
        }
    }

    /// Where a statement stands.
    pub(crate) fn span(&self, statement: &Statement) -> Span {
        Span::locate(&self.text, &place(statement))
    }

    pub(crate) fn unusable_reason(&self) -> Option<&str> {
        match &self.body {
            Body::Compiled { .. } => None,
            Body::Unusable { reason } => Some(reason),
        }
    }
}

fn place(statement: &Statement) -> Range<usize> {
    statement.place.start as usize..statement.place.end as usize
}

fn compile_statements(kind: PolicyKind, document: &Document<'_>) -> Result<Box<[Statement]>, Fault> {
    let mut statements = Vec::with_capacity(document.statements.len());
    for (index, raw) in document.statements.iter().enumerate() {
        statements.push(Statement::compile(kind, document.version, index, raw)?);
    }
    Ok(statements.into())
}
