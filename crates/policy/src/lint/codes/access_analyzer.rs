//! The findings of IAM Access Analyzer's ValidatePolicy that apply here, by level. The advice is in words of our own.

use super::Code;
use crate::lint::finding::Level;

codes! {
    /// What IAM Access Analyzer finds, too.
    ACCESS_ANALYZER:
    ARN_ACCOUNT_NOT_ALLOWED, Error,
    "Leave the account empty: arn:aws:s3:::bucket.";
    ARN_REGION_NOT_ALLOWED, Error,
    "Leave the region empty: arn:aws:iam::111122223333:role/name.";
    DATA_TYPE_MISMATCH, Error,
    "Write a string in double quotes, or a list or an object where the grammar asks for one.";
    DUPLICATE_KEYS_WITH_DIFFERENT_CASE, Error,
    "Keys are the same in any case: write the key once, with all its values in a list.";
    EMPTY_VARIABLE, Error,
    "Write a key between the braces, like ${aws:username}, or take the braces away.";
    FEDERATED_PRINCIPAL_NOT_SUPPORTED, Error,
    "Only the trust policy of a role names an identity provider; name the role here instead.";
    INVALID_ACTION, Error,
    "Write service:Action as the Service Authorization Reference spells it, like lambda:InvokeFunction.";
    INVALID_ARN_ACCOUNT, Error,
    "An account is twelve digits, or * for any.";
    INVALID_ARN_PREFIX, Error,
    "An ARN begins with arn: and has six components.";
    INVALID_ARN_REGION, Error,
    "Write a region like eu-west-1, or * for any.";
    INVALID_ARN_RESOURCE, Error,
    "Write the resource in one of the service's forms, like function:NAME for Lambda.";
    INVALID_ARN_SERVICE_CASE, Error,
    "Write the service in lower case.";
    INVALID_CONDITION_DATA_TYPE, Error,
    "Write all values of the key as strings.";
    INVALID_CONDITION_KEY_FORMAT, Error,
    "Write service:key, like aws:SourceArn or lambda:FunctionArn.";
    INVALID_CONDITION_MULTIPLE_BOOLEAN, Error,
    "Write one value, \"true\" or \"false\"; both together say nothing.";
    INVALID_CONDITION_OPERATOR, Error,
    "Write an operator like StringEquals, ArnLike or Bool, with ForAllValues: or ForAnyValue: before it and \
     IfExists behind it where needed.";
    INVALID_EFFECT, Error,
    "Write Allow or Deny, with one capital letter.";
    INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, Error,
    "Write the provider's ARN or domain, like \
     arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com.";
    INVALID_GLOBAL_CONDITION_KEY, Error,
    "Use one of the global keys, like aws:PrincipalArn, aws:SourceArn or aws:RequestedRegion.";
    INVALID_PARTITION, Error,
    "Write aws, or the partition of the resource's region, like aws-cn or aws-us-gov.";
    INVALID_POLICY_ELEMENT, Error,
    "Names of elements are case-sensitive. A policy has Version, Id and Statement; a statement has Sid, \
     Effect, Principal, Action, Resource, their Not forms, and Condition.";
    INVALID_PRINCIPAL_FORMAT, Error,
    "Write \"*\", or an object like {\"AWS\": \"111122223333\"} or {\"Service\": \"s3.amazonaws.com\"}.";
    INVALID_PRINCIPAL_KEY, Error,
    "The kinds of principal are AWS, Service, Federated and CanonicalUser.";
    INVALID_REGION, Error,
    "Write a region like eu-west-1.";
    INVALID_SERVICE, Error,
    "Write the service's prefix as in its actions, like lambda.";
    INVALID_SERVICE_CONDITION_KEY, Error,
    "Use one of the service's keys; the Service Authorization Reference lists them by action.";
    INVALID_SERVICE_IN_ACTION, Error,
    "Write the service's prefix, like lambda, in letters, digits, hyphens and dots.";
    INVALID_SERVICE_PRINCIPAL_FORMAT, Error,
    "Write the service as SERVICE.amazonaws.com, in lower case.";
    INVALID_VARIABLE_FOR_OPERATOR, Error,
    "Variables work with String and Arn operators only; write the value itself.";
    INVALID_VERSION, Error,
    "Write \"Version\": \"2012-10-17\".";
    INVALID_VPCE_FORMAT, Error,
    "Write vpce- and 8 or 17 letters and digits.";
    INVALID_VPC_FORMAT, Error,
    "Write vpc- and 8 or 17 letters and digits.";
    JSON_SYNTAX_ERROR, Error,
    "Policies are strict JSON: double quotes, no comments, no comma after the last member, no member twice.";
    MISMATCHED_ACTION_FOR_PRINCIPAL, Error,
    "SAML providers go with sts:AssumeRoleWithSAML, OIDC providers with sts:AssumeRoleWithWebIdentity, all \
     others with sts:AssumeRole.";
    MISSING_ACTION, Error,
    "Add \"Action\": \"service:Name\" or a list of actions.";
    MISSING_ACTION_FOR_CONDITION_KEY, Error,
    "Add the action to the statement; the request cannot set the key without it.";
    MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY, Error,
    "Allow sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession together.";
    MISSING_ARN_ACCOUNT, Error,
    "Write the twelve digits of the account, or * for any.";
    MISSING_ARN_FIELD, Error,
    "Write all six components: arn:partition:service:region:account:resource.";
    MISSING_ARN_REGION, Error,
    "Write the region, or * for any.";
    MISSING_BRACE_IN_VARIABLE, Error,
    "Close the variable with }; write ${$} for the character itself.";
    MISSING_EFFECT, Error,
    "Add \"Effect\": \"Allow\" or \"Effect\": \"Deny\".";
    MISSING_PRINCIPAL, Error,
    "Add \"Principal\", like {\"AWS\": \"111122223333\"} or {\"Service\": \"s3.amazonaws.com\"}.";
    MISSING_QUALIFIER, Error,
    "Write ForAllValues: before the operator when every value must match, ForAnyValue: when one is enough. \
     Without it the condition is never true when the key is there.";
    MISSING_QUOTE_IN_VARIABLE, Error,
    "Write the default in single quotes after a comma and a blank: ${aws:PrincipalTag/team, 'none'}.";
    MISSING_RESOURCE, Error,
    "Add \"Resource\" with ARNs, or \"*\" for all.";
    MISSING_STATEMENT, Error,
    "Add a Statement with at least one statement.";
    MISSING_TAG_KEY_IN_CONDITION, Error,
    "Write the tag's key behind the slash, like aws:ResourceTag/team.";
    NULL_WITH_IF_EXISTS, Error,
    "Take IfExists away: Null asks itself whether the key exists.";
    POLICY_SIZE_EXCEEDS_RCP_QUOTA, Error,
    "Split the policy; white space counts.";
    POLICY_SIZE_EXCEEDS_SCP_QUOTA, Error,
    "Split the policy; white space counts.";
    PRIVATE_IP_ADDRESS, Error,
    "Compare private addresses with aws:VpcSourceIp, which requests through a VPC endpoint have.";
    PRIVATE_NOT_IP_ADDRESS, Error,
    "Compare private addresses with aws:VpcSourceIp, which requests through a VPC endpoint have.";
    RCP_SYNTAX_ERROR_ACTION, Error,
    "Write actions with the prefix of a service that resource control policies cover, like s3, sts, sqs or \
     kms. They do not cover Lambda.";
    RCP_SYNTAX_ERROR_ALLOW, Error,
    "A resource control policy of your own only denies; write \"Effect\": \"Deny\".";
    RCP_SYNTAX_ERROR_NOTACTION, Error,
    "List the actions with Action.";
    RCP_SYNTAX_ERROR_PRINCIPAL, Error,
    "Write \"Principal\": \"*\" and choose principals with conditions, like aws:PrincipalOrgID.";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, Error,
    "Name those who may assume the role with Principal.";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, Error,
    "Take the element away: a trust policy is about the role that it is attached to.";
    ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL, Error,
    "Name accounts, users, roles or services, like {\"AWS\": \"111122223333\"}.";
    SCP_SYNTAX_ERROR_PRINCIPAL, Error,
    "A service control policy is about all principals of the accounts; choose some with aws:PrincipalArn.";
    TYPE_MISMATCH_IP_RANGE, Error,
    "Write an address or a network like 203.0.113.0/24 or 2001:db8::/32.";
    UNIQUE_SIDS_REQUIRED, Error,
    "Give each statement a Sid of its own, or none.";
    UNSUPPORTED_ACTION_FOR_CONDITION_KEY, Error,
    "Move the actions to a statement without the key: requests for them do not have it, so an operator that \
     compares is false and its negation true.";
    UNSUPPORTED_ACTION_IN_POLICY, Error,
    "Grant the action with an identity-based policy of the caller.";
    UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, Error,
    "Services do not have the key; limit a service with aws:SourceArn and aws:SourceAccount.";
    UNSUPPORTED_ELEMENT_COMBINATION, Error,
    "Keep one of the two elements, or write two statements.";
    UNSUPPORTED_GLOBAL_CONDITION_KEY, Error,
    "Write aws:PrincipalArn for the caller, or aws:SourceArn for the resource that a service calls for.";
    UNSUPPORTED_PRINCIPAL, Error,
    "Take the element away: this policy is about whoever it is attached to.";
    UNSUPPORTED_RESOURCE_ARN_IN_POLICY, Error,
    "Write the ARN of the resource that the policy is attached to.";
    UNSUPPORTED_SID, Error,
    "Write letters and digits only.";
    UNSUPPORTED_SPACE_IN_VARIABLE, Error,
    "Write the key without blanks: ${aws:username}.";
    UNSUPPORTED_WILDCARD_IN_PRINCIPAL, Error,
    "Name each principal whole. For a pattern, write \"*\" and a condition ArnLike on aws:PrincipalArn.";
    VARIABLE_UNSUPPORTED_IN_ELEMENT, Error,
    "Variables stand in the sixth component of a Resource and in values of a Condition, nowhere else.";
    VARIABLE_UNSUPPORTED_IN_VERSION, Error,
    "Write \"Version\": \"2012-10-17\"; before that, the variable is plain text.";
    VARIABLE_USAGE_TOO_PERMISSIVE, Error,
    "Write the value itself: whoever controls the variable controls the key.";
    WILDCARD_USAGE_TOO_PERMISSIVE, Error,
    "Write whole values: a pattern of account, organization or VPC ids takes in those of strangers.";
    ALLOW_WITH_NOT_PRINCIPAL, SecurityWarning,
    "Name those who may with Principal: everybody else in the world may here, also without credentials.";
    DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, SecurityWarning,
    "List the actions with Action, and only those whose resources have tags.";
    DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, SecurityWarning,
    "Deny the actions by the names of their resources, in a statement without the tag.";
    FORALLVALUES_WITH_SINGLE_VALUED_KEY, SecurityWarning,
    "Take ForAllValues: away: with it, the condition is true for requests that do not have the key.";
    FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE, SecurityWarning,
    "Take ForAnyValue: away: the claim has one value.";
    MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, SecurityWarning,
    "Add conditions on the provider's :aud and :sub, so that only your application may assume the role.";
    MISSING_GITHUB_REPO_CONDITION_KEY, SecurityWarning,
    "Add StringEquals on token.actions.githubusercontent.com:sub with \
     repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH.";
    MISSING_PAIRED_CONDITION_KEYS, SecurityWarning,
    "Add the other key to the same Condition.";
    PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, with iam:PassedToService.";
    PASS_ROLE_WITH_NOT_RESOURCE, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, with iam:PassedToService.";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, with iam:PassedToService.";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, with iam:PassedToService.";
    PASS_ROLE_WITH_STAR_IN_RESOURCE, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, or add iam:PassedToService, like lambda.amazonaws.com.";
    PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION, SecurityWarning,
    "Allow iam:PassRole on the ARNs of the roles, with iam:PassedToService.";
    RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, SecurityWarning,
    "Add ArnLike on aws:SourceArn and StringEquals on aws:SourceAccount: any customer of the service can \
     use it for this otherwise.";
    S3_PREFIX_IN_NEGATIVE_CONTEXT, SecurityWarning,
    "Allow with StringLike on s3:prefix, or deny with StringNotLike: a request may name a shorter prefix.";
    STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS, SecurityWarning,
    "Write ArnLike: its wildcards do not cross from one component of the ARN to the next.";
    UNTRUSTWORTHY_CONDITION_KEY, SecurityWarning,
    "The caller writes the key itself; use what AWS sets, like aws:SourceArn, aws:PrincipalArn or \
     aws:SourceVpce.";
    CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    CREATE_SLR_WITH_NOT_RESOURCE, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    CREATE_SLR_WITH_STAR_IN_RESOURCE, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION, Warning,
    "Allow iam:CreateServiceLinkedRole on the ARNs of the roles, or with iam:AWSServiceName.";
    INVALID_DATE_VALUE, Warning,
    "Write the date as 2026-01-31 or 2026-01-31T12:00:00Z.";
    INVALID_ROLE_REFERENCE, Warning,
    "Write the role's ARN. An id is what is left of a role that was deleted; it never matches a new one.";
    INVALID_USER_REFERENCE, Warning,
    "Write the user's ARN. An id is what is left of a user that was deleted; it never matches a new one.";
    MISSING_VERSION, Warning,
    "Add \"Version\": \"2012-10-17\"; IAM does not store an identity-based policy without it.";
    POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, Warning,
    "Split the policy into several; white space does not count.";
    POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, Warning,
    "Merge statements, or name an organization with aws:PrincipalOrgID instead of many accounts.";
    POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, Warning,
    "Merge statements, or have the quota raised; white space does not count.";
    RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY, Warning,
    "Add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}, so that services that work for you \
     are not denied.";
    RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY, Warning,
    "Add \"Bool\": {\"aws:PrincipalIsAWSService\": \"true\"}, so that only services are denied.";
    RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK, Warning,
    "Add \"Null\": {\"aws:SourceAccount\": \"false\"}, so that services that name no source are not denied.";
    SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, Warning,
    "Write repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH without a wildcard in owner and repository.";
    TYPE_MISMATCH, Warning,
    "Use an operator of the key's type; the others compare its text.";
    TYPE_MISMATCH_BOOLEAN, Warning,
    "Write true or false; anything else counts as false.";
    TYPE_MISMATCH_DATE, Warning,
    "Write the date as 2026-01-31 or 2026-01-31T12:00:00Z.";
    TYPE_MISMATCH_NUMBER, Warning,
    "Write a decimal number.";
    TYPE_MISMATCH_STRING, Warning,
    "Write strict base64 with padding.";
    UNIQUE_SIDS_RECOMMENDED, Warning,
    "Give each statement a Sid of its own; RemovePermission finds a statement by it.";
    WILDCARD_WITHOUT_LIKE_OPERATOR, Warning,
    "Write StringLike for a pattern; other String operators take * and ? as themselves.";
    ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, Suggestion,
    "List the actions with Action, and only those whose resources have tags.";
    ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, Suggestion,
    "Allow the actions by the names of their resources, in a statement without the tag.";
    CONFIRM_AUDIENCE_CLAIM_TYPE, Suggestion,
    "Keep the set operator only if the provider puts several audiences into one token.";
    EMPTY_ARRAY_ACTION, Suggestion,
    "List actions, or take the statement away.";
    EMPTY_ARRAY_CONDITION, Suggestion,
    "Write values, or take the key away.";
    EMPTY_ARRAY_CONDITION_FORALLVALUES, Suggestion,
    "Write \"Null\": {\"KEY\": \"true\"} to ask for a request without the key.";
    EMPTY_ARRAY_CONDITION_FORANYVALUE, Suggestion,
    "Write values; without one the condition is never true.";
    EMPTY_ARRAY_CONDITION_IFEXISTS, Suggestion,
    "Write \"Null\": {\"KEY\": \"true\"} to ask for a request without the key.";
    EMPTY_ARRAY_PRINCIPAL, Suggestion,
    "Name principals, or take the statement away.";
    EMPTY_ARRAY_RESOURCE, Suggestion,
    "List resources, or take the statement away.";
    EMPTY_OBJECT_CONDITION, Suggestion,
    "Write conditions, or take the element away.";
    EMPTY_OBJECT_PRINCIPAL, Suggestion,
    "Name principals, or take the statement away.";
    EMPTY_SID_VALUE, Suggestion,
    "Write a Sid, or take the element away.";
    EQUIVALENT_TO_NULL_FALSE, Suggestion,
    "Write \"Null\": {\"KEY\": \"false\"} to ask only that the key is there.";
    EQUIVALENT_TO_NULL_TRUE, Suggestion,
    "Write \"Null\": {\"KEY\": \"true\"} to ask only that the key is not there.";
    IMPROVE_IP_RANGE, Suggestion,
    "Write the network's own address; the bits behind the prefix do not count.";
    IRRELEVANT_CONDITION_KEY_IN_POLICY, Suggestion,
    "Use the key in an identity-based policy; here the resource is known.";
    NULL_WITH_QUALIFIER, Suggestion,
    "Write Null without ForAllValues: or ForAnyValue:.";
    PRIVATE_IP_ADDRESS_SUBSET, Suggestion,
    "Compare private addresses with aws:VpcSourceIp, in a statement of their own.";
    PRIVATE_NOT_IP_ADDRESS_SUBSET, Suggestion,
    "Compare private addresses with aws:VpcSourceIp, in a statement of their own.";
    RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, Suggestion,
    "Use aws:SourceArn and aws:SourceAccount, which the service sets.";
    REDUNDANT_ACTION, Suggestion,
    "Take it away, or take the wider pattern away if that says too much.";
    REDUNDANT_CONDITION_VALUE_NUM, Suggestion,
    "Write the one value that decides.";
    REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION, Suggestion,
    "Take the key away: the condition is always true.";
    REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, Suggestion,
    "Keep the role, or keep the session if only that one is meant.";
    REDUNDANT_RESOURCE, Suggestion,
    "Take it away, or take the wider pattern away if that says too much.";
    REDUNDANT_STATEMENT, Suggestion,
    "Keep one of the statements.";
    REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION, Suggestion,
    "Take the statement away, or mend the condition: it is never true.";
    WILDCARD_IN_SERVICE_NAME, Suggestion,
    "Write the services one by one.";
}
