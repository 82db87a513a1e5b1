//! Which statements of a policy can be about an action. A decision looks only at those, so that it costs the same in a
//! policy with a thousand statements for other services.

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::pattern::{Pattern, QUESTION, STAR, Unit};
use crate::statement::Statement;

/// Up to this many statements are looked at one by one: hashing the action costs more.
const SMALL: usize = 4;

type Bucket = SmallVec<[u32; 4]>;

/// Statement numbers by what their actions begin with. Each statement is in one place for each action.
#[derive(Debug)]
pub(crate) enum ActionIndex {
    /// Too few statements to be worth it.
    All,
    Buckets {
        /// By whole lower-case action: statements whose every pattern for the service is exact.
        exact: HashMap<Box<str>, Bucket, foldhash::fast::FixedState>,
        /// By lower-case service: statements with a wildcard after the colon.
        service: HashMap<Box<str>, Bucket, foldhash::fast::FixedState>,
        /// `NotAction`, and wildcards before the colon.
        any: Bucket,
    },
}

/// Where a pattern belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Exact(Box<str>),
    Service(Box<str>),
    Any,
}

impl ActionIndex {
    pub(crate) fn build(statements: &[Statement]) -> Self {
        if statements.len() <= SMALL {
            return ActionIndex::All;
        }
        let (mut exact, mut service, mut any) = (HashMap::default(), HashMap::default(), Bucket::new());
        for (number, statement) in (0_u32..).zip(statements) {
            for place in places(statement) {
                let bucket: &mut Bucket = match place {
                    Place::Exact(action) => exact.entry(action).or_default(),
                    Place::Service(name) => service.entry(name).or_default(),
                    Place::Any => &mut any,
                };
                bucket.push(number);
            }
        }
        ActionIndex::Buckets { exact, service, any }
    }

    /// The statements that can be about a lower-case action, in their order.
    pub(crate) fn candidates<'a>(&self, statements: &'a [Statement], action: &str) -> Candidates<'a> {
        let ActionIndex::Buckets { exact, service, any } = self else {
            return Candidates::All(statements.iter());
        };
        let service_name = action.split(':').next().unwrap_or_default();
        let mut numbers: SmallVec<[u32; 16]> = any.iter().copied().collect();
        numbers.extend(exact.get(action).into_iter().flatten().copied());
        numbers.extend(service.get(service_name).into_iter().flatten().copied());
        numbers.sort_unstable();
        Candidates::Some(statements, numbers.into_iter())
    }
}

/// The statements to look at.
pub(crate) enum Candidates<'a> {
    All(std::slice::Iter<'a, Statement>),
    Some(&'a [Statement], smallvec::IntoIter<[u32; 16]>),
}

impl<'a> Iterator for Candidates<'a> {
    type Item = &'a Statement;

    fn next(&mut self) -> Option<&'a Statement> {
        match self {
            Candidates::All(statements) => statements.next(),
            Candidates::Some(statements, numbers) => statements.get(usize::try_from(numbers.next()?).ok()?),
        }
    }
}

/// All places of a statement, the narrower ones left out where a wider one covers them.
fn places(statement: &Statement) -> Vec<Place> {
    if statement.actions.negated {
        return vec![Place::Any];
    }
    let mut places: Vec<Place> = Vec::new();
    for pattern in &statement.actions.patterns {
        let place = place(pattern);
        if place == Place::Any {
            return vec![Place::Any];
        }
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let covered = |action: &str| {
        let service = action.split(':').next().unwrap_or_default();
        places.iter().any(|place| matches!(place, Place::Service(name) if **name == *service))
    };
    let kept = |place: &&Place| !matches!(place, Place::Exact(action) if covered(action));
    places.iter().filter(kept).cloned().collect()
}

fn place(pattern: &Pattern) -> Place {
    let service =
        |text: &str| text.split_once(':').map_or(Place::Any, |(service, _)| Place::Service(service.into()));
    match pattern {
        Pattern::Any => Place::Any,
        Pattern::Exact(action) => Place::Exact(action.clone()),
        Pattern::Prefix(prefix) => service(prefix),
        Pattern::Glob(units) => {
            let literal = |unit: &&Unit| **unit != STAR && **unit != QUESTION;
            let start: Vec<Unit> = units.iter().take_while(literal).copied().collect();
            service(&crate::pattern::text_of(&start))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Body;
    use crate::{Policy, PolicyKind, PolicySource};

    #[test]
    fn every_statement_about_an_action_is_a_candidate_once() {
        let actions = [
            r#"["lambda:InvokeFunction", "lambda:Get*", "s3:GetObject"]"#,
            r#"["LAMBDA:invokefunction", "lambda:InvokeFunction"]"#,
            r#"["*", "lambda:*", "lambda:InvokeFunction"]"#,
            r#"["la*:Invoke*", "lambda:I*"]"#,
            r#"["s3:*", "iam:PassRole"]"#,
            r#"["lambda:?nvokeFunction", "*:InvokeFunction"]"#,
        ];
        let statement = |list: &&str| format!(r#"{{"Effect":"Allow","Action":{list},"Resource":"*"}}"#);
        let mut statements: Vec<String> = actions.iter().map(statement).collect();
        statements
            .push(r#"{"Effect":"Deny","NotAction":["iam:*","lambda:InvokeFunction"],"Resource":"*"}"#.into());
        let text = format!(r#"{{"Statement":[{}]}}"#, statements.join(","));
        let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline("p"), &text).unwrap();
        let Body::Compiled { statements, index } = policy.body() else { panic!("the policy is compiled") };
        for (action, least) in [
            ("lambda:invokefunction", vec![0, 1, 2, 3, 5]),
            ("lambda:getfunction", vec![0, 2, 6]),
            ("iam:passrole", vec![2, 4]),
            ("s3:getobject", vec![0, 2, 4, 6]),
            ("sqs:sendmessage", vec![2, 6]),
        ] {
            let found: Vec<usize> =
                index.candidates(statements, action).map(|statement| statement.index).collect();
            assert!(found.is_sorted_by(|one, next| one < next), "{action}: {found:?}");
            let matching: Vec<usize> = statements
                .iter()
                .filter(|statement| statement.actions.matches(action))
                .map(|statement| statement.index)
                .collect();
            assert_eq!(matching, least, "{action}");
            assert!(least.iter().all(|index| found.contains(index)), "{action}: {found:?}");
        }
    }
}
