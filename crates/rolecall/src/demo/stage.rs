//! Where the story is played: actors, steps, and what is printed of each.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::Method;
use rolecall_authority::DecisionRecord;
use rolecall_policy::{Effect, StatementRecord};
use serde_json::{Value, json};

use super::{ACCOUNT, code};
use crate::client::{Answer, Client, Identity};
use crate::exit::Exit;
use crate::why;

/// What a step should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Allowed,
    Denied,
    /// Refused with this error code, for another reason than a denial of the step's own action.
    Refused(&'static str),
}

/// Somebody with a key.
#[derive(Clone)]
pub(super) struct Actor {
    pub name: String,
    pub client: Client,
}

/// The stage.
pub(super) struct Stage {
    pub admin: Client,
    /// The administrators who may read explanations: a decision is told to the accounts that had a part in it.
    readers: Vec<Client>,
    /// The Python runtime of this machine.
    pub python: String,
    json: bool,
    scene: String,
    steps: usize,
    unexpected: usize,
}

impl Stage {
    pub(super) fn new(admin: Client, python: String, json: bool) -> Self {
        let readers = vec![admin.clone()];
        Stage { admin, readers, python, json, scene: String::new(), steps: 0, unexpected: 0 }
    }

    /// Prints a remark.
    pub(super) fn say(&self, text: &str) {
        if !self.json {
            println!("   {text}");
        }
    }

    /// Prints something that was found, and notes whether it is as it should be.
    pub(super) fn found(&mut self, text: &str, is_as_it_should_be: bool) {
        self.steps += 1;
        self.unexpected += usize::from(!is_as_it_should_be);
        if self.json {
            println!("{}", json!({"scene": self.scene, "found": text, "asExpected": is_as_it_should_be}));
        } else {
            println!(" {} {text}", if is_as_it_should_be { ' ' } else { '!' });
        }
    }

    /// Begins a scene.
    pub(super) fn scene(&mut self, title: &str) {
        self.scene = title.to_owned();
        if !self.json {
            println!("\n{title}");
        }
    }

    /// Prints one step with the decisions that were made in it, and notes whether it went as it should.
    pub(super) async fn step(
        &mut self,
        actor: &Actor,
        what: &str,
        expected: Expected,
        answer: Result<Answer>,
    ) -> Result<Answer> {
        let answer = answer?;
        let mut records = Vec::new();
        for id in &answer.decisions {
            records.push(self.decision(id).await?);
        }
        let good = is_as_expected(expected, &answer, &records);
        self.steps += 1;
        self.unexpected += usize::from(!good);
        if self.json {
            println!("{}", self.step_as_json(actor, what, good, &answer, &records));
        } else {
            print_step(actor, what, good, &answer, &records);
        }
        Ok(answer)
    }

    /// The explanation of a decision. Of one between two accounts each reads its own side; the audience sees both.
    async fn decision(&self, id: &str) -> Result<DecisionRecord> {
        let mut whole: Option<DecisionRecord> = None;
        let mut failure = None;
        for reader in &self.readers {
            match (why::fetch(reader, id).await, &mut whole) {
                (Ok(side), Some(whole)) => add_side(whole, side),
                (Ok(side), None) => whole = Some(side),
                (Err(error), _) => failure = Some(error),
            }
        }
        whole.ok_or_else(|| failure.unwrap_or_else(|| anyhow::anyhow!("nobody may read decision {id}")))
    }

    /// Lets the explanations be read by another account's administrator too.
    pub(super) fn add_reader(&mut self, administrator: &Actor) {
        self.readers.push(administrator.client.clone());
    }

    fn step_as_json(
        &self,
        actor: &Actor,
        what: &str,
        good: bool,
        answer: &Answer,
        records: &[DecisionRecord],
    ) -> Value {
        json!({
            "scene": self.scene, "actor": actor.name, "step": what, "status": answer.status.as_u16(),
            "asExpected": good, "decisions": records,
        })
    }

    /// Says how it went.
    pub(super) fn end(&self) -> Exit {
        if !self.json {
            println!("\n{} steps, {} not as expected", self.steps, self.unexpected);
        }
        if self.unexpected == 0 { Exit::Done } else { Exit::Unexpected }
    }

    /// The administrator as an actor.
    pub(super) fn administrator(&self) -> Actor {
        Actor { name: "admin".to_owned(), client: self.admin.clone() }
    }

    /// Does something behind the scenes, as the administrator; it has to succeed.
    pub(super) async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Answer> {
        must(action, self.admin.iam(action, parameters).await?)
    }

    /// A new user with a key, made by `admin` (the administrator of the account), and one inline policy.
    pub(super) async fn user(&self, admin: &Client, name: &str, policy: Option<&Value>) -> Result<Actor> {
        must("CreateUser", admin.iam("CreateUser", &[("UserName", name)]).await?)?;
        if let Some(policy) = policy {
            self.put_user_policy(admin, name, policy).await?;
        }
        let key = must("CreateAccessKey", admin.iam("CreateAccessKey", &[("UserName", name)]).await?)?;
        let identity = Identity {
            access_key_id: key.element("AccessKeyId").context("an access key")?,
            secret_access_key: key.element("SecretAccessKey").context("a secret")?,
            session_token: None,
        };
        Ok(Actor { name: name.to_owned(), client: admin.with_identity(identity) })
    }

    /// Gives a user its inline policy.
    pub(super) async fn put_user_policy(&self, admin: &Client, name: &str, policy: &Value) -> Result<()> {
        let policy = policy.to_string();
        let parameters = [("UserName", name), ("PolicyName", "own"), ("PolicyDocument", policy.as_str())];
        must("PutUserPolicy", admin.iam("PutUserPolicy", &parameters).await?).map(|_| ())
    }

