//! Policies with any number of statements, all about one action: the case in which knowing the action helps least.
//!
//! Plain statements name one function each. Statements with conditions name the functions whose names begin in one
//! way and end with the caller's name (a policy variable), and have three conditions that hold.

use std::fmt::Write as _;

/// The action of all statements and requests.
pub const ACTION: &str = "lambda:InvokeFunction";
/// The caller.
pub const CALLER: &str = "arn:aws:iam::111122223333:user/ana";
/// The caller's account.
pub const ACCOUNT: &str = "111122223333";
/// The caller's name.
pub const NAME: &str = "ana";
/// What the requests' conditions are about, by their keys.
pub const CONTEXT: [(&str, &str); 3] = [
    ("aws:PrincipalTag/team", "red"),
    ("aws:SourceIp", "192.0.2.17"),
    ("aws:CurrentTime", "2026-11-23T08:00:00Z"),
];

/// So many different requests are made in turn, so that no engine can learn one by heart.
const REQUESTS: usize = 16;
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:";
const CONDITIONS: &str = r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#;

/// One size and kind of policy, and requests that are all allowed or all not.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The number of statements.
    pub statements: usize,
    /// Whether they have conditions and a variable.
    pub conditions: bool,
    /// Whether the requests are allowed.
    pub hit: bool,
}

impl Scale {
    /// The beginning of the name of the function that a statement is about.
    pub fn prefix(number: usize) -> String {
        format!("orders-{number}")
    }

    /// The ARNs of the requests' resources, spread over all statements.
    pub fn resources(&self) -> Vec<String> {
        let spread = |request: usize| request * self.statements / REQUESTS;
        (0..REQUESTS)
            .map(|request| {
                let number = if self.hit { spread(request) } else { self.statements + request };
                let suffix = if self.conditions { format!("-{NAME}") } else { String::new() };
                format!("{FUNCTION}{}{suffix}", Self::prefix(number))
            })
            .collect()
    }

    /// The statements as one policy document.
    pub fn document(&self) -> String {
        let (suffix, conditions) = if self.conditions { ("-${aws:username}", CONDITIONS) } else { ("", "") };
        let mut text = String::from(r#"{"Version":"2012-10-17","Statement":["#);
        for number in 0..self.statements {
            let comma = if number == 0 { "" } else { "," };
            let name = Self::prefix(number);
            let _ = write!(
                text,
                r#"{comma}{{"Effect":"Allow","Action":"{ACTION}","Resource":"{FUNCTION}{name}{suffix}"{conditions}}}"#
            );
        }
        text + "]}"
    }

    /// The equivalent Cedar policies. A function belongs to the group of those whose names begin like its own, and
    /// what follows is an attribute, as Cedar has no variables in patterns.
    pub fn cedar(&self) -> String {
        let mut text = String::new();
        for number in 0..self.statements {
            let name = Self::prefix(number);
            let _ = match self.conditions {
                false => writeln!(
                    text,
                    r#"permit(principal, action == Action::"{ACTION}", resource == Function::"{FUNCTION}{name}");"#
                ),
                true => writeln!(
                    text,
                    r#"permit(principal, action == Action::"{ACTION}", resource in Group::"{FUNCTION}{name}")
                       when {{ resource.owner == principal.name && context.team == "red"
                       && context.sourceIp.isInRange(ip("192.0.2.0/24"))
                       && context.now < datetime("2030-01-01T00:00:00Z") }};"#
                ),
            };
        }
        text
    }
}
