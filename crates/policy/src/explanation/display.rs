//! An explanation as text for people: the answer first, then why, then what to change.

use std::fmt::{self, Display, Formatter};

use super::{Explanation, LayerOutcome, LayerPart, Missing, StatementRecord, statement_name};
use crate::{ContextValue, Effect, StatementEffect};

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::Allowed => "ALLOWED",
            Effect::ImplicitlyDenied if self.denied_by.is_none() => "DENIED: no policy can allow it",
            Effect::ImplicitlyDenied => "DENIED: nothing allows it",
            Effect::ExplicitlyDenied => "DENIED: a policy forbids it",
        };
        writeln!(f, "{effect}\n{}\n", self.message)?;
        self.write_request(f)?;
        writeln!(f, "\nlayers")?;
        for part in &self.layers {
            writeln!(f, "  {part}")?;
        }
        if !self.determining.is_empty() {
            writeln!(f, "\ndecided by")?;
        }
        for statement in &self.determining {
            writeln!(f, "{statement}")?;
        }
        let others: Vec<&StatementRecord> = self.matched.iter().filter(|one| !self.decided(one)).collect();
        if !others.is_empty() {
            writeln!(f, "\nalso about the request")?;
        }
        for statement in others {
            writeln!(f, "{}", statement.headline())?;
        }
        self.missing.as_ref().map_or(Ok(()), |missing| write!(f, "\n{missing}"))
    }
}

impl Explanation {
    /// Whether the statement is one of those that decided.
    fn decided(&self, statement: &StatementRecord) -> bool {
        self.determining.contains(statement)
    }

    fn write_request(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let request = &self.request;
        writeln!(f, "request")?;
        writeln!(f, "  principal  {}", request.principal)?;
        writeln!(f, "  action     {}", request.action)?;
        writeln!(f, "  resource   {}", request.resource)?;
        for (key, value) in &request.context {
            match value {
                ContextValue::One(value) => writeln!(f, "  {key} = {value}")?,
                ContextValue::Many(values) => writeln!(f, "  {key} = [{}]", values.join(", "))?,
            }
        }
        Ok(())
    }
}

impl Display for LayerPart {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            LayerOutcome::NotApplicable => "not applicable",
            LayerOutcome::Silent => "silent",
            LayerOutcome::Allowed => "allowed",
            LayerOutcome::Denied => "denied",
        };
        write!(f, "{:<24} {outcome:<15} {}", self.layer, self.why)
    }
}

impl StatementRecord {
    /// Its effect and where it stands, without its text.
    fn headline(&self) -> String {
        let effect = match self.effect {
            StatementEffect::Allow => "Allow",
            StatementEffect::Deny => "Deny",
        };
        format!("  {effect} in the {} layer: {}", self.layer, self.place())
    }

    fn place(&self) -> String {
        let name = statement_name(self.sid.as_deref(), self.index);
        let place = format!("{name} of {}, line {}:{}", self.policy, self.span.line, self.span.column);
        match &self.policy_arn {
            Some(arn) => format!("{place} ({arn})"),
            None => place,
        }
    }
}

impl Display for StatementRecord {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.place())?;
        for line in self.text.lines() {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

impl Display for Missing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "needed\n  {}", self.needed)?;
        if !self.near_misses.is_empty() {
            writeln!(f, "\nnearest statements")?;
        }
        for near in &self.near_misses {
            writeln!(f, "{}", near.statement)?;
            for mismatch in &near.mismatches {
                writeln!(f, "    - {}", mismatch.why)?;
            }
        }
        if self.farther > 0 {
            let statements = if self.farther == 1 { "statement is" } else { "statements are" };
            writeln!(f, "  ({} other Allow {statements} farther from the request)", self.farther)?;
        }
        Ok(())
    }
}
