//! `rolecall policy check`: one request, decided and explained.

use anyhow::{Result, anyhow, bail};
use clap::Args;
use rolecall_arn::AccountId;
use rolecall_policy::{
    Context, ContextValue, Decision, Explanation, Principal, Request, cases, decide, explain,
};
use serde::Serialize;

use super::documents;
use crate::cli::Output;
use crate::exit::Exit;
use crate::stdout;
use crate::why::printable;

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// Who asks: the ARN of a user, role, role session, federated user or account root, a service such as
    /// s3.amazonaws.com, or anonymous. The ARN of a session does not tell the path of its role: where a condition
    /// speaks of aws:PrincipalArn, give that in the context, or the role's ARN here.
    #[arg(long, value_name = "ARN")]
    pub principal: String,
    /// The IAM action, such as lambda:InvokeFunction.
    #[arg(long)]
    pub action: String,
    /// The ARN of the resource; * for an action that has none.
    #[arg(long, value_name = "ARN", default_value = "*")]
    pub resource: String,
    /// The account that owns the resource; else the account in the ARN, else the principal's.
    #[arg(long, value_name = "ACCOUNT")]
    pub resource_account: Option<AccountId>,
    /// Identity-based policies of the principal: files, or ARNs of managed policies of AWS. Can be repeated.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub policy: Vec<String>,
    /// A condition key with its value. Repeated for the same key, or written as a JSON list, it is multivalued:
    /// aws:TagKeys=["team"].
    #[arg(long, value_name = "KEY=VALUE")]
    pub context: Vec<String>,
    /// The policy of the resource; for sts actions on a role, its trust policy.
    #[arg(long, value_name = "FILE")]
    pub resource_policy: Option<String>,
    /// The permissions boundary of the principal. Each one that is given must allow.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub boundary: Vec<String>,
    /// A session policy. Several are united.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub session_policy: Vec<String>,
    /// The service control policies of one level of the organization, root first; each level must allow.
    #[arg(long, value_name = "FILE[,FILE...]")]
    pub scp: Vec<String>,
    /// The resource control policies of one level of the resource owner's organization, root first. Services that AWS
    /// does not list for them, such as lambda and iam, are not bound.
    #[arg(long, value_name = "FILE[,FILE...]")]
    pub rcp: Vec<String>,
    /// The policy of the VPC endpoint that the request comes through. Several are united.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub endpoint_policy: Vec<String>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// The answer for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    decision: &'static str,
    denied_by: Option<&'static str>,
    message: &'a str,
    explanation: &'a Explanation,
}

/// Decides the request and prints why.
pub(crate) fn run(options: &CheckOptions) -> Result<Exit> {
    let mut context = read_context(&options.context)?;
    let principal = match options.principal.as_str() {
        "anonymous" => Principal::Anonymous,
        text => cases::caller(text, &context)?,
    };
    principal.add_context_keys(&mut context);
    let resource = resource(options)?;
    let policies = documents::read_all(options, resource)?;
    let request = Request {
        principal: &principal,
        action: &options.action,
        resource,
        resource_account: options.resource_account,
        context: &context,
    };
    let layers = policies.layers();
    let decision = decide(&request, &layers);
    print(options.output, &decision, &explain(&request, &layers))?;
    Ok(if decision.is_allowed() { Exit::Done } else { Exit::Denied })
}

/// The resource that is asked about: `*` for an action that has none, whatever is given.
fn resource(options: &CheckOptions) -> Result<&str> {
    if !options.action.contains(':') {
        bail!(
            "'{}' is not an action; write it as service:Name, such as lambda:InvokeFunction",
            options.action
        );
    }
    if super::is_wildcard_only(&options.action) {
        return Ok("*");
    }
    if options.resource != "*" && options.resource.splitn(6, ':').count() < 6 {
        bail!("'{}' is not the ARN of a resource, nor *", options.resource);
    }
    Ok(&options.resource)
}

fn read_context(pairs: &[String]) -> Result<Context> {
    let mut context = Context::new();
    for pair in pairs {
        let (key, text) = pair
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| anyhow!("'{pair}' is not a condition key and its value; write KEY=VALUE"))?;
        let given = match text.starts_with('[').then(|| serde_json::from_str::<Vec<String>>(text)) {
            Some(Ok(values)) => ContextValue::Many(values),
            Some(Err(error)) => bail!("the value of {key} is not a JSON list of strings: {error}"),
            None => ContextValue::One(text.to_owned()),
        };
        let value = match context.remove(key) {
            Some(before) => ContextValue::Many([before.values(), given.values()].concat()),
            None => given,
        };
        context.set(key, value);
    }
    Ok(context)
}

fn print(output: Output, decision: &Decision, explanation: &Explanation) -> Result<()> {
    match output {
        Output::Text => stdout::write(&(printable(&explanation.to_string()) + "\n")),
        Output::Json => {
            let answer = Answer {
                decision: cases::decision_word(decision.effect()),
                denied_by: decision.denied_by().map(cases::layer_word),
                message: &explanation.message,
                explanation,
            };
            stdout::write_json(&answer)
        }
    }
}
