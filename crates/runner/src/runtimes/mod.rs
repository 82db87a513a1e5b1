//! The runtimes that this machine can offer: which interpreters there are, where they live and how they are started.

mod bootstraps;
mod discover;
mod exec_wrapper;
mod variables;

use std::fmt;
use std::path::PathBuf;

use crate::spec::FunctionSpec;

pub(crate) use bootstraps::Bootstraps;
pub(crate) use variables::{Places, Session, extension_variables, seen_prefix, variables};

/// A language that the runner brings its own bootstrap for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// CPython.
    Python,
    /// Node.js.
    Node,
}

/// One interpreter of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The language it runs.
    pub language: Language,
    /// The runtime identifier it serves: `python3.11`, `nodejs20.x`.
    pub runtime: String,
    /// Its full version: `3.11.7`.
    pub version: String,
    /// The real executable, symbolic links resolved.
    pub executable: PathBuf,
    /// The directory that holds everything it needs.
    pub prefix: PathBuf,
}

impl fmt::Display for Interpreter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} at {})", self.runtime, self.version, self.executable.display())
    }
}

/// The runtimes that functions can use on this machine.
#[derive(Debug, Clone, Default)]
pub struct Runtimes {
    interpreters: Vec<Interpreter>,
}

/// Why a function's runtime cannot be started; AWS's error type and a message for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Unstartable {
    pub(crate) error_type: &'static str,
    pub(crate) message: String,
}

/// What serves a runtime identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine<'a> {
    /// One of the host's interpreters with our bootstrap.
    Interpreter(&'a Interpreter),
    /// The function's own `bootstrap` executable.
    Provided,
}

/// Runtimes that start the executable `bootstrap` of the code or of a layer.
const PROVIDED: [&str; 2] = ["provided.al2", "provided.al2023"];

impl Runtimes {
    /// Looks for interpreters in `PATH` and the usual places and asks each for its version, once.
    #[must_use]
    pub fn discover() -> Self {
        Self { interpreters: discover::interpreters() }
    }

    /// The interpreters found, one for each runtime identifier.
    #[must_use]
    pub fn list(&self) -> &[Interpreter] {
        &self.interpreters
    }

    /// Whether functions of this runtime can run here.
    #[must_use]
    pub fn offers(&self, runtime: &str) -> bool {
        self.engine(runtime).is_ok()
    }

    pub(crate) fn engine(&self, runtime: &str) -> Result<Engine<'_>, Unstartable> {
        if PROVIDED.contains(&runtime) {
            return Ok(Engine::Provided);
        }
        match self.interpreters.iter().find(|interpreter| interpreter.runtime == runtime) {
            Some(interpreter) => Ok(Engine::Interpreter(interpreter)),
            None => Err(self.not_installed(runtime)),
        }
    }

    fn not_installed(&self, runtime: &str) -> Unstartable {
        let wanted = if let Some(minor) = runtime.strip_prefix("python") {
            format!("no Python {minor} was found; install python{minor}")
        } else if let Some(major) = runtime.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x")) {
            format!("no Node.js {major} was found; install Node.js {major}")
        } else {
            "this server runs python3.*, nodejs*.x, provided.al2 and provided.al2023".to_owned()
        };
        let names: Vec<&str> = self.interpreters.iter().map(|found| found.runtime.as_str()).collect();
        let installed = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Unstartable {
            error_type: "Runtime.NotInstalled",
            message: format!(
                "The runtime {runtime} is not installed on this machine: {wanted} where the server's PATH finds it and start the server again. Interpreters found: {installed}."
            ),
        }
    }
}

/// The program an environment runs and how the platform's log names its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// The text after `INIT_START Runtime Version: `.
    pub(crate) version: String,
}

/// How `spec` is started, given where things are inside its environment.
pub(crate) fn program(
    engine: Engine<'_>,
    spec: &FunctionSpec,
    places: &Places,
) -> Result<Program, Unstartable> {
    match engine {
        Engine::Provided => provided(spec, places),
        Engine::Interpreter(interpreter) => {
            if spec.handler.as_deref().unwrap_or_default().is_empty() {
                return Err(Unstartable {
                    error_type: "Runtime.HandlerNotFound",
                    message: format!(
                        "The runtime {} needs a handler and the function has none.",
                        spec.runtime
                    ),
                });
            }
            Ok(exec_wrapper::wrapped(managed(interpreter, places), spec))
        }
    }
}

fn managed(interpreter: &Interpreter, places: &Places) -> Program {
    let executable = places.interpreter(interpreter);
    let script = |name: &str| places.runtime.join(name).to_string_lossy().into_owned();
    let (arguments, name) = match interpreter.language {
        // -S and -s: the host's own site-packages are not the function's.
        Language::Python => (vec!["-S".to_owned(), "-s".to_owned(), script("bootstrap.py")], "python"),
        Language::Node => (vec![script("bootstrap.cjs")], "nodejs"),
    };
    let version = match interpreter.version.rsplit_once('.') {
        Some((minor, patch)) if interpreter.language == Language::Python => {
            format!("{name}:{minor}.v{patch}")
        }
        _ => match interpreter.version.split_once('.') {
            Some((major, rest)) => format!("{name}:{major}.v{rest}"),
            None => format!("{name}:{}", interpreter.version),
        },
    };
    Program { executable, arguments, version }
}

fn provided(spec: &FunctionSpec, places: &Places) -> Result<Program, Unstartable> {
    let in_code = spec.code_dir.join("bootstrap");
    let executable = if in_code.is_file() {
        places.task.join("bootstrap")
    } else if spec.layer_dirs.iter().any(|layer| layer.join("bootstrap").is_file()) {
        places.opt.join("bootstrap")
    } else {
        return Err(Unstartable {
            error_type: "Runtime.InvalidEntrypoint",
            message: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned(),
        });
    };
    Ok(Program { executable, arguments: Vec::new(), version: spec.runtime.replace("provided.", "provided:") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_interpreter_is_named_with_what_to_install() {
        let Err(error) = Runtimes::default().engine("python3.12") else { panic!("nothing is installed") };
        assert_eq!(error.error_type, "Runtime.NotInstalled");
        assert!(error.message.contains("python3.12"), "{}", error.message);
        assert!(error.message.contains("Interpreters found: none"), "{}", error.message);
    }

    #[test]
    fn another_minor_version_does_not_serve() {
        let interpreter = Interpreter {
            language: Language::Python,
            runtime: "python3.11".to_owned(),
            version: "3.11.7".to_owned(),
            executable: "/usr/bin/python3.11".into(),
            prefix: "/usr".into(),
        };
        let runtimes = Runtimes { interpreters: vec![interpreter] };
        assert!(runtimes.offers("python3.11"));
        assert!(!runtimes.offers("python3.1"));
        assert!(!runtimes.offers("python3.12"));
        assert!(runtimes.offers("provided.al2023"));
        assert!(!runtimes.offers("provided"));
    }
}
