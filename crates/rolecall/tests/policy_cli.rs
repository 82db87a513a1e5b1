//! `rolecall policy check` and `rolecall policy test` as people and programs use them: arguments in, answer and exit
//! code out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const USER: &str = "arn:aws:iam::111122223333:user/ana";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/deploy/ci";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:orders";
const INVOKE: &str = "lambda:InvokeFunction";

/// A directory with policies and cases that the program is run in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Desk(TempDir::new().unwrap());
        let documents = [
            ("allow.json", statement(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))),
            ("deny.json", statement(json!({ "Effect": "Deny", "Action": INVOKE, "Resource": "*" }))),
            (
                "own.json",
                statement(json!({
                    "Sid": "Own", "Effect": "Allow", "Action": "lambda:*", "Resource": "*",
                    "Condition": { "StringEquals": { "aws:RequestTag/team": "red" } },
                })),
            ),
            (
                "tags.json",
                statement(json!({
                    "Effect": "Allow", "Action": "lambda:*", "Resource": "*",
                    "Condition": { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
                })),
            ),
            ("logs.json", statement(json!({ "Effect": "Allow", "Action": "logs:*", "Resource": "*" }))),
            (
                "public.json",
                statement(json!({
                    "Effect": "Allow", "Principal": "*", "Action": INVOKE, "Resource": FUNCTION,
                })),
            ),
            (
                "rcp.json",
                statement(json!({
                    "Effect": "Deny", "Principal": "*", "Action": INVOKE, "Resource": "*",
                })),
            ),
            (
                "nobody.json",
                statement(json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" })),
            ),
            (
                "everyone.json",
                statement(json!({
                    "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                })),
            ),
            (
                "trust.json",
                statement(json!({
                    "Effect": "Allow", "Principal": { "AWS": USER }, "Action": "sts:AssumeRole",
                })),
            ),
        ];
        for (name, document) in documents {
            desk.write(name, &serde_json::to_string_pretty(&document).unwrap());
        }
        desk
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_rolecall");
        Command::new(program).arg("policy").args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    /// Checks an invocation of the function, and gives exit code, decision and denying layer.
    fn check(&self, principal: &str, options: &[&str]) -> (i32, String, Option<String>) {
        let base = [
            "check",
            "--output",
            "json",
            "--principal",
            principal,
            "--action",
            INVOKE,
            "--resource",
            FUNCTION,
        ];
        let output = self.run(&[&base, options].concat());
        let answer: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| format!("{options:?}: {}", String::from_utf8_lossy(&output.stderr)))
            .unwrap();
        let text = |field: &str| answer[field].as_str().map(str::to_owned);
        (output.status.code().unwrap(), text("decision").unwrap(), text("deniedBy"))
    }
}

/// Principal, options, and the exit code, decision and denying layer that must come out.
type Check<'a> = (&'a str, &'a [&'a str], i32, &'a str, Option<&'a str>);

