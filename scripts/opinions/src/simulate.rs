//! The npm package @cloud-copilot/iam-simulate, asked through `ask.mjs` in one process for all cases.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use rolecall_policy::{ContextValue, Principal};
use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::{Opinion, asks_for_a_federated_caller};

const SCRIPT: &str = "scripts/opinions/ask.mjs";

/// Puts all cases to the package.
pub(crate) fn ask(cases: &[Case], node_modules: &str) -> Result<Vec<Opinion>> {
    let questions: Vec<Result<Value, String>> = cases.iter().map(question).collect();
    let asked: Vec<&Value> = questions.iter().filter_map(|question| question.as_ref().ok()).collect();
    let mut answers = run(&serde_json::to_vec(&asked)?, node_modules)?.into_iter();
    let opinion = |question: Result<Value, String>| match question {
        Err(reason) => Ok(Opinion::CannotBeAsked(reason)),
        Ok(_) => answers.next().map(opinion).context("an answer is missing"),
    };
    questions.into_iter().map(opinion).collect()
}

fn run(input: &[u8], node_modules: &str) -> Result<Vec<Value>> {
    let mut command = Command::new("node");
    command.args([SCRIPT, node_modules]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start node")?;
    child.stdin.take().context("node has no input")?.write_all(input)?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{SCRIPT} ended with {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn opinion(answer: Value) -> Opinion {
    match answer["decision"].as_str() {
        Some(decision) => Opinion::Decision(decision.to_owned()),
        None => Opinion::CannotBeAsked(answer["refused"].as_str().unwrap_or("no decision").to_owned()),
    }
}

/// The case as one of the package's simulations, or why it cannot be put so.
fn question(case: &Case) -> Result<Value, String> {
    let principal = match &case.principal {
        _ if asks_for_a_federated_caller(case) => return Err("federated callers".to_owned()),
        None => return Err("federated callers".to_owned()),
        Some(Principal::Anonymous) => json!({ "type": "Anonymous" }),
        Some(_) => case.text("principal").into(),
    };
    let mut session = case.documents("sessionPolicy");
    if session.len() > 1 {
        return Err("several documents in `sessionPolicy`".to_owned());
    }
    let context: Map<String, Value> =
        case.context.iter().map(|(key, value)| (key.to_owned(), context_value(value))).collect();
    let mut simulation = json!({
        "request": {
            "principal": principal,
            "action": case.text("action"),
            "resource": { "resource": case.resource(), "accountId": case.owner() },
            "contextVariables": context,
        },
        "identityPolicies": named(case.documents("identityPolicies")),
        "serviceControlPolicies": levels(case, "scps"),
        "resourceControlPolicies": levels(case, "rcps"),
    });
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            simulation[field] = value;
        }
    };
    set("sessionPolicy", session.pop());
    set("resourcePolicy", case.documents("resourcePolicy").pop());
    let list = |field| Some(case.documents(field)).filter(|documents| !documents.is_empty()).map(named);
    set("permissionBoundaryPolicies", list("permissionBoundaries"));
    set("vpcEndpointPolicies", list("endpointPolicies"));
    Ok(simulation)
}

fn context_value(value: &ContextValue) -> Value {
    match value {
        ContextValue::One(value) => value.clone().into(),
        ContextValue::Many(values) => values.clone().into(),
    }
}

fn named(documents: Vec<Value>) -> Value {
    let named = |(at, document)| json!({ "name": format!("policy{at}"), "policy": document });
    documents.into_iter().enumerate().map(named).collect()
}

fn levels(case: &Case, field: &str) -> Value {
    let level = |(id, documents)| json!({ "orgIdentifier": id, "policies": named(documents) });
    case.levels(field).into_iter().map(level).collect()
}
