//! The errors of Organizations: AWS's code and words, declared together. All are answered with status 400.

use rolecall_wire::ServiceError;

/// Why Organizations refuses a call, other than by a policy's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// The organization has no such account.
    #[error("You specified an account that doesn't exist.")]
    NoAccount,
    /// The organization made no such request.
    #[error("You specified a create account request that doesn't exist.")]
    NoCreateAccountRequest,
    /// The token was not made by this operation.
    #[error("You provided an invalid value for the parameter NextToken.")]
    InvalidNextToken,
    /// The same tag key twice.
    #[error("You provided two tags with the same key.")]
    DuplicateTags,
}

impl OrganizationsError {
    fn code(self) -> &'static str {
        match self {
            OrganizationsError::NotManagement => "AccessDeniedException",
            OrganizationsError::AlreadyInOrganization => "AlreadyInOrganizationException",
            OrganizationsError::NotInOrganization => "AWSOrganizationsNotInUseException",
            OrganizationsError::NoAccount => "AccountNotFoundException",
            OrganizationsError::NoCreateAccountRequest => "CreateAccountStatusNotFoundException",
            OrganizationsError::InvalidNextToken | OrganizationsError::DuplicateTags => {
                "InvalidInputException"
            }
        }
    }

    /// AWS's word for what is wrong with the input.
    fn reason(self) -> Option<&'static str> {
        match self {
            OrganizationsError::InvalidNextToken => Some("INVALID_NEXT_TOKEN"),
            OrganizationsError::DuplicateTags => Some("DUPLICATE_TAG_KEY"),
            _ => None,
        }
    }
}

impl From<OrganizationsError> for ServiceError {
    fn from(error: OrganizationsError) -> Self {
        let service_error = ServiceError::new(400, error.code(), error.to_string());
        match error.reason() {
            Some(reason) => service_error.with_member("Reason", reason),
            None => service_error,
        }
    }
}
