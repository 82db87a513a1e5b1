//! Wrapper scripts (AWS_LAMBDA_EXEC_WRAPPER): a program of the code or of a layer that is started in place of the runtime
//! of AWS, with the command that would have been started as its arguments. Tracing agents come in this way.

use super::Program;
use crate::spec::FunctionSpec;

const VARIABLE: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// Starts the wrapper, and says what keeps it from starting. The words are ours; the exit codes are a shell's.
const SCRIPT: &str = r#"
[ -f "$0" ] || { echo "$0: does not exist" >&2; exit 127; }
[ -x "$0" ] || { echo "$0: is not an executable" >&2; exit 126; }
exec "$0" "$@"
"#;

/// The program inside the wrapper that the function's variables name, if they name one.
pub(super) fn wrapped(program: Program, spec: &FunctionSpec) -> Program {
    let wrapper = spec.env.iter().find(|(name, value)| name == VARIABLE && !value.is_empty());
    let Some((_, wrapper)) = wrapper else { return program };
    let runtime = program.executable.to_string_lossy().into_owned();
    let start = ["-c".to_owned(), SCRIPT.to_owned(), wrapper.clone(), runtime];
    Program {
        executable: "/bin/sh".into(),
        arguments: start.into_iter().chain(program.arguments).collect(),
        version: program.version,
    }
}
