//! The figures, as a page that people read.

use std::fmt::Write as _;
use std::time::Duration;

use crate::ROUNDS;
use crate::functions::Deployed;
use crate::load::Round;
use crate::many::Account;
use crate::moto::{self, Times};

/// How the times of one round are spread.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    p50: Duration,
    p99: Duration,
}

impl Spread {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at =
            |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied();
        Spread { p50: at(50).unwrap_or_default(), p99: at(99).unwrap_or_default() }
    }
}

/// The page so far.
pub(crate) struct Report(String);

impl Report {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut text = String::from("# Benchmarks\n\nMade by `cargo xtask bench`; do not edit.\n\n");
        let _ = writeln!(
            text,
            "Each figure is the median of {ROUNDS} interleaved rounds on one machine with {cores} cores, which the \
             load shares with what it measures. Compare the ratios, not the times. The server logs as by default, \
             authenticates and authorises every request, and every answer was checked.\n"
        );
        Report(text)
    }

    /// GetFunction against the bare server.
    pub(crate) fn requests(&mut self, ours: &[Round], floor: &[Round], bytes: usize, policy: usize) {
        let rate = |rounds: &[Round]| middle(rounds.iter().map(|round| round.requests_per_second));
        let _ = writeln!(
            self.0,
            "## A request\n\nGetFunction, signed and authorised, of a function whose resource-based policy has {policy} \
             bytes, against a bare hyper server that answers with the same {bytes} bytes; 4 connections.\n\n| | server CPU per request | requests per second |\n|---|---|---|\n\
             | GetFunction | {:.1} µs | {:.0} |\n| bare hyper | {:.1} µs | {:.0} |\n| ratio | **{:.2}** | {:.2} |\n",
            cpu(ours),
            rate(ours),
            cpu(floor),
            rate(floor),
            cpu(ours) / cpu(floor),
            rate(ours) / rate(floor),
        );
    }

    /// Acknowledged writes against bare ones, one row for each pair.
    pub(crate) fn writes(&mut self, what: &str, ours: &[Spread], bare: &str, floor: &[Spread]) {
        self.heading(
            "## A durable write\n\nOne at a time; what is acknowledged is on the disk. Against the same bytes written bare \
             to the same file system.\n\n| operation | p50 | bare | p50 | ratio |\n|---|---|---|---|---|\n",
        );
        let (ours, floor) = (middle_us(ours, |spread| spread.p50), middle_us(floor, |spread| spread.p50));
        let _ = writeln!(
            self.0,
            "| {what} | {:.2} ms | {bare} | {:.2} ms | **{:.2}** |",
            ours / 1000.0,
            floor / 1000.0,
            ours / floor
        );
    }

    /// An account with many functions against one with few.
    pub(crate) fn many(
        &mut self,
        small: &Account,
        large: &Account,
        (many, few, versions, aliases): (usize, usize, usize, usize),
    ) {
        let kib = large.memory_bytes.saturating_sub(small.memory_bytes) as f64 / 1024.0 / (many - few) as f64;
        let _ = writeln!(
            self.0,
            "\n## Many functions\n\n{many} functions with {versions} versions and {aliases} aliases each, against {few} \
             such functions. Server CPU per request; for AddPermission the time until it is acknowledged.\n\n\
             | operation | {few} functions | {many} functions | ratio |\n|---|---|---|---|"
        );
        let mut row = |name: &str, small: f64, large: f64| {
            let _ = writeln!(self.0, "| {name} | {small:.0} µs | {large:.0} µs | **{:.2}** |", large / small);
        };
        row("ListFunctions, first page of 50", cpu(&small.list), cpu(&large.list));
        row("ListFunctions, a later page of 50", cpu(&small.list), cpu(&large.later_list));
        row("GetFunction", cpu(&small.get), cpu(&large.get));
        let add = |account: &Account| middle_us(&account.add, |spread| spread.p50);
        row("AddPermission", add(small), add(large));
        let _ = writeln!(
            self.0,
            "\nEach function more takes **{kib:.1} KiB** of the server's memory, all its versions and aliases included.\n"
        );
    }

    /// The same operations of ours and of moto.
    pub(crate) fn moto(&mut self, ours: &[Times], theirs: &[Times]) {
        let _ = writeln!(
            self.0,
            "## Against moto\n\nThe same operations, one at a time, each over a connection of its own, against moto {} as \
             it comes: without authentication and authorisation, in memory only.\n\n\
             | operation | p50 | moto p50 | ratio |\n|---|---|---|---|",
            moto::VERSION
        );
        for (index, operation) in moto::OPERATIONS.into_iter().enumerate() {
            let p50 = |all: &[Times]| {
                let all: Vec<Spread> = all.iter().filter_map(|times| times.get(index).copied()).collect();
                middle_us(&all, |spread| spread.p50) / 1000.0
            };
            let (ours, theirs) = (p50(ours), p50(theirs));
            let _ = writeln!(
                self.0,
                "| {operation} | {ours:.2} ms | {theirs:.2} ms | **{:.2}** |",
                ours / theirs
            );
        }
        self.0.push('\n');
    }

    /// Warm invocations of one kind.
    pub(crate) fn warm(&mut self, function: &Deployed, ours: &[Spread], floor: &[Spread]) {
        self.heading(
            "## A warm invocation\n\nOne at a time over a kept connection, against one round trip to a bare hyper \
             server with the same bytes.\n\n| function | p50 | p99 | bare p50 | p50 / bare | p99 / p50 |\n\
             |---|---|---|---|---|---|\n",
        );
        let (p50, p99) = (middle_us(ours, |spread| spread.p50), middle_us(ours, |spread| spread.p99));
        let bare = middle_us(floor, |spread| spread.p50);
        let _ = writeln!(
            self.0,
            "| {} | {p50:.0} µs | {p99:.0} µs | {bare:.0} µs | **{:.2}** | {:.2} |",
            label(function),
            p50 / bare,
            p99 / p50
        );
    }

    /// Warm invocations side by side.
    pub(crate) fn throughput(&mut self, ours: &[Round], floor: &[Round]) {
        let rate = |rounds: &[Round]| middle(rounds.iter().map(|round| round.requests_per_second));
        let _ = writeln!(
            self.0,
            "\nFour at a time, in four environments of the Rust function, against four connections to the bare server.\n\n\
             | | per second | server CPU each |\n|---|---|---|\n| invocations | {:.0} | {:.1} µs |\n\
             | bare hyper | {:.0} | {:.1} µs |\n| ratio | **{:.2}** | {:.2} |\n",
            rate(ours),
            cpu(ours),
            rate(floor),
            cpu(floor),
            rate(ours) / rate(floor),
            cpu(ours) / cpu(floor),
        );
    }

    /// Sandboxes of ours and of bubblewrap.
    pub(crate) fn sandbox(&mut self, ours: &[Spread], theirs: &[Spread]) {
        let row = |pick: fn(&Spread) -> Duration| {
            (middle_us(ours, pick) / 1000.0, middle_us(theirs, pick) / 1000.0)
        };
        let ((ours_p50, theirs_p50), (ours_p99, theirs_p99)) =
            (row(|spread| spread.p50), row(|spread| spread.p99));
        let _ = writeln!(
            self.0,
            "## A sandbox\n\nMade, entered by a program that does nothing, and ended: an invocation of such a function, with \
             all that an invocation has, against `bwrap --unshare-all` with a file system of the same kind, without limits \
             and system call filter.\n\n| | p50 | p99 |\n|---|---|---|\n| Rolecall | {ours_p50:.2} ms | {ours_p99:.2} ms |\n\
             | bubblewrap | {theirs_p50:.2} ms | {theirs_p99:.2} ms |\n| ratio | **{:.2}** | {:.2} |\n",
            ours_p50 / theirs_p50,
            ours_p99 / theirs_p99,
        );
    }

    /// What the server's memory has grown by with so many idle environments.
    pub(crate) fn idle(&mut self, environments: usize, bytes: u64) {
        let _ = writeln!(
            self.0,
            "## An idle environment\n\n{environments} environments that wait for their next event take **{:.1} KiB** of \
             the server's memory each.\n",
            bytes as f64 / 1024.0 / environments as f64
        );
    }

    /// Cold starts of a small and of a large server.
    pub(crate) fn beside(&mut self, small_bytes: u64, small: Duration, large_bytes: u64, large: Duration) {
        let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let _ = writeln!(
            self.0,
            "\nA cold start of the Rust function in a server with {:.0} MiB of memory took {:.2} ms, in one with {:.0} MiB \
             {:.2} ms: **{:.2}** times as long.\n",
            mib(small_bytes),
            ms(small),
            mib(large_bytes),
            ms(large),
            ms(large) / ms(small),
        );
    }

    /// Something to read instead of a figure.
    pub(crate) fn note(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// Cold starts of one kind.
    pub(crate) fn cold(&mut self, function: &Deployed, ours: Duration, floor: Duration) {
        self.heading(
            "\n## A cold start\n\nAn invocation just after the configuration changed: a session of the execution role, \
             a new sandbox, the runtime's start and the answer. Against the same program started bare, with the same \
             handshake.\n\n| function | cold | bare | ratio |\n|---|---|---|---|\n",
        );
        let (ours, floor) = (ours.as_secs_f64() * 1000.0, floor.as_secs_f64() * 1000.0);
        let _ = writeln!(
            self.0,
            "| {} | {ours:.1} ms | {floor:.1} ms | **{:.2}** |",
            label(function),
            ours / floor
        );
    }

    /// Writes a heading, unless it is there.
    fn heading(&mut self, heading: &str) {
        if !self.0.contains(heading) {
            self.0.push_str(heading);
        }
    }

    pub(crate) fn into_markdown(self) -> String {
        self.0
    }
}

fn cpu(rounds: &[Round]) -> f64 {
    middle(rounds.iter().map(|round| round.cpu_us))
}

fn label(function: &Deployed) -> String {
    format!("{:?} ({})", function.kind, function.runtime)
}

fn middle_us(spreads: &[Spread], pick: impl Fn(&Spread) -> Duration) -> f64 {
    middle(spreads.iter().map(|spread| pick(spread).as_secs_f64() * 1e6))
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
