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
    let lines = format!("{}\n\n{}\n", case(""), case(r#""id":"named","#));
    let ids: Vec<String> =
        cases::read_json_lines("f", &lines).unwrap().into_iter().map(|case| case.id).collect();
    assert_eq!(ids, ["f:1", "named"]);
}