fn statement(statement: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn case(id: &str, decision: &str) -> Value {
    json!({
        "id": id, "principal": USER, "action": INVOKE, "resource": FUNCTION,
        "identityPolicies": [statement(json!({ "Effect": "Allow", "Action": "lambda:*", "Resource": "*" }))],
        "expected": { "decision": decision },
    })
}

#[test]
fn a_check_decides_by_every_layer() {
    let desk = Desk::new();
    let cases: [Check<'_>; 21] = [
        (USER, &["--policy", "allow.json"], 0, "allowed", None),
        (USER, &[], 1, "implicitDeny", Some("identity")),
        (USER, &["--policy", "allow.json", "--policy", "deny.json"], 1, "explicitDeny", Some("identity")),
        (USER, &["--resource-policy", "public.json"], 0, "allowed", None),
        (SESSION, &["--resource-policy", "public.json"], 0, "allowed", None),
        ("anonymous", &["--resource-policy", "public.json"], 0, "allowed", None),
        ("anonymous", &["--policy", "allow.json"], 1, "implicitDeny", Some("resource")),
        ("s3.amazonaws.com", &[], 1, "implicitDeny", Some("resource")),
        (USER, &["--policy", "allow.json", "--boundary", "logs.json"], 1, "implicitDeny", Some("boundary")),
        (
            USER,
            &["--policy", "allow.json", "--boundary", "allow.json", "--boundary", "logs.json"],
            1,
            "implicitDeny",
            Some("boundary"),
        ),
        (
            SESSION,
            &["--policy", "allow.json", "--session-policy", "logs.json"],
            1,
            "implicitDeny",
            Some("session"),
        ),
        (
            SESSION,
            &["--policy", "allow.json", "--session-policy", "logs.json", "--session-policy", "allow.json"],
            0,
            "allowed",
            None,
        ),
        (USER, &["--policy", "allow.json", "--scp", "logs.json"], 1, "implicitDeny", Some("scp")),
        (USER, &["--policy", "allow.json", "--scp", "logs.json,allow.json"], 0, "allowed", None),
        (
            USER,
            &["--policy", "allow.json", "--scp", "allow.json", "--scp", "logs.json"],
            1,
            "implicitDeny",
            Some("scp"),
        ),
        (USER, &["--policy", "allow.json", "--scp", "allow.json,deny.json"], 1, "explicitDeny", Some("scp")),
        (USER, &["--policy", "allow.json", "--rcp", "everyone.json,rcp.json"], 0, "allowed", None),
        (
            USER,
            &["--policy", "allow.json", "--endpoint-policy", "rcp.json"],
            1,
            "explicitDeny",
            Some("endpoint"),
        ),
        (
            USER,
            &["--policy", "allow.json", "--resource-account", "444455556666"],
            1,
            "implicitDeny",
            Some("resource"),
        ),
        (USER, &["--policy", "arn:aws:iam::aws:policy/AWSLambda_FullAccess"], 0, "allowed", None),
        (USER, &["--policy", "own.json", "--context", "aws:requesttag/TEAM=red"], 0, "allowed", None),
    ];
    for (principal, options, code, decision, denied_by) in cases {
        let expected = (code, decision.to_owned(), denied_by.map(str::to_owned));
        assert_eq!(desk.check(principal, options), expected, "{principal} {options:?}");
    }
}

#[test]
fn resource_control_policies_bind_only_the_services_that_they_cover() {
    let desk = Desk::new();
    let rcp = ["--policy", "allow.json", "--rcp", "everyone.json,nobody.json"];
    for (action, resource, code) in [
        ("s3:GetObject", "arn:aws:s3:::bucket/key", 1),
        ("lambda:InvokeFunction", FUNCTION, 0),
        ("sqs:ListQueues", "*", 0),
    ] {
        let asked = ["check", "--principal", USER, "--action", action, "--resource", resource];
        assert_eq!(desk.run(&[&asked[..], &rcp[..]].concat()).status.code(), Some(code), "{action}");
    }
}

#[test]
fn a_condition_key_is_multivalued_when_it_is_a_list_or_repeated() {
    let desk = Desk::new();
    let with = |pairs: &[&str]| {
        let mut options = vec!["--policy", "tags.json"];
        for pair in pairs {
            options.extend(["--context", pair]);
        }
        desk.check(USER, &options).0
    };
    assert_eq!(with(&[r#"aws:TagKeys=["a","b"]"#]), 0);
    assert_eq!(with(&["aws:TagKeys=a", "aws:TagKeys=b"]), 0);
    assert_eq!(with(&["aws:TagKeys=a", "aws:TagKeys=c"]), 1);
}

#[test]
fn a_role_without_trust_policy_lets_nobody_in() {
    let desk = Desk::new();
    let role = "arn:aws:iam::111122223333:role/deploy";
    let base = [
        "check",
        "--principal",
        USER,
        "--action",
        "sts:AssumeRole",
        "--resource",
        role,
        "--policy",
        "allow.json",
    ];
    let code = |more: &[&str]| desk.run(&[&base, more].concat()).status.code();
    assert_eq!(code(&[]), Some(1));
    assert_eq!(code(&["--resource-policy", "trust.json"]), Some(0));
}

#[test]
fn an_action_without_resource_is_asked_for_on_everything() {
    let desk = Desk::new();
    let base = ["check", "--principal", USER, "--action", "lambda:ListFunctions", "--policy", "allow.json"];
    assert_eq!(desk.run(&base).status.code(), Some(0));
}

#[test]
fn a_denial_is_explained_with_the_place_in_the_file() {
    let output = Desk::new().run(&[
        "check",
        "--principal",
        USER,
        "--action",
        INVOKE,
        "--resource",
        FUNCTION,
        "--policy",
        "own.json",
    ]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    for words in
        ["because no identity-based policy allows", "Own of own.json, line 4:5", "aws:RequestTag/team"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_cannot_be_read_ends_with_2_and_says_why() {
    let desk = Desk::new();
    desk.write("broken.json", "{\n  \"Statement\": [}\n");
    let base = ["check", "--principal", USER, "--action", INVOKE, "--resource", FUNCTION];
    let cases: [(&[&str], &str); 11] = [
        (&[&base[..], &["--policy", "absent.json"]].concat(), "cannot read the policy absent.json"),
        (&[&base[..], &["--policy", "broken.json"]].concat(), "line 2"),
        (&[&base[..], &["--policy", "public.json"]].concat(), "public.json"),
        (&[&base[..], &["--policy", "arn:aws:iam::aws:policy/None"]].concat(), "no managed policy"),
        (&[&base[..], &["--context", "team"]].concat(), "KEY=VALUE"),
        (&[&base[..], &["--context", "aws:TagKeys=[1]"]].concat(), "aws:TagKeys"),
        (&[&base[..], &["--resource-account", "12"]].concat(), "12"),
        (&["check", "--principal", "ana", "--action", INVOKE], "'ana' is not a caller"),
        (&["check", "--principal", USER, "--action", "Invoke"], "service:Name"),
        (
            &["check", "--principal", USER, "--action", INVOKE, "--resource", "orders"],
            "'orders' is not the ARN",
        ),
        (&["check", "--principal", USER], "--action"),
    ];
    for (arguments, words) in cases {
        let output = desk.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn cases_of_every_form_are_found_in_a_directory_and_pass() {
    let desk = Desk::new();
    desk.write("cases/one.json", &case("one", "allowed").to_string());
    desk.write("cases/list.json", &json!([case("a", "allowed"), case("b", "allowed")]).to_string());
    desk.write("cases/deep/lines.jsonl", &format!("{}\n\n{}\n", case("c", "allowed"), case("d", "allowed")));
    desk.write(
        "cases/deep/people.yaml",
        &format!(
            "- id: from YAML\n  principal: {USER}\n  action: {INVOKE}\n  resource: {FUNCTION}\n  identityPolicies:\n    \
             - Version: 2012-10-17\n      Statement:\n        Effect: Allow\n        Action: lambda:*\n        \
             Resource: '*'\n  expected:\n    decision: allowed\n"
        ),
    );
    desk.write("cases/notes.txt", "not a case");
    let output = desk.run(&["test", "cases"]);
    assert_eq!(stdout(&output), "6 passed, 0 failed\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_difference_ends_with_1_and_is_explained_in_every_form() {
    let desk = Desk::new();
    desk.write(
        "cases.json",
        &json!([case("right", "allowed"), case("wrong <1>", "implicitDeny")]).to_string(),
    );

    let output = desk.run(&["test", "cases.json"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    for words in ["DIFFERS  cases.json: wrong <1>", "ALLOWED", "identityPolicies[0]", "1 passed, 1 failed"] {
        assert!(text.contains(words), "{words}: {text}");
    }

    let output = desk.run(&["test", "cases.json", "--output", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&report["passed"], &report["failed"]), (&json!(1), &json!(1)));
    assert_eq!(report["differences"][0]["id"], "wrong <1>");
    assert_eq!(report["differences"][0]["explanation"]["effect"], "allowed");

    let output = desk.run(&["test", "cases.json", "--output", "junit"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    for words in [
        "<testsuite name=\"cases.json\" tests=\"2\" failures=\"1\" errors=\"0\">",
        "<testcase classname=\"cases.json\" name=\"right\"/>",
        "name=\"wrong &lt;1&gt;\"><failure message=\"expected ImplicitDeny, decided Allowed\">",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn cases_that_cannot_be_read_end_with_2_after_the_others_ran() {
    let desk = Desk::new();
    desk.write("good.json", &case("good", "allowed").to_string());
    desk.write("unknown.json", r#"{ "principal": "s3.amazonaws.com", "policies": [] }"#);
    desk.write("broken.yaml", "a: [");
    let mut nobody = case("nobody", "allowed");
    nobody["principal"] = "ana".into();
    desk.write("nobody.json", &nobody.to_string());
    let output =
        desk.run(&["test", "good.json", "unknown.json", "broken.yaml", "nobody.json", "absent.json"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("1 passed, 0 failed, 4 cannot be read"), "{text}");
    for words in ["unknown field `policies`", "broken.yaml", "'ana' is not a caller", "absent.json"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    desk.write("empty/notes.txt", "");
    assert_eq!(desk.run(&["test", "empty"]).status.code(), Some(2));
    assert_eq!(desk.run(&["test"]).status.code(), Some(2));
}

#[test]
fn a_thousand_cases_take_no_time_to_speak_of() {
    let desk = Desk::new();
    let cases: Vec<Value> = (0..1000).map(|number| case(&format!("case {number}"), "allowed")).collect();
    desk.write("many.json", &Value::from(cases).to_string());
    let start = Instant::now();
    let output = desk.run(&["test", "many.json"]);
    let took = start.elapsed();
    assert_eq!(stdout(&output), "1000 passed, 0 failed\n");
    println!("1,000 cases took {took:?}");
    // The promise is one second; a busy machine and an unoptimised build get more.
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn the_help_tells_the_exit_codes() {
    let desk = Desk::new();
    for subcommand in ["check", "lint", "test"] {
        let help = stdout(&desk.run(&[subcommand, "--help"]));
        assert!(help.contains("Exit codes:"), "{help}");
    }
}
