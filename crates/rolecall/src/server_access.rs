//! How the commands that talk to a server find it, and as whom they sign: as the AWS CLI does, so that what works with
//! `aws` works here.
//!
//! - The profile that `--profile` names, else the keys in the environment, else the profile that `AWS_PROFILE` names,
//!   else the administrator's key that `serve` wrote into its data directory.
//! - Profiles are in the AWS CLI's two files, and in the data directory's `credentials`.
//! - The endpoint is `--endpoint`, else that of the service in the environment (`AWS_ENDPOINT_URL_LAMBDA`), else
//!   `AWS_ENDPOINT_URL`, else the profile's `endpoint_url`, else where `serve` listens by itself.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::cli::ServerOptions;
use crate::client::{Client, Identity};
use crate::first_start::credentials_path;

const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4566";
const DEFAULT_REGION: &str = "us-east-1";

/// What a profile of the AWS CLI may need that is not followed here.
const UNSUPPORTED: [&str; 4] = ["role_arn", "credential_process", "sso_session", "sso_start_url"];

/// A client of the server, for one service, as the caller.
///
/// # Errors
/// Where no key is found; the sentence says what to do.
pub(crate) fn client(options: &ServerOptions, service: &str) -> Result<Client> {
    let profile = chosen_profile(options)?;
    let setting = |name: &str| profile.as_ref().and_then(|profile| profile.get(name));
    let service_endpoint = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
    let endpoint = options.endpoint.clone().or_else(|| variable(&service_endpoint));
    let endpoint = endpoint.or_else(|| variable("AWS_ENDPOINT_URL")).or_else(|| setting("endpoint_url"));
    let region = options.region.as_ref().map(ToString::to_string);
    let region = region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.or_else(|| setting("region")).unwrap_or_else(|| DEFAULT_REGION.to_owned());
    let identity = identity(options, profile.as_ref())?;
    Ok(Client::new(endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT), &region, identity))
}

fn identity(options: &ServerOptions, profile: Option<&Profile>) -> Result<Identity> {
    let from_environment = || {
        Some(Identity {
            access_key_id: variable("AWS_ACCESS_KEY_ID")?,
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY")?,
            session_token: variable("AWS_SESSION_TOKEN"),
        })
    };
    // A profile that was asked for on the command line goes before the environment, as with the AWS CLI.
    let environment = if options.profile.is_none() { from_environment() } else { None };
    match (environment, profile) {
        (Some(identity), _) => Ok(identity),
        (None, Some(profile)) => profile.identity(),
        (None, None) => {
            let path = credentials_path(&options.data_dir);
            let text = std::fs::read_to_string(&path).with_context(|| {
                format!(
                    "cannot read {}; give --data-dir or --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                    path.display()
                )
            })?;
            Profile::of("default", &[text]).with_context(|| missing("default"))?.identity()
        }
    }
}

/// The profile that was asked for, if one was.
fn chosen_profile(options: &ServerOptions) -> Result<Option<Profile>> {
    let Some(name) = options.profile.clone().or_else(|| variable("AWS_PROFILE")) else { return Ok(None) };
    let files = [
        aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        aws_file("AWS_CONFIG_FILE", "config"),
        Some(credentials_path(&options.data_dir)),
    ];
    let texts: Vec<String> =
        files.into_iter().flatten().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    Profile::of(&name, &texts).map(Some).with_context(|| missing(&name))
}

fn missing(profile: &str) -> String {
    format!("there is no profile '{profile}' in the AWS CLI's files or in the data directory's credentials")
}

fn aws_file(variable_name: &str, name: &str) -> Option<PathBuf> {
    let given = variable(variable_name).map(PathBuf::from);
    given.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".aws").join(name)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The settings of a profile, those that were found first before others.
struct Profile {
    name: String,
    settings: Vec<(String, String)>,
}

impl Profile {
    /// The profile in these files, where one of them has it.
    fn of(name: &str, texts: &[String]) -> Option<Self> {
        let headings = [format!("[{name}]"), format!("[profile {name}]")];
        let mut settings = Vec::new();
        let mut is_there = false;
        for text in texts {
            let mut is_here = false;
            for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
                if line.starts_with('[') {
                    is_here = headings.iter().any(|heading| heading == line);
                    is_there |= is_here;
                } else if let (true, Some((key, value))) = (is_here, line.split_once('=')) {
                    settings.push((key.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
        is_there.then(|| Profile { name: name.to_owned(), settings })
    }

    fn get(&self, name: &str) -> Option<String> {
        self.settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn identity(&self) -> Result<Identity> {
        if let (Some(access_key_id), Some(secret_access_key)) =
            (self.get("aws_access_key_id"), self.get("aws_secret_access_key"))
        {
            return Ok(Identity {
                access_key_id,
                secret_access_key,
                session_token: self.get("aws_session_token"),
            });
        }
        let name = &self.name;
        match UNSUPPORTED.iter().find(|setting| self.get(setting).is_some()) {
            Some(setting) => bail!(
                "the profile '{name}' gets its keys by {setting}, which rolecall does not follow; put keys into the \
                 environment, with `aws configure export-credentials --profile {name} --format env` for example"
            ),
            None => bail!("the profile '{name}' has no key"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_from_both_forms_of_the_files() {
        let credentials = "[other]\naws_access_key_id = A\n[dev]\n# a comment = x\naws_access_key_id = AK\naws_secret_access_key=S=\n";
        let config =
            "[profile dev]\nregion = eu-west-1\nendpoint_url = http://h:1\n[profile role]\nrole_arn = arn\n";
        let texts = [credentials.to_owned(), config.to_owned()];
        let dev = Profile::of("dev", &texts).unwrap();
        let identity = dev.identity().unwrap();
        assert_eq!((identity.access_key_id.as_str(), identity.secret_access_key.as_str()), ("AK", "S="));
        assert_eq!(dev.get("region").as_deref(), Some("eu-west-1"));
        assert_eq!(dev.get("endpoint_url").as_deref(), Some("http://h:1"));
        assert!(Profile::of("absent", &texts).is_none());
        let refused = Profile::of("role", &texts).unwrap().identity().err().unwrap().to_string();
        assert!(refused.contains("role_arn, which rolecall does not follow"), "{refused}");
    }
}
