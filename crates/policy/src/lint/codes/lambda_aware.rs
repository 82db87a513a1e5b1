//! The findings that need to know how Lambda and this program authorise (reference lambda.md 1.4 to 1.7, 3).

use super::Code;
use crate::lint::finding::Level;

codes! {
    /// What only a tool finds that knows how Lambda is authorised.
    LAMBDA_AWARE:
    LAYER_ARN_WITHOUT_VERSION, Error,
    "Write the version behind the name: layer:NAME:3, or layer:NAME:* for all.";
    QUALIFIED_ARN_FOR_UNQUALIFIED_ACTION, Error,
    "Write the ARN without the alias or version: function:NAME.";
    REFUSED_WHEN_WRITTEN, Error,
    "Mend what the message names; AWS does not store the policy as it is.";
    RESOURCE_FOR_WILDCARD_ONLY_ACTION, Error,
    "Put the action into a statement of its own with \"Resource\": \"*\".";
    RESOURCE_NEVER_MATCHES_ACTION, Error,
    "Write the resource in the form that the action is authorised on.";
    SOURCE_FUNCTION_ARN_QUALIFIED, Error,
    "Write the function's ARN without alias or version; the key never has one.";
    EVERYONE_WITHOUT_CONDITION, SecurityWarning,
    "Name accounts or roles, or add a condition like StringEquals on aws:PrincipalOrgID.";
    S3_TRIGGER_WITHOUT_SOURCE_ACCOUNT, SecurityWarning,
    "Add StringEquals on aws:SourceAccount with the bucket owner's account: a deleted bucket's name can be \
     taken by a stranger.";
    FUNCTION_URL_WITHOUT_INVOKE_FUNCTION, Warning,
    "Allow lambda:InvokeFunction on the same function too, with Bool lambda:InvokedViaFunctionUrl true to \
     leave the Invoke operation out.";
    INVOKE_ASYNC_GRANTS_NOTHING, Warning,
    "Allow lambda:InvokeFunction; the InvokeAsync operation asks for that action.";
    UNQUALIFIED_GRANT_WITH_ALIASES, Warning,
    "Grant function:NAME:ALIAS, or function:NAME:* beside function:NAME: a request that names an alias is \
     authorised on the alias's ARN.";
    FORALLVALUES_WITHOUT_NULL_CHECK, Suggestion,
    "Add \"Null\": {\"KEY\": \"false\"} if a request must have the key; ForAllValues is true for one that \
     has not.";
    FUNCTION_NAME_PREFIX_WILDCARD, Suggestion,
    "Write function:NAME and function:NAME:* for one function with its aliases and versions, or end the \
     prefix with a separator: NAME-*.";
    POLLED_SERVICE_NEEDS_NO_PERMISSION, Suggestion,
    "Take the statement away, and give the function's execution role the right to read from the source.";
}
