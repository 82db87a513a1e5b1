//! The hostile functions' campaigns, for longer than every change runs them.

use anyhow::Result;

use super::end_to_end;

const SECONDS: u32 = 300;
const TEST: &str = "tests/test_hostile.py";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How long each campaign goes on.
    #[arg(long, default_value_t = SECONDS)]
    seconds: u32,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { seconds: SECONDS }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    end_to_end::test(TEST, "ROLECALL_HOSTILE_SECONDS", &arguments.seconds.to_string())?;
    Ok(format!("campaigns of {} s, nothing reached and nobody harmed", arguments.seconds))
}
