//! `rolecall policy lint FILE...`: what is wrong with policies, with the place underlined.

mod catalog;
mod print;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use rolecall_policy::PolicyKind;
use rolecall_policy::lint::{Finding, Level, guess_kind, lint};

use self::catalog::Catalog;
use crate::cli::Output;
use crate::exit::Exit;
use crate::stdout;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  no errors and no security warnings
  1  at least one error or security warning
  2  wrong use, or a file that cannot be read")]
pub(crate) struct LintOptions {
    /// The documents; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What the documents are attached to. Without it: a document with principals is a trust policy when it is only
    /// about sts actions and names no resource, else a resource-based policy; one without is an identity-based policy.
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A policy of a user, group or role, or a permissions boundary.
    Identity,
    /// The trust policy of a role.
    Trust,
    /// The policy of a function, a layer version or a bucket.
    Resource,
    /// A session policy handed to STS.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// The policy of a VPC endpoint.
    Endpoint,
}

impl From<Kind> for PolicyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => PolicyKind::Identity,
            Kind::Trust => PolicyKind::Trust,
            Kind::Resource => PolicyKind::Resource,
            Kind::Session => PolicyKind::Session,
            Kind::Scp => PolicyKind::ServiceControl,
            Kind::Rcp => PolicyKind::ResourceControl,
            Kind::Endpoint => PolicyKind::Endpoint,
        }
    }
}

/// A document with what was found in it.
struct Linted {
    /// The file as it was named.
    file: String,
    kind: PolicyKind,
    text: String,
    findings: Vec<Finding>,
}

/// Lints all files and prints the findings. A file that cannot be read does not keep the others from being linted.
pub(crate) fn run(options: &LintOptions) -> Result<Exit> {
    let catalog = Catalog::new();
    let mut linted = Vec::new();
    let mut unreadable = false;
    for file in &options.files {
        match read(file) {
            Ok(text) => {
                let kind = options.kind.map_or_else(|| guess_kind(&text), PolicyKind::from);
                let findings = lint(kind, &text, &catalog);
                linted.push(Linted { file: name_of(file), kind, text, findings });
            }
            Err(error) => {
                unreadable = true;
                eprintln!("rolecall: {error:#}");
            }
        }
    }
    let printed = match options.output {
        Output::Text => print::text(&linted),
        Output::Json => print::json(&linted)?,
    };
    stdout::write(&printed)?;
    Ok(exit(&linted, unreadable))
}

fn exit(linted: &[Linted], unreadable: bool) -> Exit {
    let mut findings = linted.iter().flat_map(|document| &document.findings);
    let is_grave = |finding: &Finding| matches!(finding.level, Level::Error | Level::SecurityWarning);
    if unreadable {
        Exit::Failed
    } else if findings.any(is_grave) {
        Exit::Findings
    } else {
        Exit::Done
    }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn name_of(file: &Path) -> String {
    if is_standard_input(file) { "standard input".to_owned() } else { file.display().to_string() }
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if is_standard_input(file) {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.with_context(|| format!("cannot read {}", name_of(file)))
}