    /// A new role that the principal may assume; its ARN.
    pub(super) async fn role(&self, name: &str, principal: &Value) -> Result<String> {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        });
        self.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &trust.to_string())])
            .await?;
        Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
    }

    /// A new role that Lambda may assume, with the managed policies; its ARN.
    pub(super) async fn execution_role(&self, name: &str, policies: &[&str]) -> Result<String> {
        let arn = self.role(name, &json!({"Service": "lambda.amazonaws.com"})).await?;
        for policy in policies {
            let policy = format!("arn:aws:iam::aws:policy/{policy}");
            self.iam("AttachRolePolicy", &[("RoleName", name), ("PolicyArn", &policy)]).await?;
        }
        Ok(arn)
    }

    /// A session of the role for the actor.
    pub(super) async fn assume(&self, actor: &Actor, role: &str, policy: Option<&Value>) -> Result<Actor> {
        let policy = policy.map(Value::to_string);
        let mut parameters = vec![("RoleArn", role), ("RoleSessionName", actor.name.as_str())];
        if let Some(policy) = &policy {
            parameters.push(("Policy", policy));
        }
        let answer = must("AssumeRole", actor.client.sts("AssumeRole", &parameters).await?)?;
        let identity = Identity {
            access_key_id: answer.element("AccessKeyId").context("an access key")?,
            secret_access_key: answer.element("SecretAccessKey").context("a secret")?,
            session_token: Some(answer.element("SessionToken").context("a session token")?),
        };
        let role_name = role.rsplit('/').next().unwrap_or(role);
        Ok(Actor {
            name: format!("{role_name}/{}", actor.name),
            client: actor.client.with_identity(identity),
        })
    }

    /// What CreateFunction is called with.
    pub(super) fn function(
        &self,
        name: &str,
        role: &str,
        source: &str,
        layers: Option<&[&str]>,
    ) -> Result<Value> {
        let zip = data_encoding::BASE64.encode(&code::zip("main.py", source)?);
        let mut input = json!({
            "FunctionName": name, "Role": role, "Runtime": self.python, "Handler": "main.handler",
            "Code": {"ZipFile": zip}, "Timeout": 20,
        });
        if let (Some(layers), Some(input)) = (layers, input.as_object_mut()) {
            input.insert("Layers".to_owned(), json!(layers));
        }
        Ok(input)
    }

    /// Makes a function behind the scenes and waits until it is active.
    pub(super) async fn active_function(&self, name: &str, role: &str, source: &str) -> Result<()> {
        let input = self.function(name, role, source, None)?;
        must("CreateFunction", self.admin.lambda(Method::POST, "functions", input).await?)?;
        self.wait_until_active(name).await
    }

    /// Waits until the function is active.
    pub(super) async fn wait_until_active(&self, name: &str) -> Result<()> {
        for _ in 0..200 {
            let path = format!("functions/{name}/configuration");
            let answer = self.admin.lambda(Method::GET, &path, Value::Null).await?;
            let is_updating = answer.member("LastUpdateStatus").as_deref() == Some("InProgress");
            if answer.member("State").as_deref() == Some("Active") && !is_updating {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the function {name} did not become active")
    }
}

/// The answer, if it is a success.
pub(super) fn must(what: &str, answer: Answer) -> Result<Answer> {
    if !answer.status.is_success() {
        bail!("{what} failed behind the scenes: {} {}", answer.status, answer.text());
    }
    Ok(answer)
}

/// Adds what the other account's side shows of the same decision.
fn add_side(whole: &mut DecisionRecord, side: DecisionRecord) {
    let (whole, side) = (&mut whole.explanation, side.explanation);
    for part in side.layers {
        if !whole.layers.contains(&part) {
            whole.layers.push(part);
        }
    }
    for statement in side.determining {
        if !whole.determining.contains(&statement) {
            whole.determining.push(statement);
        }
    }
    if whole.denied_by.is_none() && side.denied_by.is_some() {
        (whole.denied_by, whole.effect) = (side.denied_by, side.effect);
        (whole.message, whole.missing) = (side.message, side.missing);
    }
}

fn is_as_expected(expected: Expected, answer: &Answer, records: &[DecisionRecord]) -> bool {
    let is_denied = records.iter().any(|record| record.explanation.effect != Effect::Allowed);
    match expected {
        Expected::Allowed => answer.status.is_success() && !is_denied,
        Expected::Denied => !answer.status.is_success() && is_denied,
        Expected::Refused(code) => !answer.status.is_success() && answer.text().contains(code),
    }
}

fn print_step(actor: &Actor, what: &str, good: bool, answer: &Answer, records: &[DecisionRecord]) {
    let mark = if good { ' ' } else { '!' };
    let outcome = if answer.status.is_success() { "done" } else { "refused" };
    println!(" {mark} {} {what}: {outcome} ({})", actor.name, answer.status.as_u16());
    for record in records {
        let explanation = &record.explanation;
        let request = &explanation.request;
        let word = if explanation.effect == Effect::Allowed { "allowed" } else { "DENIED " };
        println!("     {word} {} on {}", request.action, request.resource);
        for statement in &explanation.determining {
            println!("             by {}", statement_in_words(statement));
        }
        if explanation.effect != Effect::Allowed {
            println!("             {}", explanation.message);
            println!("             rolecall why {}", record.id);
        }
    }
    if records.is_empty() && !answer.status.is_success() {
        println!("             {}", answer.text().trim());
    }
}

fn statement_in_words(statement: &StatementRecord) -> String {
    let name =
        statement.sid.as_ref().map_or_else(|| format!("#{}", statement.index), |sid| format!("'{sid}'"));
    format!("statement {name} of {} ({:?})", statement.policy, statement.layer)
}
