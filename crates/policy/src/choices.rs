//! Where sources disagree about what AWS does, or are silent: the side that this engine takes, and why. The rows are
//! those of reference iam.md 8 that concern deciding and validating, and those of our own. Each names cases of
//! `tests/cases` that show it, and a test sees to it that they are there.
//!
//! ```
//! use rolecall_policy::choices::CHOICES;
//!
//! let about_variables = CHOICES.iter().filter(|choice| choice.topic.contains("variable"));
//! assert!(about_variables.count() > 2);
//! ```

/// One disagreement and what was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What it is about.
    pub topic: &'static str,
    /// What the engine does.
    pub choice: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Cases that would come out differently otherwise, as `file/id`. Empty where only documents show it.
    pub cases: &'static [&'static str],
}

/// All choices.
pub const CHOICES: &[Choice] = &[
    Choice {
        topic: "services and `Principal: \"*\"` in a resource policy",
        choice: "An Allow for `*` lets services in, a Deny to `*` catches them; in a trust policy a service must be named.",
        reason: "`*` lets in even those who do not sign, so it cannot keep a service out; queue policies that let SNS and \
                 S3 in by `*` and aws:SourceArn are common and work, and AWS has every Deny to `*` except services by \
                 aws:PrincipalIsAWSService. Trust policies: reference iam.md 5.6.",
        cases: &[
            "principals/\"*\" lets in a service",
            "principals/a Deny to \"*\" catches a service",
            "trust/a service is not everyone",
        ],
    },
    Choice {
        topic: "identity providers and `*` or the account in a trust policy",
        choice: "Only `Federated` with the provider lets in; a Deny to `*` or to the provider's account catches.",
        reason: "Recorded for `{\"AWS\": \"*\"}` (reference iam.md 1.5.1); a Deny is read against the caller.",
        cases: &[
            "web-identity/a provider is not everyone",
            "web-identity/a Deny to the account of the provider",
        ],
    },
    Choice {
        topic: "`Federated` in the policy of a resource",
        choice: "An Allow names no session; a Deny catches the sessions that aws:FederatedProvider says came from there.",
        reason: "Lambda: such principals match no IAM caller (reference lambda.md 2.7-12). A Deny is read against the caller.",
        cases: &[
            "principals/an Allow to a provider lets no session in",
            "principals/a Deny to a provider catches the sessions that came from it",
        ],
    },
    Choice {
        topic: "a canonical user whose account is not known",
        choice: "An Allow lets nobody in; a Deny catches every account.",
        reason: "Only S3 can tell which account it is; `Policy::with_canonical_users` puts the account in its place.",
        cases: &["principals/a Deny to a canonical user whom nobody can tell catches every account"],
    },
    Choice {
        topic: "Principal and NotPrincipal that name nobody",
        choice: "Refused when written. In a stored document an Allow lets nobody in, and a Deny catches nobody with \
                 Principal and everybody with NotPrincipal.",
        reason: "As a statement without either is about nobody (reference iam.md 1.5.2); what NotPrincipal would let in \
                 by mistake stays out.",
        cases: &[
            "principals/an Allow with an empty NotPrincipal lets nobody in",
            "principals/a Deny to an empty Principal catches nobody",
        ],
    },
    Choice {
        topic: "a session ARN in a resource policy and a silent session policy",
        choice: "The session policy does not limit the grant.",
        reason: "The IAM User Guide says so; one third party says otherwise.",
        cases: &["same-account/a grant to the role session with a silent session policy"],
    },
    Choice {
        topic: "a variable without value under a negated operator",
        choice: "The operator holds.",
        reason: "The newer guide and recordings.",
        cases: &["variables/an unresolved variable satisfies a negated operator"],
    },
    Choice {
        topic: "a variable without value in NotResource",
        choice: "The statement is about no resource.",
        reason: "The newer guide; not recorded.",
        cases: &[
            "variables/NotResource with a variable without value matches nothing",
            "variables/a Deny with NotResource and a variable without value matches nothing",
        ],
    },
    Choice {
        topic: "where a variable ends, and a quote inside a default",
        choice: "The first closing brace ends it; a default that has a quote makes the variable malformed.",
        reason: "The guide shows no way to write either in a default, and what is malformed has no value.",
        cases: &[
            "variables/the first brace ends a variable, also inside a default",
            "variables/two quotes inside a default do not stand for one",
        ],
    },
    Choice {
        topic: "ForAllValues and an empty text",
        choice: "An empty text is a value; only an absent key and an empty list are the empty set.",
        reason: "Recorded; the guide says otherwise.",
        cases: &["condition-sets/an empty string is a value for ForAllValues"],
    },
    Choice {
        topic: "an empty list of values in a policy",
        choice: "A positive operator never holds, a negated one always does.",
        reason: "Access Analyzer's notes contradict each other; this is what the words of the operators mean.",
        cases: &[
            "condition-sets/no policy values: a positive operator never holds",
            "condition-sets/no policy values: a negated operator holds",
            "condition-sets/no policy values: ForAnyValue with a negated operator holds for any value",
            "condition-sets/no policy values: ForAllValues with a negated operator holds",
        ],
    },
    Choice {
        topic: "variables under Bool",
        choice: "They are text, and so false.",
        reason: "The variables page and Access Analyzer say no; the operator page says yes.",
        cases: &["grammar/a variable under Bool: ${aws:PrincipalTag/b}"],
    },
    Choice {
        topic: "upper case in the first five components of a resource",
        choice: "Another ARN.",
        reason: "Nothing real depends on it; the stricter reading.",
        cases: &["grammar/the resource arn:AWS:s3:::b/a and arn:aws:s3:::b/a"],
    },
    Choice {
        topic: "a star in an early component of a resource",
        choice: "It does not cross a colon; only the last component has colons.",
        reason: "As the ARN operators do; not documented for resources.",
        cases: &[
            "grammar/the resource arn:aws:s3:*:b/a and arn:aws:s3:::b/a",
            "actions-and-resources/a star does not cross components",
        ],
    },
    Choice {
        topic: "`${*}` in a document of 2008",
        choice: "Plain text, in which the star is a wildcard as everywhere.",
        reason: "There are no variables in this version, and wildcards are the same in both.",
        cases: &["variables/a star between braces is a wildcard in a document of 2008"],
    },
    Choice {
        topic: "NotResource with an ARN that can name nothing",
        choice: "A Deny is about everything, an Allow about nothing.",
        reason: "Nobody can tell what was to be left out, and this reading denies.",
        cases: &[
            "actions-and-resources/a Deny to all but what cannot be named",
            "actions-and-resources/an Allow to all but what cannot be named",
        ],
    },
    Choice {
        topic: "a member that is written twice",
        choice: "The document is no policy.",
        reason: "The guide forbids it and readers differ in which of the two they keep; one that is stored denies.",
        cases: &[],
    },
    Choice {
        topic: "tag keys that differ in case only",
        choice: "The last counts.",
        reason: "AWS is not stable here.",
        cases: &["grammar/of two tag keys that differ in case the last counts"],
    },
    Choice {
        topic: "Version in trust policies and resource control policies",
        choice: "2008-10-17 and no version are accepted.",
        reason: "Recorded for resource control policies; common in trust policies.",
        cases: &["trust/a trust policy without version is read"],
    },
    Choice {
        topic: "the language of service control policies",
        choice: "All of it: Allow with conditions, NotAction, NotResource and resources.",
        reason: "The newer Organizations guide.",
        cases: &["grammar/a service control policy for arn:aws:s3:::bucket/*"],
    },
    Choice {
        topic: "resource control policies and actions without resource",
        choice: "They do not apply: `resource_control_applies` tells, and cases, `policy check` and the server ask it. The \
                 engine decides with the layers that it is given.",
        reason: "The documentation; one recording saw sqs:ListQueues denied.",
        cases: &[],
    },
    Choice {
        topic: "an operator that nobody knows, in a stored document",
        choice: "A Deny applies and an Allow does not.",
        reason: "What cannot be evaluated denies; such a document cannot be written.",
        cases: &["conditions/an unknown operator makes a Deny match"],
    },
    Choice {
        topic: "operators in another case",
        choice: "They are the same operators.",
        reason: "One third party; the guide always uses the exact case.",
        cases: &["conditions/stringequals \"a\" with \"a\""],
    },
    Choice {
        topic: "what is said of a denied AssumeRole",
        choice: "The caller, the action and the role, and no reason.",
        reason: "Recorded; the User Guide shows reasons.",
        cases: &["messages/implicit, trust", "messages/explicit, trust"],
    },
    Choice {
        topic: "the value `*` for an ARN operator",
        choice: "It is no ARN: an Allow does not match, a Deny does, and it cannot be written.",
        reason: "No source says that it stands for every ARN; of the two readings this one denies.",
        cases: &[
            "conditions/a star alone is no ARN for an Allow",
            "conditions/a star alone is no ARN for a Deny",
        ],
    },
    Choice {
        topic: "limits of credentials",
        choice: "The root user assumes no role; sessions of GetSessionToken, GetFederationToken and roles are held to the \
                 table of reference iam.md 5.7. No layer is named.",
        reason: "No policy lifts them. A user with aws:MultiFactorAuthPresent is taken for one with a session token.",
        cases: &[
            "trust/the root user assumes no role",
            "callers/a role session makes no session token",
            "callers/a federated user does not call IAM",
        ],
    },
    Choice {
        topic: "AWS's own managed policies and reserved roles",
        choice: "Reading them and passing them on is for policies; every other action of IAM on them is denied where the \
                 policies allow it, and so is UpdateAssumeRolePolicy on a service-linked role.",
        reason: "IAM refuses such edits with an error of its own (reference iam.md 5.6). Which actions are edits is not \
                 listed anywhere; one that nobody knows is taken for one.",
        cases: &[
            "callers/nobody changes a managed policy of AWS with iam:DeletePolicy",
            "callers/nobody changes a reserved role with iam:TagRole",
            "callers/nobody edits the trust policy of a service-linked role",
        ],
    },
    Choice {
        topic: "sessions of AssumeRoot",
        choice: "The root user with the task as session policy and aws:AssumedRoot in the context. The task denies and \
                 need not allow; without one nothing is allowed.",
        reason: "Reference iam.md 5.6: the root user minus the task. No session is without a task.",
        cases: &[
            "callers/a session of AssumeRoot does what its task leaves it",
            "callers/a session of AssumeRoot without a task does nothing",
        ],
    },
    Choice {
        topic: "a role at a path and a caller whose role has none",
        choice: "The account and the name of the role are compared.",
        reason: "The ARN of a session tells no path, and an account has one role of a name (reference iam.md 1.5.1).",
        cases: &[
            "principals/a role at a path names its sessions",
            "principals/a role without path is not one whose path is known",
        ],
    },
    Choice {
        topic: "the tasks of the root user that service control policies spare",
        choice: "Bound by them.",
        reason: "They are tasks at consoles (support plan, CloudFront keys, mail limits) for which no list of actions \
                 exists; this reading denies.",
        cases: &[],
    },
    Choice {
        topic: "federated users and NotPrincipal with Deny",
        choice: "Spared when the session and its account are listed.",
        reason: "The guide tells of role sessions only; this is the same for what a federated user is.",
        cases: &["principals/a Deny to all but a federated user catches it without the account"],
    },
];
