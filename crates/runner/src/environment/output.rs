//! What a function prints, as log events: two pipes, one list in the order of reading.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;

use tokio::net::unix::pipe::Receiver;

use super::record::Record;
use super::telemetry::{Category, Telemetry};
use crate::log_format::{ApplicationLogLevel, LogFormat};
use crate::spec::LogLine;

/// The longest log event that CloudWatch Logs takes, in bytes.
const EVENT_MAX: usize = 262_144 - 26;

/// The most output kept for one invocation, in bytes. A function that prints without end must not fill the server.
const KEPT_MAX: usize = 16 << 20;

/// How much is read from a pipe at once, and how many times before others get their turn.
const CHUNK: usize = 16 << 10;
const CHUNKS: usize = 256;

/// The log of one environment since it was last taken.
pub(crate) struct Output {
    format: LogFormat,
    telemetry: Arc<Telemetry>,
    collected: Mutex<Collected>,
    /// Standard output and standard error of the function.
    pipes: [Receiver; 2],
    /// The output of each extension.
    extensions: OnceLock<Vec<Receiver>>,
}

#[derive(Default)]
struct Collected {
    kept: Kept,
    /// The unfinished line of each pipe, the function's first.
    partial: Vec<Vec<u8>>,
}

/// Finished lines.
#[derive(Default)]
struct Kept {
    lines: Vec<LogLine>,
    bytes: usize,
    discarded: usize,
    filter: Filter,
    /// Who else hears of every line, and whether lines may be JSON.
    telemetry: Option<(Arc<Telemetry>, bool)>,
}

/// What stopped the reading of a pipe, other than its being empty.
enum Read {
    Ended,
    More,
}

impl Output {
    /// Takes over the reading ends of standard output and standard error.
    pub(crate) fn new(
        stdout: OwnedFd,
        stderr: OwnedFd,
        format: LogFormat,
        telemetry: Arc<Telemetry>,
    ) -> io::Result<Arc<Self>> {
        let pipes = [Receiver::from_owned_fd(stdout)?, Receiver::from_owned_fd(stderr)?];
        let collected = Mutex::new(Collected::of(format, Arc::clone(&telemetry)));
        Ok(Arc::new(Self { format, telemetry, collected, pipes, extensions: OnceLock::new() }))
    }

    /// Takes over what the output of each extension is read from; once.
    pub(crate) fn add_extensions(&self, pipes: Vec<OwnedFd>) -> io::Result<()> {
        let receivers = pipes.into_iter().map(Receiver::from_owned_fd).collect::<io::Result<_>>()?;
        self.extensions.set(receivers).map_err(|_| io::Error::other("the helper introduced itself twice"))
    }

