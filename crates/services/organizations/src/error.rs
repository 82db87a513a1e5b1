//! The errors of Organizations: AWS's code, reason and words, declared together. All are answered with status 400.
//!
//! Words come from AWS's answers as people have quoted them where somebody has, else from AWS's model of the exception.
//! Those that no source has are in the style of the others and say so.

use rolecall_wire::ServiceError;

/// Why Organizations refuses a call, other than by a policy's decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrganizationsError {
    /// Only the management account may do this.
    #[error("You don't have permissions to access this resource.")]
    NotManagement,
    /// The account is in an organization already.
    #[error("The AWS account is already a member of an organization.")]
    AlreadyInOrganization,
    /// The account is in no organization.
    #[error("Your account is not a member of an organization.")]
    NotInOrganization,
    /// There are accounts besides the management account.
    #[error(
        "The organization isn't empty. To delete an organization, you must first remove all accounts except the \
         management account."
    )]
    NotEmpty,
    /// The organization has no such account.
    #[error("You specified an account that doesn't exist.")]
    NoAccount,
    /// The organization made no such request.
    #[error("You specified a create account request that doesn't exist.")]
    NoCreateAccountRequest,
    /// The organization's root has another id.
    #[error("You specified a root that doesn't exist.")]
    NoRoot,
    /// No root or unit has the id.
    #[error("You specified a parent that doesn't exist.")]
    NoParent,
    /// No unit has the id.
    #[error("You specified an organizational unit that doesn't exist.")]
    NoUnit,
    /// No unit or account has the id. The words have no source.
    #[error("You specified a child that doesn't exist.")]
    NoChild,
    /// The account is not in the root or unit that it shall leave. The words have no source.
    #[error("You specified a source parent that doesn't exist.")]
    NoSourceParent,
    /// No root or unit has the id that the account shall go to. The words have no source.
    #[error("You specified a destination parent that doesn't exist.")]
    NoDestinationParent,
    /// The account is where it shall go.
    #[error("That account is already present in the specified destination.")]
    AccountThere,
    /// A unit of the parent has the name.
    #[error("An OU with the same name already exists.")]
    UnitExists,
    /// The unit has accounts or units in it.
    #[error(
        "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and \
         try the operation again."
    )]
    UnitNotEmpty,
    /// Units are nested five deep.
    #[error("You attempted to create an OU tree that is too many levels deep.")]
    TooDeep,
    /// There are as many units as there may be.
    #[error("You attempted to exceed the number of OUs that you can have in an organization.")]
    TooManyUnits,
    /// No policy has the id.
    #[error("You specified a policy that doesn't exist.")]
    NoPolicy,
    /// No root, unit, account or policy has the id.
    #[error("You specified a target that doesn't exist.")]
    NoTarget,
    /// A policy of the type has the name.
    #[error("A policy with the specified name and type already exists.")]
    PolicyExists,
    /// The policy is attached there. AWS uses the same words as for the one before.
    #[error("A policy with the specified name and type already exists.")]
    AlreadyAttached,
    /// The policy is not attached there.
    #[error("The policy isn't attached to the specified target in the specified root.")]
    NotAttached,
    /// The policy is attached somewhere.
    #[error(
        "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before \
         performing this operation."
    )]
    PolicyInUse,
    /// The document is not one of this type.
    #[error("The provided policy document does not meet the requirements of the specified policy type.")]
    Malformed,
    /// The document is too long.
    #[error("You have exceeded the maximum policy size")]
    PolicyTooLong,
    /// There are as many policies as there may be.
    #[error("You attempted to exceed the number of policies that you can have in an organization.")]
    TooManyPolicies,
    /// As many policies of the type are attached as may be.
    #[error(
        "You attempted to exceed the number of policies of a certain type that can be attached to an entity at one \
         time."
    )]
    TooManyAttached,
    /// It is the last policy of its type, and one there must be.
    #[error(
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at \
         all times."
    )]
    LastAttached,
    /// AWS manages the policy.
    #[error("You specified a policy that is managed by Amazon Web Services and can't be modified.")]
    ImmutablePolicy,
    /// AWS attaches the policy for good.
    #[error("You can't detach this Amazon Web Services Managed Policy.")]
    NotDetachable,
    /// The type is enabled.
    #[error("The specified policy type is already enabled in the specified root.")]
    TypeEnabled,
    /// The type is not enabled.
    #[error("This operation can be performed only for enabled policy types.")]
    TypeNotEnabled,
    /// The organization only shares its bills.
    #[error(
        "You can't use the specified policy type with the feature set currently enabled for this organization."
    )]
    TypeNotAvailable,
    /// A type of policy that AWS has and this program has not.
    #[error("You specified an invalid policy type. Policies of type {0} are not built here.")]
    TypeNotBuilt(String),
    /// The token was not made by this operation.
    #[error("You provided an invalid value for the parameter NextToken.")]
    InvalidNextToken,
    /// The same tag key twice.
    #[error("You provided two tags with the same key.")]
    DuplicateTags,
    /// A key that begins with `aws:`.
    #[error(
        "You specified a tag key that is a system tag. You can\u{2019}t add, edit, or delete system tag keys because \
         they're reserved for Amazon Web Services use."
    )]
    SystemTag,
    /// There would be more tags than there may be.
    #[error("You have exceeded the number of tags allowed on this resource.")]
    TooManyTags,
}

