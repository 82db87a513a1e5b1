//! Runs every case file in `tests/cases`: what each case expects must come out, and the explanation must agree with
//! the decision.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::path::Path;

use rolecall_policy::{Explanation, LayerOutcome, cases};

/// The cases name their actions without resource themselves.
fn none_is_wildcard_only(_: &str) -> bool {
    false
}

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_case_comes_out_as_expected() {
    let (mut count, mut failures) = (0, Vec::new());
    for (name, text) in files() {
        for case in cases::read_json(&name, &text).unwrap() {
            count += 1;
            match case.run(&none_is_wildcard_only) {
                Ok(outcome) if outcome.differences.is_empty() => {}
                Ok(outcome) => failures.push(format!(
                    "{name}: {}: {}\n{}",
                    case.id,
                    outcome.differences.join("; "),
                    outcome.explanation
                )),
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases fail\n{}", failures.len(), failures.join("\n"));
    assert!(count > 400, "only {count} cases were found");
}

#[test]
fn every_explanation_agrees_with_its_decision_and_survives_storage() {
    for (name, text) in files() {
        for case in cases::read_json(&name, &text).unwrap() {
            let outcome = case.run(&none_is_wildcard_only).unwrap();
            let (decision, explanation) = (&outcome.decision, &outcome.explanation);
            assert_eq!(explanation.effect, decision.effect(), "{name}: {}", case.id);
            assert_eq!(explanation.denied_by, decision.denied_by(), "{name}: {}", case.id);
            assert_eq!(explanation.determining.len(), decision.determining().len(), "{name}: {}", case.id);
            assert_eq!(explanation.missing.is_none(), decision.is_allowed(), "{name}: {}", case.id);
            let stored = serde_json::to_string(explanation).unwrap();
            assert_eq!(
                &serde_json::from_str::<Explanation>(&stored).unwrap(),
                explanation,
                "{name}: {}",
                case.id
            );
        }
    }
}

#[test]
fn the_named_layer_of_a_denial_did_not_allow() {
    for (name, text) in files() {
        for case in cases::read_json(&name, &text).unwrap() {
            let explanation = case.run(&none_is_wildcard_only).unwrap().explanation;
            let part = explanation.layers.iter().find(|part| Some(part.layer) == explanation.denied_by);
            assert_ne!(part.map(|part| part.outcome), Some(LayerOutcome::Allowed), "{name}: {}", case.id);
        }
    }
}

#[test]
fn unknown_fields_are_refused_and_notes_are_not() {
    let case = |extra: &str| {
        format!(
            r#"{{"principal":"s3.amazonaws.com","action":"a:B","resource":"*",{extra}"expected":{{"decision":"denied"}}}}"#
        )
    };
    assert!(cases::read_json("f", &case(r#""x-note":1,"votes":{},"tags":[],"#)).is_ok());
    assert!(cases::read_json("f", &case(r#""identityPolicy":[],"#)).is_err());
    let twice = format!("[{0},{0}]", case(r#""id":"same","#));
    let refusal = cases::read_json("f", &twice).unwrap_err().to_string();
    assert_eq!(refusal, "case same: another case of the file has the same id");
    let lines = format!("{}\n\n{}\n", case(""), case(r#""id":"named","#));
    let ids: Vec<String> =
        cases::read_json_lines("f", &lines).unwrap().into_iter().map(|case| case.id).collect();
    assert_eq!(ids, ["f:1", "named"]);
}

/// The sections that decisions follow from. The others are about documents (1.8 to 1.13), about what a server puts into
/// the context (4), or about what services do around a decision.
const SECTIONS: &[&str] = &[
    "iam.md 1.3",
    "iam.md 1.4",
    "iam.md 1.5.1",
    "iam.md 1.5.2",
    "iam.md 1.6",
    "iam.md 1.7",
    "iam.md 1.8",
    "iam.md 2.1",
    "iam.md 2.2",
    "iam.md 2.3",
    "iam.md 2.4",
    "iam.md 2.5",
    "iam.md 2.6",
    "iam.md 3.1",
    "iam.md 3.2",
    "iam.md 3.3",
    "iam.md 3.4",
    "iam.md 3.5",
    "iam.md 4.1",
    "iam.md 4.5",
    "iam.md 5.2",
    "iam.md 5.3",
    "iam.md 5.4",
    "iam.md 5.5",
    "iam.md 5.6",
    "iam.md 5.7",
    "iam.md 5.8",
    "iam.md 5.9",
    "iam.md 5.10",
    "iam.md 5.11",
    "iam.md 5.13",
    "lambda.md 1.6",
    "lambda.md 1.7",
    "lambda.md 1.9",
    "lambda.md 1.10",
    "lambda.md 2.6",
    "lambda.md 3.1",
    "lambda.md 3.2",
    "lambda.md 3.4",
    "lambda.md 3.6",
    "lambda.md 6",
];

/// `file/id` and the section of every case.
fn sources() -> Vec<(String, String)> {
    let rows = |(name, text): &(String, String)| -> Vec<(String, String)> {
        let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let id = |row: &serde_json::Value| format!("{name}/{}", row["id"].as_str().unwrap());
        rows.iter().map(|row| (id(row), row["source"].as_str().unwrap_or_default().to_owned())).collect()
    };
    files().iter().flat_map(rows).collect()
}

#[test]
fn every_case_names_its_section_and_every_section_has_cases() {
    let sources = sources();
    for (case, source) in &sources {
        assert!(
            source.starts_with("reference iam.md ") || source.starts_with("reference lambda.md "),
            "{case}"
        );
    }
    let named: std::collections::HashSet<String> = sources
        .iter()
        .flat_map(|(_, source)| {
            let mut words = source.trim_start_matches("reference ").splitn(2, ' ');
            let (file, sections) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
            sections.split(", ").map(|section| format!("{file} {section}")).collect::<Vec<_>>()
        })
        .collect();
    for section in SECTIONS {
        assert!(named.contains(*section), "{section} has no case");
    }
}

#[test]
fn every_choice_is_shown_by_cases_that_are_there() {
    let cases: std::collections::HashSet<String> = sources().into_iter().map(|(case, _)| case).collect();
    for choice in rolecall_policy::choices::CHOICES {
        for case in choice.cases {
            assert!(cases.contains(*case), "{}: there is no case {case}", choice.topic);
        }
    }
}
