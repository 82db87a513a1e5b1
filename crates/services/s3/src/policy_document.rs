//! What S3 demands of a bucket policy when it is written, beyond what every policy must be.
//!
//! That the principals exist is looked up where the policy is stored.

use rolecall_policy::PolicyKind;
use serde_json::{Map, Value};

use crate::error::S3Error;

/// The largest bucket policy in bytes.
const MAX_BYTES: usize = 20 * 1024;

/// Checks the text of a policy for the bucket.
pub(crate) fn check(text: &str, bucket: &str) -> Result<(), S3Error> {
    if text.len() > MAX_BYTES {
        return Err(malformed("Policy exceeds the maximum allowed document size."));
    }
    let document = match serde_json::from_str(text) {
        Ok(Value::Object(document)) => document,
        _ => return Err(malformed("Policies must be valid JSON and the first byte must be '{'")),
    };
    check_version(&document)?;
    for statement in statements(&document)? {
        check_statement(statement, bucket)?;
    }
    rolecall_policy::validate(PolicyKind::Resource, text).map_err(|error| malformed(&error.to_string()))
}

fn malformed(words: &str) -> S3Error {
    S3Error::MalformedPolicy(words.to_owned())
}

fn check_version(document: &Map<String, Value>) -> Result<(), S3Error> {
    match document.get("Version").map(Value::as_str) {
        None | Some(Some("2012-10-17" | "2008-10-17")) => Ok(()),
        Some(_) => Err(malformed("The policy must contain a valid version string")),
    }
}

