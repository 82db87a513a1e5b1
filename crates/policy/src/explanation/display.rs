//! An explanation as text for people: the answer first, then why, then what to change.

use std::fmt::{self, Display, Formatter};

use super::{Explanation, LayerOutcome, LayerPart, Missing, StatementRecord, statement_name};
use crate::{ContextValue, Effect};

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::Allowed => "ALLOWED",
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
        self.missing.as_ref().map_or(Ok(()), |missing| write!(f, "\n{missing}"))
    }
}

impl Explanation {
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

impl Display for StatementRecord {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = statement_name(self.sid.as_deref(), self.index);
        write!(f, "  {name} of {}, line {}:{}", self.policy, self.span.line, self.span.column)?;
        if let Some(arn) = &self.policy_arn {
            write!(f, " ({arn})")?;
        }
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
        Ok(())
    }
}
