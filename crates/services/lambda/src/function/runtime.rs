//! Which runtimes a function may name (reference lambda.md 8.5).

use data_encoding::HEXLOWER;
use rolecall_arn::{Arn, Region};
use sha2::{Digest, Sha256};

use crate::error::LambdaError;

/// What AWS lists as supported, in the order of its recorded message; newer names of the model follow.
const SUPPORTED: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// What the model knows beyond the recorded list.
const NEWER: &[&str] =
    &["nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023"];

/// What AWS once supported.
const RETIRED: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// Whether a function may be made with the runtime.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] in AWS's words.
pub(crate) fn check(runtime: &str) -> Result<(), LambdaError> {
    if SUPPORTED.contains(&runtime) || NEWER.contains(&runtime) {
        return Ok(());
    }
    let text = if RETIRED.contains(&runtime) {
        format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda \
             functions. We recommend you use a supported runtime while creating or updating functions."
        )
    } else {
        format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or \
             be a valid ARN",
            SUPPORTED.join(", ")
        )
    };
    Err(LambdaError::InvalidParameter(text))
}

/// The ARN of the runtime's version. Rolecall has one version of each runtime; its name decides its ARN.
pub(crate) fn runtime_version_arn(region: &Region, runtime: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(runtime.as_bytes()));
    Arn::new("lambda", region.as_str(), None, &format!("runtime:{hash}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_and_unknown_runtimes_are_refused_differently() {
        assert_eq!(check("python3.11"), Ok(()));
        assert!(
            check("python3.7")
                .unwrap_err()
                .to_string()
                .starts_with("The runtime parameter of python3.7 is no")
        );
        let unknown = check("PYTHON3.9").unwrap_err().to_string();
        assert!(
            unknown.starts_with("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: "),
            "{unknown}"
        );
        assert!(unknown.ends_with("provided.al2, java8.al2] or be a valid ARN"), "{unknown}");
    }

    #[test]
    fn a_runtime_version_has_an_arn_without_account() {
        let arn = runtime_version_arn(&Region::global(), "python3.11");
        assert!(arn.starts_with("arn:aws:lambda:us-east-1::runtime:"), "{arn}");
    }
}