    /// Reads all pipes until their last writers are gone.
    pub(crate) async fn follow(&self) {
        let mut following: Vec<_> =
            self.pipes().enumerate().map(|(index, pipe)| Box::pin(self.follow_one(index, pipe))).collect();
        std::future::poll_fn(|context| {
            following.retain_mut(|one| one.as_mut().poll(context).is_pending());
            if following.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn pipes(&self) -> impl Iterator<Item = &Receiver> {
        self.pipes.iter().chain(self.extensions.get().into_iter().flatten())
    }

    async fn follow_one(&self, index: usize, pipe: &Receiver) {
        while pipe.readable().await.is_ok() {
            // An empty pipe answers WouldBlock, from which tokio learns to wait for more.
            match pipe.try_io(|| self.lock().read(index, pipe)) {
                Ok(Read::Ended) => return,
                Ok(Read::More) => tokio::task::yield_now().await,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// Reads whatever is in the pipes at this moment. A line printed before a response was sent is in its pipe when
    /// the response arrives, so nothing is lost by looking once.
    pub(crate) fn drain(&self) {
        let mut collected = self.lock();
        for (index, pipe) in self.pipes().enumerate() {
            // Empty, ended or full of more: whichever it is, the following task goes on from here.
            drop(collected.read(index, pipe));
        }
    }

    /// Adds a record of the platform's own, where the log's format has it.
    pub(crate) fn platform(&self, record: &Record<'_>) {
        let time = jiff::Timestamp::now();
        let line = log_line(record, self.format, time);
        let mut collected = self.lock();
        if line.is_some() {
            collected.flush();
        }
        self.telemetry.platform(record, time);
        collected.kept.lines.extend(line);
    }

    /// Takes everything so far; unfinished lines count as finished.
    pub(crate) fn take(&self) -> Vec<LogLine> {
        let mut collected = self.lock();
        collected.flush();
        collected.kept.bytes = 0;
        std::mem::take(&mut collected.kept.lines)
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collected {
    fn of(format: LogFormat, telemetry: Arc<Telemetry>) -> Self {
        let telemetry = Some((telemetry, format != LogFormat::Text));
        Self { kept: Kept { filter: Filter::of(format), telemetry, ..Kept::default() }, ..Self::default() }
    }

    /// Reads what is there, up to a limit; an empty pipe is `WouldBlock`.
    fn read(&mut self, index: usize, pipe: impl AsFd) -> io::Result<Read> {
        let mut chunk = [MaybeUninit::uninit(); CHUNK];
        for _ in 0..CHUNKS {
            match rustix::io::read(&pipe, chunk.as_mut_slice()) {
                Ok(([], _)) => return Ok(Read::Ended),
                Ok((bytes, _)) => self.add(index, bytes),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Read::More)
    }

    /// Splits what was printed into lines.
    fn add(&mut self, index: usize, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.extend(index, line);
            self.finish(index);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.extend(index, bytes);
    }

    fn extend(&mut self, index: usize, bytes: &[u8]) {
        if self.partial.len() <= index {
            self.partial.resize_with(index + 1, Vec::new);
        }
        let Some(partial) = self.partial.get_mut(index) else { return };
        let mut bytes = bytes;
        while partial.len() + bytes.len() > EVENT_MAX {
            let (now, later) = bytes.split_at(EVENT_MAX.saturating_sub(partial.len()));
            partial.extend_from_slice(now);
            let full = std::mem::take(partial);
            self.kept.keep(&full, category(index));
            bytes = later;
        }
        partial.extend_from_slice(bytes);
    }

    fn finish(&mut self, index: usize) {
        let Some(partial) = self.partial.get_mut(index) else { return };
        let line = std::mem::take(partial);
        self.kept.keep(&line, category(index));
    }

    /// Ends unfinished lines.
    fn flush(&mut self) {
        for index in 0..self.partial.len() {
            if self.partial.get(index).is_some_and(|partial| !partial.is_empty()) {
                self.finish(index);
            }
        }
        self.kept.tell_discarded();
    }
}

impl Kept {
    fn tell_discarded(&mut self) {
        if self.discarded > 0 {
            let discarded = std::mem::take(&mut self.discarded);
            self.push(format!(
                "[WARN] {discarded} bytes of output were discarded: more than {KEPT_MAX} bytes."
            ));
        }
    }

    fn push(&mut self, text: String) {
        self.lines.push(LogLine { time_ms: now_ms(), text });
    }

    fn keep(&mut self, line: &[u8], category: Category) {
        let text = text_of(line);
        if let Some((telemetry, json)) = &self.telemetry {
            telemetry.line(category, &text, *json);
        }
        if category == Category::Function && !self.filter.lets_pass(&text) {
            return;
        }
        // Even an empty line costs memory, and what is no text becomes longer than it was.
        let cost = text.len() + size_of::<LogLine>();
        if self.bytes + cost > KEPT_MAX {
            self.discarded += line.len() + 1;
            return;
        }
        self.bytes += cost;
        self.push(text);
    }
}

/// Whose pipe it is: the first two are the function's.
fn category(index: usize) -> Category {
    if index < 2 { Category::Function } else { Category::Extension }
}

/// Which lines of the function's own are left out (reference lambda.md 7.8).
#[derive(Default)]
enum Filter {
    #[default]
    Nothing,
    Below(ApplicationLogLevel),
}

impl Filter {
    fn of(format: LogFormat) -> Self {
        match format {
            LogFormat::Json { application, .. } if application > ApplicationLogLevel::Trace => {
                Self::Below(application)
            }
            LogFormat::Json { .. } | LogFormat::Text => Self::Nothing,
        }
    }

    /// A line that is no JSON object, or names no level, counts as information.
    fn lets_pass(&self, line: &str) -> bool {
        let Self::Below(least) = self else { return true };
        level_of(line).unwrap_or_default() >= *least
    }
}

fn level_of(line: &str) -> Option<ApplicationLogLevel> {
    #[derive(serde::Deserialize)]
    struct Leveled<'a> {
        #[serde(borrow)]
        level: std::borrow::Cow<'a, str>,
    }
    if !line.starts_with('{') {
        return None;
    }
    ApplicationLogLevel::parse(&serde_json::from_str::<Leveled<'_>>(line).ok()?.level)
}

/// A record of the platform's as a line of the log; none where the format or the level leaves it out.
pub(crate) fn log_line(record: &Record<'_>, format: LogFormat, time: jiff::Timestamp) -> Option<LogLine> {
    let text = match format {
        LogFormat::Text => record.text(time)?,
        LogFormat::Json { system, .. } if record.level().is_some_and(|level| level >= system) => {
            record.json(time)
        }
        LogFormat::Json { .. } => return None,
    };
    Some(LogLine { time_ms: time.as_millisecond(), text })
}

/// A lone carriage return is how a record of several lines comes through a pipe as one event, as on AWS.
fn text_of(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).replace('\r', "\n")
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Microseconds since 1970.
pub(crate) fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(chunks: &[(usize, &[u8])]) -> Vec<String> {
        let mut collected = Collected::default();
        for (index, bytes) in chunks {
            collected.add(*index, bytes);
        }
        collected.flush();
        collected.kept.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_of_both_streams_do_not_mix() {
        assert_eq!(texts(&[(0, b"on"), (1, b"err\n"), (0, b"e\ntwo")]), ["err", "one", "two"]);
    }

    #[test]
    fn lines_below_the_level_are_left_out() {
        let filter = Filter::Below(ApplicationLogLevel::Warn);
        for (line, passes) in [
            (r#"{"level":"error","message":"m"}"#, true),
            (r#"{"message":"m","level":"WARNING"}"#, true),
            (r#"{"level":"INFO"}"#, false),
            (r#"{"level":7}"#, false),
            ("plain text counts as information", false),
        ] {
            assert_eq!(filter.lets_pass(line), passes, "{line}");
        }
        assert!(Filter::of(LogFormat::Text).lets_pass("anything"));
    }

    #[test]
    fn a_carriage_return_inside_a_line_makes_one_event_of_several_lines() {
        assert_eq!(texts(&[(0, b"a\rb\r\nc\n")]), ["a\nb", "c"]);
    }

    #[test]
    fn an_endless_line_becomes_several_events() {
        let lengths: Vec<usize> =
            texts(&[(0, &vec![b'x'; EVENT_MAX * 2 + 1])]).iter().map(String::len).collect();
        assert_eq!(lengths, [EVENT_MAX, EVENT_MAX, 1]);
    }

    #[test]
    fn too_much_output_is_discarded_and_said() {
        let lines = texts(&[(0, &b"0123456789abcdef\n".repeat(1 << 20))]);
        let last = lines.last().expect("there is a notice");
        assert!(last.contains("bytes of output were discarded"), "{last}");
        assert!(lines.len() < 1 << 20);
    }
}
