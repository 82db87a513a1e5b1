//! Draws policies and requests. All policies of a draw are written near one request, and the requests are near it too.

// Named by its path, because other tests draw their cases with this module, too.
#[path = "spoil.rs"]
mod spoil;

use rolecall_policy::{Context, Principal};
use serde_json::{Map, Value, json};

use crate::near;
use crate::random::Random;
use crate::scenario::{Asked, is_trust};
use crate::words::{self, CALLER_KEYS, Family, KEYS, OTHER, OWN, VARIABLES};

/// What kind of document is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    WithoutPrincipals,
    Resource,
    Trust,
    ResourceControl,
    Endpoint,
}

/// What AWS keeps to itself, asked for in ways that change it and in ways that do not.
const OF_AWS: &[(&str, &str)] = &[
    ("iam:DeletePolicy", "arn:aws:iam::aws:policy/AWSLambda_FullAccess"),
    ("iam:GetPolicy", "arn:aws:iam::aws:policy/AWSLambda_FullAccess"),
    ("iam:TagRole", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/admin"),
    ("iam:ListRolePolicies", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/admin"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::111122223333:role/aws-service-role/lambda.amazonaws.com/a"),
    ("iam:DeleteRole", "arn:aws:iam::111122223333:role/aws-service-role/lambda.amazonaws.com/a"),
];

/// A request that policies are written near.
pub(crate) fn asked(random: &mut Random) -> Asked {
    let principal = words::caller(random);
    let (action, resource) = *random.pick(&[
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:orders"),
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:orders:live"),
        ("lambda:GetFunction", "arn:aws:lambda:us-east-1:444455556666:function:ana-orders"),
        ("s3:GetObject", "arn:aws:s3:::bucket/ana/a:b?*.txt"),
        ("s3:PutObject", "arn:aws:s3:::bucket/${aws:username}/😀é\nend"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::bucket"),
        ("sqs:SetQueueAttributes", "arn:aws:sqs:us-east-1:111122223333:orders"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/app/deploy"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app/deploy"),
        ("sts:AssumeRole", "arn:aws:iam::444455556666:role/audit"),
        ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::111122223333:role/app/deploy"),
        ("sts:AssumeRoleWithSAML", "arn:aws:iam::444455556666:role/audit"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234"),
        ("lambda:ListFunctions", "*"),
        ("test:Action", "arn:aws:test:::thing/red"),
    ]);
    let action = match random.below(200) {
        0 => "sts:GetCallerIdentity",
        1 => "sts:GetSessionToken",
        _ => action,
    };
    let (action, resource) = if random.chance(3) { *random.pick(OF_AWS) } else { (action, resource) };
    let resource_account = random.chance(20).then(|| if random.chance(60) { OWN } else { OTHER });
    let mut context = Context::new();
    for (key, family, is_multivalued) in KEYS {
        if random.chance(55) {
            context.set(&near::respell(random, key), words::context_value(random, *family, *is_multivalued));
        }
    }
    if random.chance(20) {
        context.set("aws:FederatedProvider", *random.pick(words::PROVIDERS));
    }
    if matches!(principal, Principal::Root { .. }) && random.chance(40) {
        context.set("aws:AssumedRoot", *random.pick(&["true", "True", "false"]));
    }
    principal.add_context_keys(&mut context);
    Asked {
        principal,
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: resource_account.map(|account| account.parse().unwrap()),
        context,
    }
}

/// Another request near the first.
pub(crate) fn asked_near(random: &mut Random, base: &Asked) -> Asked {
    let other = asked(random);
    let mut near = base.clone();
    if random.chance(40) {
        near.context = other.context;
    }
    if random.chance(25) {
        near.principal = other.principal;
    }
    if random.chance(20) {
        near.action = near::slip(random, &base.action);
    }
    if random.chance(20) {
        near.resource = match base.resource.rsplit_once(':') {
            Some((before, last)) => format!("{before}:{}", near::slip(random, last)),
            None => base.resource.clone(),
        };
    }
    if random.chance(10) {
        near.resource_account = other.resource_account;
    }
    // What follows from the caller is that of the new caller.
    for (key, _) in CALLER_KEYS.iter().chain([&("aws:PrincipalServiceName", Family::Text)]) {
        near.context.remove(key);
    }
    near.principal.add_context_keys(&mut near.context);
    // A trust policy is asked about its role only.
    if is_trust(&base.action, &base.resource) != is_trust(&near.action, &near.resource) {
        near.action.clone_from(&base.action);
        near.resource.clone_from(&base.resource);
    }
    near
}

/// The policies of a case, in the case format. A layer that is not there does not apply.
pub(crate) fn policies(random: &mut Random, base: &Asked) -> Value {
    let mut fields = Map::new();
    let resource = if is_trust(&base.action, &base.resource) { Written::Trust } else { Written::Resource };
    let identity = documents(random, base, Written::WithoutPrincipals, 3);
    fields.insert("identityPolicies".to_owned(), identity.into());
    if random.chance(55) {
        fields.insert("resourcePolicy".to_owned(), document(random, base, resource));
    }
    for (field, percent) in [("permissionBoundaries", 20), ("sessionPolicy", 25)] {
        if random.chance(percent) {
            fields.insert(field.to_owned(), documents(random, base, Written::WithoutPrincipals, 2).into());
        }
    }
    if random.chance(15) {
        fields.insert("endpointPolicies".to_owned(), documents(random, base, Written::Endpoint, 2).into());
    }
    for (field, written) in [("scps", Written::WithoutPrincipals), ("rcps", Written::ResourceControl)] {
        if random.chance(18) {
            fields.insert(field.to_owned(), levels(random, base, written).into());
        }
    }
    Value::Object(fields)
}

fn levels(random: &mut Random, base: &Asked, written: Written) -> Vec<Value> {
    let count = if random.chance(4) { 0 } else { 1 + random.below(2) };
    (0..count)
        .map(|at| {
            let mut documents = documents(random, base, written, 2);
            if random.chance(70) {
                documents.push(full_access(written));
            }
            json!({ "id": format!("level{at}"), "policies": documents })
        })
        .collect()
}

fn full_access(written: Written) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    if written == Written::ResourceControl {
        statement["Principal"] = "*".into();
    }
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn documents(random: &mut Random, base: &Asked, written: Written, most: usize) -> Vec<Value> {
    let count = if random.chance(4) { 0 } else { 1 + random.below(most) };
    (0..count).map(|_| document(random, base, written)).collect()
}

fn document(random: &mut Random, base: &Asked, written: Written) -> Value {
    // The engine files statements by action in documents of some length, and by resource as well in longer ones.
    let count = match random.below(100) {
        0 => 9 + random.below(30),
        1..12 => 3 + random.below(6),
        _ => 1 + random.below(3),
    };
    let mut statements: Vec<Value> = (0..count).map(|_| statement(random, base, written)).collect();
    if random.chance(1) {
        spoil::statement(random, &mut statements[0]);
    }
    let mut document = Map::new();
    match random.below(10) {
        0 => {}
        1 => drop(document.insert("Version".to_owned(), "2008-10-17".into())),
        _ => drop(document.insert("Version".to_owned(), "2012-10-17".into())),
    }
    let one_alone = statements.len() == 1 && random.chance(50);
    let statements = if one_alone { statements.remove(0) } else { statements.into() };
    document.insert("Statement".to_owned(), statements);
    let document = Value::Object(document);
    if random.chance(1) { spoil::document(random, document) } else { document }
}

fn statement(random: &mut Random, base: &Asked, written: Written) -> Value {
    let mut statement = Map::new();
    let is_deny = random.chance(25);
    statement.insert("Effect".to_owned(), if is_deny { "Deny" } else { "Allow" }.into());
    if written != Written::WithoutPrincipals && !(written != Written::Trust && random.chance(3)) {
        let may_except = matches!(written, Written::Resource | Written::Endpoint);
        let name = if may_except && random.chance(15) { "NotPrincipal" } else { "Principal" };
        statement.insert(name.to_owned(), principals(random, base, written));
    }
    let name = if random.chance(12) { "NotAction" } else { "Action" };
    let patterns = few(random, |random| near::action_pattern(random, &base.action));
    statement.insert(name.to_owned(), patterns);
    let may_leave_out = written == Written::Resource && random.chance(10);
    if written != Written::Trust && !may_leave_out {
        let name = if random.chance(15) { "NotResource" } else { "Resource" };
        let patterns = few(random, |random| near::resource_pattern(random, &base.resource));
        statement.insert(name.to_owned(), patterns);
    }
    if random.chance(if is_deny { 70 } else { 40 }) {
        statement.insert("Condition".to_owned(), conditions(random, base));
    }
    Value::Object(statement)
}

/// One to three texts, one of them perhaps without brackets.
fn few(random: &mut Random, mut draw: impl FnMut(&mut Random) -> String) -> Value {
    if random.chance(50) {
        return draw(random).into();
    }
    let count = 1 + random.below(3);
    (0..count).map(|_| draw(random)).collect::<Vec<_>>().into()
}

fn principals(random: &mut Random, base: &Asked, written: Written) -> Value {
    match random.below(10) {
        0..=1 => return "*".into(),
        2..=3 => return json!({ "AWS": "*" }),
        _ if written == Written::ResourceControl => return "*".into(),
        _ => {}
    }
    let mut kinds = Map::new();
    if random.chance(85) {
        kinds.insert("AWS".to_owned(), few(random, |random| name_near(random, &base.principal)));
    }
    if random.chance(35) {
        let services = ["s3.amazonaws.com", "sns.amazonaws.com", "lambda.amazonaws.com", "S3.amazonaws.com"];
        kinds.insert("Service".to_owned(), few(random, |random| (*random.pick(&services)).to_owned()));
    }
    let is_federated = matches!(base.principal, Principal::Federated { .. });
    if kinds.is_empty() || random.chance(if is_federated { 60 } else { 8 }) {
        kinds.insert("Federated".to_owned(), few(random, |random| provider_near(random, &base.principal)));
    }
    if random.chance(3) {
        kinds.insert("CanonicalUser".to_owned(), "79a59d900b949e55d96a1e698fbacedf".into());
    }
    if random.chance(3) {
        return if random.chance(50) { json!({}) } else { json!({ "AWS": [] }) };
    }
    Value::Object(kinds)
}

fn provider_near(random: &mut Random, caller: &Principal) -> String {
    let name = match caller {
        Principal::Federated { provider, .. } if random.chance(60) => provider,
        _ => *random.pick(words::PROVIDERS),
    };
    match random.below(20) {
        0 => near::slip(random, name),
        1 => "*".to_owned(),
        _ => name.to_owned(),
    }
}

/// A name of the caller or of somebody like it.
fn name_near(random: &mut Random, caller: &Principal) -> String {
    let other = words::caller(random);
    let named = if random.chance(75) { caller } else { &other };
    let mut names = vec![OWN.to_owned(), format!("arn:aws:iam::{OTHER}:root")];
    if let Some(account) = named.account() {
        names.extend([account.to_string(), format!("arn:aws:iam::{account}:root")]);
    }
    match named {
        Principal::User { arn, id, .. } => names.extend([arn.to_string(), arn.to_string(), id.clone()]),
        Principal::RoleSession { role_arn, role_id, session_arn, .. } => {
            let without_path = role_arn.as_str().replace("role/app/", "role/");
            let path = *random.pick(&["role/app/", "role/app/team/", "role//"]);
            let with_path = without_path.replace("role/", path);
            names.extend([role_arn.to_string(), session_arn.to_string(), role_id.clone()]);
            names.extend([without_path, with_path]);
        }
        Principal::FederatedUser { arn, user_arn, user_id, .. } => {
            names.extend([arn.to_string(), user_arn.to_string(), user_id.clone()]);
        }
        Principal::Federated { provider, .. } => names.push(provider.clone()),
        _ => names.push("*".to_owned()),
    }
    let name = random.pick(&names).clone();
    if random.chance(8) { near::slip(random, &name) } else { name }
}

fn conditions(random: &mut Random, base: &Asked) -> Value {
    let mut operators = Map::new();
    for _ in 0..1 + random.below(2) {
        let (key, family) = if random.chance(25) {
            *random.pick(CALLER_KEYS)
        } else {
            let (key, family, _) = *random.pick(KEYS);
            (key, family)
        };
        let family_asked = match family {
            _ if random.chance(6) => *random.pick(&[Family::Text, Family::Number, Family::Bool, Family::Arn]),
            family => family,
        };
        let operator = operator(random, family_asked);
        let count = if random.chance(3) { 0 } else { 1 + random.below(3) };
        let values: Vec<Value> =
            (0..count).map(|_| value(random, base, &operator, key, family_asked)).collect();
        let values = if count == 1 && random.chance(60) { values[0].clone() } else { values.into() };
        let keys = operators.entry(operator).or_insert_with(|| json!({}));
        keys[near::respell(random, key)] = values;
    }
    Value::Object(operators)
}

fn operator(random: &mut Random, family: Family) -> String {
    let base = if random.chance(6) { "Null" } else { *random.pick(words::operators(family)) };
    let set = match random.below(10) {
        0..=1 => "ForAllValues:",
        2..=3 => "ForAnyValue:",
        _ => "",
    };
    let suffix = if base != "Null" && random.chance(20) { "IfExists" } else { "" };
    match random.below(50) {
        0 => (*random.pick(words::UNKNOWN_OPERATORS)).to_owned(),
        1..=2 => near::respell(random, &format!("{set}{base}{suffix}")),
        _ => format!("{set}{base}{suffix}"),
    }
}

/// A value of a condition: often the request's own, or near it.
fn value(random: &mut Random, base: &Asked, operator: &str, key: &str, family: Family) -> Value {
    if operator.to_ascii_lowercase().ends_with("null") {
        return random
            .pick(&[json!("true"), json!("false"), json!(true), json!("TRUE"), json!("yes")])
            .clone();
    }
    let requested = base.context.get(key).and_then(|value| value.values().first());
    let drawn = (*random.pick(words::values(family))).to_owned();
    let text = match (requested, random.below(10)) {
        (Some(requested), 0..=3) => requested.clone(),
        (Some(requested), 4) => near::pattern(random, requested),
        (_, 5) if family == Family::Text => (*random.pick(VARIABLES)).to_owned(),
        _ => drawn,
    };
    match (family, text.as_str()) {
        (Family::Bool, "true") if random.chance(50) => true.into(),
        (Family::Number, "2") if random.chance(50) => 2.into(),
        _ => text.into(),
    }
}
