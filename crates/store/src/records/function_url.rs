//! Lambda's function URLs.

use serde::{Deserialize, Serialize};

use crate::state::Regional;

/// The URL of a function or of an alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionUrl {
    /// The first label of its host name, which no other URL has.
    pub id: String,
    /// `AWS_IAM` or `NONE`.
    pub auth_type: String,
    /// `BUFFERED` or `RESPONSE_STREAM`.
    pub invoke_mode: String,
    /// What scripts of other origins may do; none where nothing was ever said.
    pub cors: Option<UrlCors>,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub modified_ms: i64,
}

impl FunctionUrl {
    /// Whether requests need no signature. Whatever is not known to be open is not.
    pub fn is_open(&self) -> bool {
        self.auth_type == "NONE"
    }

    /// Whether responses are sent as they come.
    pub fn streams(&self) -> bool {
        self.invoke_mode == "RESPONSE_STREAM"
    }
}

/// The settings of cross-origin resource sharing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlCors {
    /// Whether cookies and credentials may come along.
    pub allow_credentials: Option<bool>,
    /// Headers that a request may have.
    pub allow_headers: Option<Vec<String>>,
    /// Methods that a request may have.
    pub allow_methods: Option<Vec<String>>,
    /// Origins that may send requests.
    pub allow_origins: Option<Vec<String>>,
    /// Headers of the response that a script may read.
    pub expose_headers: Option<Vec<String>>,
    /// How long a browser may remember all this, in seconds.
    pub max_age_s: Option<u32>,
}

/// Whose URL it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrlTarget {
    /// The function.
    pub function: Regional,
    /// The alias, empty for the function itself.
    pub qualifier: String,
}
