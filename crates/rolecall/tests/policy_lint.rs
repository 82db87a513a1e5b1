//! `rolecall policy lint` as people and programs use it: files in, findings and exit code out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use rolecall_catalog::managed_policies;
use serde_json::Value;
use tempfile::TempDir;

const TRIGGER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Service": "s3.amazonaws.com" },
      "Action": "lambda:InvokeFunction",
      "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:thumb",
      "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::photos" } }
    }
  ]
}
"#;

/// Findings, but none that is grave.
const OLD: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;

const SOUND: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:thumb"}}"#;

fn desk() -> TempDir {
    let desk = TempDir::new().unwrap();
    for (name, text) in [("trigger.json", TRIGGER), ("old.json", OLD), ("sound.json", SOUND)] {
        fs::write(desk.path().join(name), text).unwrap();
    }
    desk
}

fn run(desk: &TempDir, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["policy", "lint"])
        .args(arguments)
        .current_dir(desk.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn codes(document: &Value) -> Vec<&str> {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn the_exit_code_says_how_grave_it_is() {
    let desk = desk();
    let cases: [(&[&str], i32); 11] = [
        (&["sound.json"], 0),
        (&["old.json"], 0),
        (&["trigger.json"], 1),
        (&["sound.json", "trigger.json", "old.json"], 1),
        (&["--kind", "scp", "trigger.json"], 1),
        (&["--kind", "identity", "old.json"], 1),
        (&["nowhere.json"], 2),
        (&["sound.json", "nowhere.json"], 2),
        (&["."], 2),
        (&[], 2),
        (&["--kind", "bucket", "sound.json"], 2),
    ];
    for (arguments, expected) in cases {
        assert_eq!(run(&desk, arguments, "").status.code(), Some(expected), "{arguments:?}");
    }
}

#[test]
fn the_place_is_underlined_and_the_remedy_named() {
    let output = run(&desk(), &["trigger.json"], "");
    let text = String::from_utf8(output.stdout).unwrap();
    let wanted = [
        "security warning[S3_TRIGGER_WITHOUT_SOURCE_ACCOUNT]: Nothing says whose bucket",
        "--> trigger.json:6:33",
        "6 |       \"Principal\": { \"Service\": \"s3.amazonaws.com\" },",
        "  |                                 ^^^^^^^^^^^^^^^^^^ Statement[0].Principal.Service",
        "= help: Add StringEquals on aws:SourceAccount",
        "trigger.json: 1 security warning (resource)",
    ];
    for line in wanted {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours for a pipe");
}

#[test]
fn programs_get_every_document_with_its_findings() {
    let output = run(&desk(), &["--output", "json", "trigger.json", "-", "sound.json"], OLD);
    let documents: Value = serde_json::from_slice(&output.stdout).unwrap();
    let named: Vec<(&str, &str)> = documents
        .as_array()
        .unwrap()
        .iter()
        .map(|document| (document["file"].as_str().unwrap(), document["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(
        named,
        [("trigger.json", "resource"), ("standard input", "trust"), ("sound.json", "identity")]
    );
    let finding = &documents[0]["findings"][0];
    assert_eq!(finding["code"], "S3_TRIGGER_WITHOUT_SOURCE_ACCOUNT");
    assert_eq!(finding["level"], "SECURITY_WARNING");
    assert_eq!(finding["path"], "Statement[0].Principal.Service");
    assert_eq!((&finding["span"]["line"], &finding["span"]["column"]), (&6.into(), &33.into()));
    assert_eq!(codes(&documents[1]), ["MISSING_VERSION"]);
    assert_eq!(codes(&documents[2]), Vec::<&str>::new());
}

#[test]
fn what_is_no_text_or_no_json_is_told_apart() {
    let desk = desk();
    let broken = run(&desk, &["-"], "{\"Version\":\"2012-10-17\",");
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stdout).unwrap().contains("error[JSON_SYNTAX_ERROR]"));
    fs::write(desk.path().join("bytes.json"), [0xff, 0xfe]).unwrap();
    let bytes = run(&desk, &["bytes.json"], "");
    assert_eq!(bytes.status.code(), Some(2));
    assert!(String::from_utf8(bytes.stderr).unwrap().contains("cannot read bytes.json"));
}

#[test]
fn a_document_cannot_steer_the_terminal() {
    let hostile =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"\u001b[2J","Action":"a","Resource":"*"}}"#;
    let output = run(&desk(), &["-"], hostile);
    assert!(!output.stdout.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let help = String::from_utf8(run(&desk(), &["--help"], "").stdout).unwrap();
    for line in ["0  no errors and no security warnings", "1  at least one error", "2  wrong use"] {
        assert!(help.contains(line), "{help}");
    }
}

/// AWS names the managed policies that it makes findings for itself; an error in one of the others would be a mistake
/// of lint. Some have logs actions without resource beside the ARN of a log group, which is a slip of theirs.
#[test]
fn the_policies_of_aws_are_sound() {
    let desk = TempDir::new().unwrap();
    let names: Vec<&str> = managed_policies().iter().map(|policy| policy.name.as_str()).collect();
    for policy in managed_policies() {
        fs::write(desk.path().join(&policy.name), policy.document()).unwrap();
    }
    let mut arguments = vec!["--kind", "identity", "--output", "json"];
    arguments.extend(&names);
    let documents: Value = serde_json::from_slice(&run(&desk, &arguments, "").stdout).unwrap();
    let mut passing_roles = BTreeSet::new();
    for document in documents.as_array().unwrap() {
        let file = document["file"].as_str().unwrap();
        for finding in document["findings"].as_array().unwrap() {
            let code = finding["code"].as_str().unwrap();
            let grave = finding["level"] == "ERROR" && code != "RESOURCE_FOR_WILDCARD_ONLY_ACTION";
            assert!(!grave, "{file}: {finding}");
            if code.starts_with("PASS_ROLE") {
                passing_roles.insert(file);
            }
        }
    }
    let documented = ["AWSLambdaFullAccess", "AdministratorAccess", "IAMFullAccess"];
    assert_eq!(passing_roles, BTreeSet::from(documented));
}
