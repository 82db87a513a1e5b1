//! `rolecall runtimes`.

use anyhow::Result;

use crate::cli::{Output, RuntimesOptions};
use crate::exit::Exit;

/// Lists the interpreters of this machine that functions can run on.
pub(crate) fn run(options: &RuntimesOptions) -> Result<Exit> {
    let runtimes = rolecall_runner::Runtimes::discover();
    let found = runtimes.list();
    match options.output {
        Output::Json => {
            let list: Vec<_> = found
                .iter()
                .map(|runtime| {
                    serde_json::json!({
                        "runtime": runtime.runtime,
                        "version": runtime.version,
                        "path": runtime.executable,
                    })
                })
                .collect();
            println!("{}", serde_json::to_string_pretty(&list)?);
        }
        Output::Text => {
            for runtime in found {
                println!("{:<16} {:<12} {}", runtime.runtime, runtime.version, runtime.executable.display());
            }
        }
    }
    Ok(Exit::Done)
}
