//! The two forms of lint's answer: the document with the places underlined, and JSON.

use std::io::IsTerminal;

use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};
use anyhow::Result;
use rolecall_policy::PolicyKind;
use rolecall_policy::lint::{Finding, Level};
use serde_json::json;

use super::Linted;

/// Every finding with its place underlined, and a line that counts them for each document.
pub(super) fn text(linted: &[Linted]) -> String {
    let colors = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let renderer = if colors { Renderer::styled() } else { Renderer::plain() };
    let mut printed = String::new();
    for document in linted {
        for finding in &document.findings {
            printed.push_str(&rendered(&renderer, document, finding));
            printed.push_str("\n\n");
        }
        printed.push_str(&summary(document));
        printed.push('\n');
    }
    printed
}

fn rendered(renderer: &Renderer, document: &Linted, finding: &Finding) -> String {
    let place = AnnotationKind::Primary.span(finding.span.start..finding.span.end);
    let place = if finding.path.is_empty() { place } else { place.label(finding.path.as_str()) };
    let title = match finding.level {
        Level::Error => Title::ERROR,
        Level::SecurityWarning => Title::WARNING.with_name("security warning"),
        Level::Warning => Title::WARNING,
        Level::Suggestion => Title::HELP.with_name("suggestion"),
    };
    let snippet = Snippet::source(document.text.as_str()).path(document.file.as_str()).annotation(place);
    let group = title
        .primary_title(finding.message.as_str())
        .id(finding.code)
        .element(snippet)
        .element(Title::HELP.message(finding.learn_more));
    renderer.render(&[group])
}

fn summary(document: &Linted) -> String {
    let levels = [Level::Error, Level::SecurityWarning, Level::Warning, Level::Suggestion];
    let count = |level: Level| document.findings.iter().filter(|finding| finding.level == level).count();
    let counted = levels.into_iter().filter_map(|level| match count(level) {
        0 => None,
        1 => Some(format!("1 {}", level.words())),
        many => Some(format!("{many} {}s", level.words())),
    });
    let counted: Vec<String> = counted.collect();
    let found = if counted.is_empty() { "nothing found".to_owned() } else { counted.join(", ") };
    format!("{}: {found} ({})", document.file, kind_words(document.kind))
}

/// One object for each document, in the order of the command line.
pub(super) fn json(linted: &[Linted]) -> Result<String> {
    let documents = linted.iter().map(|document| {
        json!({
            "file": document.file,
            "kind": kind_words(document.kind),
            "findings": document.findings,
        })
    });
    let documents: Vec<_> = documents.collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&documents)?))
}

fn kind_words(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "identity",
        PolicyKind::Trust => "trust",
        PolicyKind::Resource => "resource",
        PolicyKind::Session => "session",
        PolicyKind::ServiceControl => "scp",
        PolicyKind::ResourceControl => "rcp",
        PolicyKind::Endpoint => "endpoint",
    }
}
