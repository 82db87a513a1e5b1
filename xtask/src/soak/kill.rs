//! The tests that kill the server while it writes and while it delivers events, with more cycles than every change runs.

use anyhow::Result;

use super::end_to_end;

const CYCLES: u32 = 1000;
const TEST: &str = "tests/test_kill.py";
const EVENT_CYCLES: u32 = 200;
const EVENT_TEST: &str = "tests/test_kill_events.py";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How often the server is killed while it writes.
    #[arg(long, default_value_t = CYCLES)]
    cycles: u32,
    /// How often it is killed while it delivers events.
    #[arg(long, default_value_t = EVENT_CYCLES)]
    event_cycles: u32,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { cycles: CYCLES, event_cycles: EVENT_CYCLES }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let Arguments { cycles, event_cycles } = arguments;
    end_to_end::test(TEST, "ROLECALL_KILL_CYCLES", &cycles.to_string())?;
    end_to_end::test(EVENT_TEST, "ROLECALL_EVENT_KILL_CYCLES", &event_cycles.to_string())?;
    Ok(format!("killed {cycles} and {event_cycles} times, nothing that was acknowledged was lost"))
}
