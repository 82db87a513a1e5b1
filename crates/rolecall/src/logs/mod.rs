//! `rolecall logs [FUNCTION]`: what functions wrote, as `aws logs tail` shows it.
//!
//! It asks CloudWatch Logs, with the caller's own rights and nothing else.

mod ask;
mod since;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cli::{LogsFormat, LogsOptions, Output};
use crate::denial;
use crate::exit::Exit;
use crate::logs::ask::{Event, Refused, Source};
use crate::server_access;
use crate::stdout;
use crate::why::printable;

pub(crate) use since::since;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_secs(1);

/// Events that come later than others that happened after them are still found within this time, in milliseconds.
const LATENESS_MS: i64 = 10_000;

/// Prints log events, and goes on with `--follow` until it is interrupted.
pub(crate) fn run(options: &LogsOptions) -> Result<Exit> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(logs(options))
}

async fn logs(options: &LogsOptions) -> Result<Exit> {
    let source = Source {
        logs: server_access::client(&options.server, "logs")?,
        lambda: server_access::client(&options.server, "lambda")?,
        filter: options.filter.clone(),
    };
    let mut shown = Shown { since_ms: options.since.as_millisecond(), ids: BTreeMap::new() };
    loop {
        let groups = source.groups(options.function.as_deref()).await;
        let events = match groups {
            Ok(groups) => source.events(&groups, shown.start_ms()).await,
            Err(refused) => Err(refused),
        };
        match events {
            Ok(events) => {
                if let Some(exit) = print(options, shown.new_ones(events))? {
                    return Ok(exit);
                }
            }
            // A function that has not run yet has no log group; whoever follows waits for it.
            Err(Refused::Missing(_)) if options.follow => {}
            Err(Refused::Missing(group)) => {
                anyhow::bail!(
                    "there is no log group {group}: the function has not run yet, or its role may not write logs"
                );
            }
            Err(Refused::Answer(answer)) => return denial::tell(&source.logs, &answer).await,
            Err(Refused::Failed(error)) => return Err(error),
        }
        if !options.follow {
            return Ok(Exit::Done);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Which events were shown already.
struct Shown {
    since_ms: i64,
    /// The ids of the latest ones, with their times.
    ids: BTreeMap<String, i64>,
}

impl Shown {
    /// From when on to ask.
    fn start_ms(&self) -> i64 {
        let latest = self.ids.values().max().copied();
        latest.map_or(self.since_ms, |latest| self.since_ms.max(latest - LATENESS_MS))
    }

    /// Those of the events that were not shown, in the order of their times.
    fn new_ones(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        events.retain(|event| !self.ids.contains_key(&event.id));
        events.sort_by_key(|event| event.time_ms);
        self.ids.extend(events.iter().map(|event| (event.id.clone(), event.time_ms)));
        let from_ms = self.start_ms();
        self.ids.retain(|_, time_ms| *time_ms >= from_ms);
        events
    }
}

/// Prints the events. Whoever reads them may stop reading, which is no failure.
fn print(options: &LogsOptions, events: Vec<Event>) -> Result<Option<Exit>> {
    let lines: String = events.iter().map(|event| line(options, event) + "\n").collect();
    let is_read = stdout::write_while_read(&lines)?;
    Ok((!is_read).then_some(Exit::Done))
}

fn line(options: &LogsOptions, event: &Event) -> String {
    if options.output == Output::Json {
        return event.to_json().to_string();
    }
    let time = jiff::Timestamp::from_millisecond(event.time_ms).unwrap_or_default();
    let message = printable(event.message.trim_end());
    let group = if options.function.is_none() { format!("{} ", event.group) } else { String::new() };
    match options.format {
        LogsFormat::Detailed => {
            format!("{group}{}+00:00 {} {message}", time.strftime("%Y-%m-%dT%H:%M:%S.%6f"), event.stream)
        }
        LogsFormat::Short => format!("{group}{} {message}", time.strftime("%Y-%m-%dT%H:%M:%S")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, time_ms: i64) -> Event {
        Event {
            id: id.to_owned(),
            time_ms,
            group: "/aws/lambda/f".to_owned(),
            stream: "s".to_owned(),
            message: "hello\u{1b}[2J\n".to_owned(),
        }
    }

    #[test]
    fn no_event_is_shown_twice_and_a_late_one_is_shown() {
        let mut shown = Shown { since_ms: 0, ids: BTreeMap::new() };
        let ids = |events: Vec<Event>| events.into_iter().map(|event| event.id).collect::<Vec<_>>();
        assert_eq!(ids(shown.new_ones(vec![event("b", 50_000), event("a", 40_000)])), ["a", "b"]);
        assert_eq!(shown.start_ms(), 40_000);
        let late = vec![event("a", 40_000), event("late", 45_000), event("b", 50_000), event("c", 60_000)];
        assert_eq!(ids(shown.new_ones(late)), ["late", "c"]);
        assert_eq!(shown.start_ms(), 50_000);
        assert_eq!(shown.ids.len(), 2);
    }
}
