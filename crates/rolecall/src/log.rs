//! What the server tells its operator, on standard error.
//!
//! Every request is a line, so a line has to be cheap: the text form for files and pipes writes the date anew once a
//! second only, and leaves colours to terminals. It is the same text in both cases.

use std::cell::RefCell;
use std::fmt;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::time::FormatTime;

use crate::cli::LogFormat;

/// Logs to standard error; `RUST_LOG` chooses what.
pub(crate) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text if std::io::stderr().is_terminal() => builder.with_ansi(true).init(),
        LogFormat::Text => {
            let field = |writer: &mut Writer<'_>, field: &tracing::field::Field, value: &dyn fmt::Debug| {
                if field.name() != "message" {
                    writer.write_str(field.name())?;
                    writer.write_char('=')?;
                }
                write!(writer, "{value:?}")
            };
            let fields = debug_fn(field).delimited(" ");
            builder.with_ansi(false).with_timer(KeptSecond).fmt_fields(fields).init();
        }
    }
}

/// The time in UTC to the microsecond, `2026-11-23T08:32:00.000000Z`.
struct KeptSecond;

thread_local! {
    /// The last second that this thread wrote, and its text up to the point.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

impl FormatTime for KeptSecond {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write_time(jiff::Timestamp::now(), writer)
    }
}

fn write_time(now: jiff::Timestamp, writer: &mut impl fmt::Write) -> fmt::Result {
    let (second, microseconds) = (now.as_second(), now.subsec_microsecond());
    SECOND.with_borrow_mut(|(kept, text)| {
        if *kept != second {
            *text = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            *kept = second;
        }
        write!(writer, "{text}.{microseconds:06}Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_second_is_written_as_a_new_one() {
        for (time, expected) in [
            ("2026-11-23T08:32:00.000001Z", "2026-11-23T08:32:00.000001Z"),
            ("2026-11-23T08:32:00.5Z", "2026-11-23T08:32:00.500000Z"),
            ("2026-11-23T08:32:01.123456789Z", "2026-11-23T08:32:01.123456Z"),
        ] {
            let mut text = String::new();
            write_time(time.parse().unwrap(), &mut text).unwrap();
            assert_eq!(text, expected);
        }
    }
}