fn statements(document: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, S3Error> {
    let statements = match document.get("Statement") {
        None => return Err(malformed("Missing required field Statement")),
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
    };
    if statements.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    let objects = statements.into_iter().map(Value::as_object).collect::<Option<_>>();
    objects.ok_or_else(|| malformed("Could not parse the policy: a statement is not an object"))
}

fn check_statement(statement: &Map<String, Value>, bucket: &str) -> Result<(), S3Error> {
    for (field, other) in [
        ("Effect", "Effect"),
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
    ] {
        if !statement.contains_key(field) && !statement.contains_key(other) {
            return Err(malformed(&format!("Missing required field {field}")));
        }
    }
    check_principals(statement)?;
    let actions = texts(statement.get("Action"));
    let resources = texts(statement.get("Resource"));
    if !actions.iter().chain(&texts(statement.get("NotAction"))).all(|action| is_action(action)) {
        return Err(malformed("Policy has invalid action"));
    }
    let all_resources = resources.iter().copied().chain(texts(statement.get("NotResource")));
    let targets = all_resources.map(|resource| Target::of(resource, bucket)).collect::<Option<Vec<_>>>();
    let targets = targets.ok_or_else(|| malformed("Policy has invalid resource"))?;
    if !resources.is_empty() && !actions.iter().all(|action| applies(action, &targets)) {
        return Err(malformed("Action does not apply to any resource(s) in statement"));
    }
    Ok(())
}

/// Canonical users cannot be told apart here, and a principal that never matches would make a Deny void.
fn check_principals(statement: &Map<String, Value>) -> Result<(), S3Error> {
    for element in ["Principal", "NotPrincipal"] {
        if let Some(users) = statement.get(element).and_then(|principal| principal.get("CanonicalUser")) {
            return Err(S3Error::InvalidPrincipal(format!("\"CanonicalUser\" : {users}")));
        }
    }
    Ok(())
}

/// The strings of an element that is one or a list of them. What else is in it, the policy engine refuses.
fn texts(element: Option<&Value>) -> Vec<&str> {
    match element {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// An action of S3, or a pattern of such.
fn is_action(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return action == "*" };
    service.eq_ignore_ascii_case("s3")
        && (name.contains(['*', '?']) || rolecall_catalog::action(action).is_some())
}

/// What a resource of a bucket policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Bucket,
    Objects,
    /// A pattern such as `bucket*`, which is about both.
    Both,
}

impl Target {
    /// What the resource is about; none where it is not in the bucket.
    fn of(resource: &str, bucket: &str) -> Option<Self> {
        let path = resource.strip_prefix("arn:aws:s3:::")?;
        match path.split_once('/') {
            Some((name, _)) => matches(name, bucket).then_some(Target::Objects),
            None if path.ends_with('*') => matches(path, bucket).then_some(Target::Both),
            None => matches(path, bucket).then_some(Target::Bucket),
        }
    }
}

/// Whether a concrete action has something to apply to. Patterns always do.
fn applies(action: &str, targets: &[Target]) -> bool {
    let Some(known) = rolecall_catalog::action(action) else { return true };
    let is = |name: &str| known.resource_types.iter().any(|kind| kind.name == name);
    targets.iter().any(|target| match target {
        Target::Both => is("object") || is("bucket"),
        Target::Objects => is("object"),
        Target::Bucket => is("bucket"),
    })
}

/// Whether the pattern, with `*` and `?`, covers the bucket's name.
fn matches(pattern: &str, name: &str) -> bool {
    let (mut patterns, mut names) = (pattern.as_bytes(), name.as_bytes());
    let mut retry: Option<(&[u8], &[u8])> = None;
    while let [first, rest @ ..] = names {
        match patterns {
            [b'*', after @ ..] => {
                retry = Some((after, names));
                patterns = after;
            }
            [wanted, after @ ..] if wanted == first || *wanted == b'?' => (patterns, names) = (after, rest),
            _ => match retry {
                Some((after, [_, shorter @ ..])) => {
                    retry = Some((after, shorter));
                    (patterns, names) = (after, shorter);
                }
                _ => return false,
            },
        }
    }
    patterns.iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(principal: &str, action: &str, resource: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
                "Action":{action},"Resource":{resource}}}]}}"#
        )
    }

    #[test]
    fn policies_for_the_bucket_are_taken() {
        for (action, resource) in [
            (r#""s3:GetObject""#, r#""arn:aws:s3:::b1/*""#),
            (r#""s3:ListBucket""#, r#""arn:aws:s3:::b1""#),
            (
                r#"["s3:GetObject","s3:ListBucket"]"#,
                r#"["arn:aws:s3:::b1","arn:aws:s3:::b1/home/${aws:username}/*"]"#,
            ),
            (r#""s3:*""#, r#""arn:aws:s3:::b1""#),
            (r#"["s3:GetObject","s3:ListBucket"]"#, r#""arn:aws:s3:::b1*""#),
            (r#""*""#, r#""arn:aws:s3:::b1/x""#),
        ] {
            let policy = with(r#""*""#, action, resource);
            assert_eq!(check(&policy, "b1"), Ok(()), "{policy}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_s3s_words() {
        let cases = [
            ("no".to_owned(), "Policies must be valid JSON and the first byte must be '{'"),
            ("[]".to_owned(), "Policies must be valid JSON and the first byte must be '{'"),
            ("{}".to_owned(), "Missing required field Statement"),
            (r#"{"Statement":[]}"#.to_owned(), "Could not parse the policy: Statement is empty!"),
            (
                r#"{"Version":"2020-01-01","Statement":[]}"#.to_owned(),
                "The policy must contain a valid version string",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b1/*"}}"#
                    .to_owned(),
                "Missing required field Principal",
            ),
            (with(r#""*""#, r#""s3:GetObject""#, r#""arn:aws:s3:::b2/*""#), "Policy has invalid resource"),
            (with(r#""*""#, r#""s3:GetObject""#, r#""*""#), "Policy has invalid resource"),
            (with(r#""*""#, r#""s3:GetObject""#, r#""b1/*""#), "Policy has invalid resource"),
            (with(r#""*""#, r#""ec2:RunInstances""#, r#""arn:aws:s3:::b1/*""#), "Policy has invalid action"),
            (with(r#""*""#, r#""s3:NoSuchAction""#, r#""arn:aws:s3:::b1/*""#), "Policy has invalid action"),
            (
                with(r#""*""#, r#""s3:GetObject""#, r#""arn:aws:s3:::b1""#),
                "Action does not apply to any resource(s) in statement",
            ),
            (
                with(r#""*""#, r#""s3:ListBucket""#, r#""arn:aws:s3:::b1/*""#),
                "Action does not apply to any resource(s) in statement",
            ),
            (
                with(r#"{"CanonicalUser":"x"}"#, r#""s3:GetObject""#, r#""arn:aws:s3:::b1/*""#),
                "Invalid principal in policy",
            ),
            (" ".repeat(MAX_BYTES + 1), "Policy exceeds the maximum allowed document size."),
        ];
        for (policy, words) in cases {
            assert_eq!(check(&policy, "b1").unwrap_err().to_string(), words, "{policy}");
        }
        assert!(check(&with(r#""me""#, r#""s3:GetObject""#, r#""arn:aws:s3:::b1/*""#), "b1").is_err());
    }

    #[test]
    fn a_pattern_covers_what_it_should() {
        for (pattern, name, expected) in [
            ("b", "b", true),
            ("b", "bb", false),
            ("b*", "bb", true),
            ("*b", "abab", true),
            ("?", "b", true),
            ("a*c", "ab", false),
            ("", "b", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
