//! Finds interpreters on the host. Each candidate is asked itself, because names and links lie about versions.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Interpreter, Language};

/// Directories below the home directory whose children each hold an interpreter: version managers' stores.
const VERSION_STORES: [&str; 4] =
    [".pyenv/versions", ".nvm/versions/node", ".local/share/uv/python", ".local/share/mise/installs/node"];

const QUESTION_PYTHON: &str = "import sys,json,os;print(json.dumps({'version':'%d.%d.%d'%sys.version_info[:3],\
     'executable':os.path.realpath(sys.executable),'prefix':sys.base_prefix,'kind':sys.implementation.name}))";
const QUESTION_NODE: &str = "console.log(JSON.stringify({version:process.versions.node,\
     executable:process.execPath,prefix:require('path').dirname(require('path').dirname(process.execPath)),kind:'node'}))";

/// The oldest versions that our bootstraps run on: Python 3.8 and Node.js 16.
const OLDEST_PYTHON: (u32, u32) = (3, 8);
const OLDEST_NODE: (u32, u32) = (16, 0);

/// The longest that an interpreter may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an interpreter says of itself.
#[derive(Deserialize)]
struct Answer {
    version: String,
    executable: PathBuf,
    prefix: PathBuf,
    kind: String,
}

/// One interpreter for each runtime identifier; those under `/usr` win, since every sandbox shows `/usr` anyway.
pub(super) fn interpreters() -> Vec<Interpreter> {
    let candidates = candidates();
    let answers: Vec<Option<Interpreter>> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            candidates.iter().map(|(language, path)| scope.spawn(move || ask(*language, path))).collect();
        asked.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let mut found: Vec<Interpreter> = Vec::new();
    for interpreter in answers.into_iter().flatten() {
        if !found.iter().any(|other| other.runtime == interpreter.runtime) {
            found.push(interpreter);
        }
    }
    found.sort_by_key(|interpreter| (interpreter.language, minor(interpreter)));
    found
}

fn minor(interpreter: &Interpreter) -> Vec<u32> {
    interpreter.version.split('.').filter_map(|part| part.parse().ok()).collect()
}

fn candidates() -> Vec<(Language, PathBuf)> {
    let mut seen = BTreeSet::new();
    let mut candidates = Vec::new();
    for directory in directories() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        names.sort();
        for path in names {
            let Some(language) = path.file_name().and_then(|name| name.to_str()).and_then(language) else {
                continue;
            };
            let Ok(real) = path.canonicalize() else { continue };
            if real.is_file() && !is_script(&real) && seen.insert(real.clone()) {
                candidates.push((language, real));
            }
        }
    }
    candidates
}

fn directories() -> Vec<PathBuf> {
    let mut directories = vec![PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")];
    directories.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let home = std::env::var_os("HOME").map(PathBuf::from);
    for store in home.iter().flat_map(|home| VERSION_STORES.iter().map(|store| home.join(store))) {
        let Ok(entries) = std::fs::read_dir(store) else { continue };
        directories.extend(entries.flatten().map(|entry| entry.path().join("bin")));
    }
    directories
}

/// `python3.11` and `node` are interpreters; `python3.11-config` and `node-gyp` are not.
fn language(name: &str) -> Option<Language> {
    match name {
        "node" | "nodejs" => Some(Language::Node),
        _ => {
            let minor = name.strip_prefix("python3.")?;
            minor.bytes().all(|byte| byte.is_ascii_digit()).then_some(Language::Python)
        }
    }
}

/// Version managers put scripts of these names into `PATH`; the real executables are found in their stores.
fn is_script(path: &Path) -> bool {
    let mut start = [0_u8; 2];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_err() || start == *b"#!"
}

fn ask(language: Language, path: &Path) -> Option<Interpreter> {
    let mut command = Command::new(path);
    match language {
        Language::Python => command.args(["-I", "-S", "-c", QUESTION_PYTHON]),
        Language::Node => command.args(["-e", QUESTION_NODE]),
    };
    let answer: Answer = serde_json::from_slice(&output(command)?).ok()?;
    let mut parts = answer.version.split('.').map_while(|part| part.parse().ok());
    let (major, minor): (u32, u32) = (parts.next()?, parts.next()?);
    let runtime = match (language, answer.kind.as_str()) {
        (Language::Python, "cpython") if (major, minor) >= OLDEST_PYTHON => format!("python{major}.{minor}"),
        (Language::Node, "node") if (major, minor) >= OLDEST_NODE => format!("nodejs{major}.x"),
        _ => return None,
    };
    let prefix = answer.prefix.canonicalize().ok()?;
    Some(Interpreter { language, runtime, version: answer.version, executable: answer.executable, prefix })
}

/// The command's standard output, or nothing when it fails or takes too long.
fn output(mut command: Command) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                drop(child.kill());
                drop(child.wait());
                return None;
            }
        }
    }
    // The answer is one short line, so it fitted into the pipe before the program ended.
    let mut text = Vec::new();
    child.stdout.take()?.read_to_end(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_interpreter_names_count() {
        assert_eq!(language("python3.11"), Some(Language::Python));
        assert_eq!(language("node"), Some(Language::Node));
        for other in ["python3", "python3.11-config", "python2.7", "node-gyp", "pypy3.10", "python3.11d"] {
            assert_eq!(language(other), None, "{other}");
        }
    }
}