impl OrganizationsError {
    /// AWS's code, and its word for what is wrong where the exception has one.
    fn code(&self) -> (&'static str, Option<&'static str>) {
        use OrganizationsError::*;
        const INPUT: &str = "InvalidInputException";
        const CONSTRAINT: &str = "ConstraintViolationException";
        match self {
            NotManagement => ("AccessDeniedException", None),
            AlreadyInOrganization => ("AlreadyInOrganizationException", None),
            NotInOrganization => ("AWSOrganizationsNotInUseException", None),
            NotEmpty => ("OrganizationNotEmptyException", None),
            NoAccount => ("AccountNotFoundException", None),
            NoCreateAccountRequest => ("CreateAccountStatusNotFoundException", None),
            NoRoot => ("RootNotFoundException", None),
            NoParent => ("ParentNotFoundException", None),
            NoUnit => ("OrganizationalUnitNotFoundException", None),
            NoChild => ("ChildNotFoundException", None),
            NoSourceParent => ("SourceParentNotFoundException", None),
            NoDestinationParent => ("DestinationParentNotFoundException", None),
            AccountThere => ("DuplicateAccountException", None),
            UnitExists => ("DuplicateOrganizationalUnitException", None),
            UnitNotEmpty => ("OrganizationalUnitNotEmptyException", None),
            TooDeep => (CONSTRAINT, Some("OU_DEPTH_LIMIT_EXCEEDED")),
            TooManyUnits => (CONSTRAINT, Some("OU_NUMBER_LIMIT_EXCEEDED")),
            NoPolicy => ("PolicyNotFoundException", None),
            NoTarget => ("TargetNotFoundException", None),
            PolicyExists => ("DuplicatePolicyException", None),
            AlreadyAttached => ("DuplicatePolicyAttachmentException", None),
            NotAttached => ("PolicyNotAttachedException", None),
            PolicyInUse => ("PolicyInUseException", None),
            Malformed => ("MalformedPolicyDocumentException", None),
            PolicyTooLong => (CONSTRAINT, Some("POLICY_CONTENT_LIMIT_EXCEEDED")),
            TooManyPolicies => (CONSTRAINT, Some("POLICY_NUMBER_LIMIT_EXCEEDED")),
            TooManyAttached => (CONSTRAINT, Some("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")),
            LastAttached => (CONSTRAINT, Some("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")),
            ImmutablePolicy => (INPUT, Some("IMMUTABLE_POLICY")),
            NotDetachable => (INPUT, Some("NON_DETACHABLE_POLICY")),
            TypeEnabled => ("PolicyTypeAlreadyEnabledException", None),
            TypeNotEnabled => ("PolicyTypeNotEnabledException", None),
            TypeNotAvailable => ("PolicyTypeNotAvailableForOrganizationException", None),
            TypeNotBuilt(_) => (INPUT, Some("INVALID_ENUM_POLICY_TYPE")),
            InvalidNextToken => (INPUT, Some("INVALID_NEXT_TOKEN")),
            DuplicateTags => (INPUT, Some("DUPLICATE_TAG_KEY")),
            SystemTag => (INPUT, Some("INVALID_SYSTEM_TAGS_PARAMETER")),
            TooManyTags => (CONSTRAINT, Some("MAX_TAG_LIMIT_EXCEEDED")),
        }
    }
}

impl From<OrganizationsError> for ServiceError {
    fn from(error: OrganizationsError) -> Self {
        let (code, reason) = error.code();
        let service_error = ServiceError::new(400, code, error.to_string());
        match reason {
            Some(reason) => service_error.with_member("Reason", reason),
            None => service_error,
        }
    }
}
