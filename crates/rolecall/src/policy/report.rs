//! What running cases found, in the forms that people, programs and continuous integration read.

use std::fmt::{self, Display, Formatter, Write as _};

use quick_xml::escape::escape;
use rolecall_policy::Explanation;
use serde::Serialize;

use crate::exit::Exit;

/// The results of all files.
pub(crate) struct Report {
    pub(crate) suites: Vec<Suite>,
}

/// The results of one file.
pub(crate) struct Suite {
    pub(crate) file: String,
    pub(crate) results: Vec<Result>,
}

/// What came of a case.
pub(crate) enum Result {
    Passed {
        id: String,
    },
    Differs(Box<Difference>),
    /// The case, or the whole file, cannot be read.
    Unusable {
        id: String,
        reason: String,
    },
}

/// A case that came out differently.
#[derive(Serialize)]
pub(crate) struct Difference {
    pub(crate) id: String,
    pub(crate) differences: Vec<String>,
    pub(crate) explanation: Explanation,
}

/// The report for programs.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    passed: usize,
    failed: usize,
    differences: Vec<InFile<'a, &'a Difference>>,
    errors: Vec<InFile<'a, Unusable<'a>>>,
}

#[derive(Serialize)]
struct InFile<'a, T> {
    file: &'a str,
    #[serde(flatten)]
    found: T,
}

#[derive(Serialize)]
struct Unusable<'a> {
    id: &'a str,
    reason: &'a str,
}

impl Report {
    /// Denied is not failed: a difference ends with 1, what cannot be read or nothing at all with 2.
    pub(crate) fn exit(&self) -> Exit {
        let Summary { passed, failed, errors, .. } = self.summary();
        match (passed + failed, errors.len(), failed) {
            (0, _, _) | (_, 1.., _) => Exit::Failed,
            (_, 0, 0) => Exit::Done,
            (_, 0, 1..) => Exit::Unexpected,
        }
    }

    /// The counts, the differences and the errors.
    pub(crate) fn summary(&self) -> Summary<'_> {
        let mut summary = Summary { passed: 0, failed: 0, differences: Vec::new(), errors: Vec::new() };
        for Suite { file, results } in &self.suites {
            for result in results {
                match result {
                    Result::Passed { .. } => summary.passed += 1,
                    Result::Differs(difference) => {
                        summary.failed += 1;
                        summary.differences.push(InFile { file, found: difference });
                    }
                    Result::Unusable { id, reason } => {
                        summary.errors.push(InFile { file, found: Unusable { id, reason } });
                    }
                }
            }
        }
        summary
    }

    /// The report as JUnit's XML.
    pub(crate) fn junit(&self) -> String {
        let suites: String = self.suites.iter().map(Suite::junit).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rolecall policy test\">\n{suites}</testsuites>"
        )
    }
}

impl Suite {
    fn junit(&self) -> String {
        let count = |wanted: fn(&Result) -> bool| self.results.iter().filter(|result| wanted(result)).count();
        let failures = count(|result| matches!(result, Result::Differs(_)));
        let errors = count(|result| matches!(result, Result::Unusable { .. }));
        let name = xml(&self.file);
        let mut text = format!(
            "<testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">\n",
            self.results.len()
        );
        for result in &self.results {
            // Writing to a string cannot fail.
            let _ = result.write_junit(&name, &mut text);
        }
        text.push_str("</testsuite>\n");
        text
    }
}

impl Result {
    fn write_junit(&self, suite: &str, text: &mut String) -> fmt::Result {
        let (id, kind, message, body) = match self {
            Result::Passed { id } => {
                return writeln!(text, "<testcase classname=\"{suite}\" name=\"{}\"/>", xml(id));
            }
            Result::Differs(difference) => {
                let Difference { id, differences, explanation } = &**difference;
                (id, "failure", differences.join("; "), explanation.to_string())
            }
            Result::Unusable { id, reason } => (id, "error", reason.clone(), String::new()),
        };
        writeln!(
            text,
            "<testcase classname=\"{suite}\" name=\"{}\"><{kind} message=\"{}\">{}</{kind}></testcase>",
            xml(id),
            xml(&message),
            xml(&body)
        )
    }
}

/// Text for XML, which has no way to write most control characters and two that are none.
fn xml(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|letter| {
            if (letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}')) && letter != '\n' {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect();
    escape(shown).into_owned()
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let summary = self.summary();
        for InFile { file, found } in &summary.differences {
            writeln!(f, "DIFFERS  {file}: {}", found.id)?;
            for difference in &found.differences {
                writeln!(f, "  {difference}")?;
            }
            for line in found.explanation.to_string().lines() {
                writeln!(f, "    {line}")?;
            }
            writeln!(f)?;
        }
        for InFile { file, found } in &summary.errors {
            writeln!(f, "ERROR    {file}: {}: {}", found.id, found.reason)?;
        }
        if summary.passed + summary.failed == 0 {
            writeln!(f, "there are no cases")?;
        }
        let errors = match summary.errors.len() {
            0 => String::new(),
            count => format!(", {count} cannot be read"),
        };
        writeln!(f, "{} passed, {} failed{errors}", summary.passed, summary.failed)
    }
}
