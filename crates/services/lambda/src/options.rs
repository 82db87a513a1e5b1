//! What AWS does in one way or another, by account or over time, and the operator chooses.

/// How Lambda is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LambdaOptions {
    /// Which rights a request to a function URL needs.
    pub url_rights: UrlRights,
    /// To whom GetFunction shows tags.
    pub function_tags: FunctionTags,
}

/// Which rights a request to a function URL needs (reference lambda.md 3.6-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UrlRights {
    /// `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`, as AWS asks for all URLs made since October 2025.
    #[default]
    Both,
    /// `lambda:InvokeFunctionUrl` alone, as in accounts that had URLs before.
    Legacy,
}

/// To whom GetFunction shows a function's tags (reference lambda.md 9-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FunctionTags {
    /// To whom may `lambda:ListTags`, as AWS announced it.
    #[default]
    Permitted,
    /// To all who may `lambda:GetFunction`, as AWS was seen to answer.
    Always,
}
