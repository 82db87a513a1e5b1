//! Lint, by cases: each has a document, its kind, the findings that it must have and no others, and codes that it is an
//! example of not having. Every code has at least one case of each sort.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set itself up fails")]

mod catalog;
mod robust;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rolecall_policy::PolicyKind;
use rolecall_policy::lint::{ACCESS_ANALYZER, LAMBDA_AWARE, LEFT_OUT, lint};
use serde::Deserialize;
use serde_json::Value;

use self::catalog::Catalog;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    kind: PolicyKind,
    /// The document as JSON.
    document: Option<Value>,
    /// The document as text, where it matters how it is written.
    text: Option<String>,
    /// Codes and paths, in the order of the document.
    findings: Vec<(String, String)>,
    /// Codes that a careless check would report here.
    #[serde(default)]
    without: Vec<String>,
}

impl Case {
    fn text(&self) -> String {
        self.text.clone().or_else(|| self.document.as_ref().map(Value::to_string)).unwrap_or_default()
    }
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lint/cases");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &PathBuf| -> Vec<Case> {
        let text = std::fs::read_to_string(file).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn every_case_has_its_findings_and_no_others() {
    let catalog = Catalog::read();
    let mut wrong = Vec::new();
    for case in cases() {
        let found = lint(case.kind, &case.text(), &catalog);
        let found: Vec<(String, String)> =
            found.into_iter().map(|finding| (finding.code.to_owned(), finding.path)).collect();
        if found != case.findings {
            wrong.push(format!("{}: found {}", case.name, serde_json::to_string(&found).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} case(s):\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_has_a_case_with_it_and_one_without() {
    let cases = cases();
    let with: BTreeSet<&str> =
        cases.iter().flat_map(|case| &case.findings).map(|(code, _)| code.as_str()).collect();
    let without: BTreeSet<&str> = cases.iter().flat_map(|case| &case.without).map(String::as_str).collect();
    let codes = || ACCESS_ANALYZER.iter().chain(LAMBDA_AWARE).map(|code| code.name);
    let lacking: Vec<&str> = codes().filter(|code| !with.contains(code) || !without.contains(code)).collect();
    assert!(lacking.is_empty(), "codes without both sorts of case: {lacking:?}");
    for case in &cases {
        for code in &case.without {
            assert!(codes().any(|known| known == code), "{}: there is no code {code}", case.name);
            assert!(!case.findings.iter().any(|(found, _)| found == code), "{}: has {code}", case.name);
        }
    }
}

#[test]
fn every_code_is_declared_once_and_says_what_to_do() {
    let mut seen = BTreeSet::new();
    for code in ACCESS_ANALYZER.iter().chain(LAMBDA_AWARE) {
        assert!(seen.insert(code.name), "{} is declared twice", code.name);
        assert!(code.advice.ends_with('.'), "{}: {}", code.name, code.advice);
    }
    for (code, reason) in LEFT_OUT {
        assert!(seen.insert(code), "{code} is left out and declared");
        assert!(!reason.is_empty(), "{code}");
    }
}

/// What IAM Access Analyzer's reference lists; every code of it is declared or left out with a reason.
#[test]
fn every_code_of_access_analyzer_is_accounted_for() {
    let listed: BTreeSet<&str> =
        include_str!("access-analyzer-codes.txt").lines().filter(|line| !line.is_empty()).collect();
    let ours = ACCESS_ANALYZER.iter().map(|code| code.name);
    let ours: BTreeSet<&str> = ours.chain(LEFT_OUT.iter().map(|(code, _)| *code)).collect();
    assert_eq!(ours, listed);
}
