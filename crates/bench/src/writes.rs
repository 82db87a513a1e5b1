//! Writes that have to be on the disk before they are acknowledged, against the same bytes written bare to the same
//! file system: CreateFunction of 1 MiB against a file, AddPermission against one `fdatasync`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::ROUNDS;
use crate::aws::{Client, Server};
use crate::functions::zipped;
use crate::load::Connection;
use crate::report::{Report, Spread};
use crate::requests::FUNCTION;

/// Functions that are made in a round, and files that are written.
const FUNCTIONS: usize = 8;
/// Statements that are added in a round, and bare syncs.
pub(crate) const STATEMENTS: usize = 40;
/// The size of a function's code in bytes.
const CODE_BYTES: usize = 1024 * 1024;
/// What a bare sync makes durable, in bytes: a page of the database.
const PAGE_BYTES: usize = 4096;

/// Measures both in rounds.
pub(crate) fn measure(server: &Server, report: &mut Report) -> Result<()> {
    let mut files = Vec::new();
    let mut functions = Vec::new();
    let mut syncs = Vec::new();
    let mut statements = Vec::new();
    let mut log = OpenOptions::new().create(true).append(true).open(server.directory().join("floor-log"))?;
    for round in 0..=ROUNDS {
        let (created, written) = time_functions(server, round)?;
        let sync = || time_sync(&mut log);
        let (added, synced) = time_in_turns(STATEMENTS, &mut Statements::of(server, "bench-rust")?, sync)?;
        // The first round only warms up.
        if round > 0 {
            files.push(written);
            functions.push(created);
            syncs.push(synced);
            statements.push(added);
        }
    }
    ensure!(server.lambda("GET", &format!("functions/{FUNCTION}"), &Value::Null)?.is_object(), "no function");
    report.writes("CreateFunction, 1 MiB of code", &functions, "write, fsync of file and directory", &files);
    report.writes("AddPermission", &statements, "write of 4 KiB, fdatasync", &syncs);
    Ok(())
}

/// Code that no other function has, and that cannot be made smaller.
fn code(round: usize, number: usize) -> Result<Vec<u8>> {
    // A generator of Marsaglia's; all that matters is that nothing repeats.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64 ^ (((round as u64) << 32) | (number as u64 + 1));
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    };
    let content: Vec<u8> = (0..CODE_BYTES / 8).flat_map(|_| next()).collect();
    zipped("main.py", &content)
}

/// Makes functions and writes files in turns; each is gone before the next is made.
fn time_functions(server: &Server, round: usize) -> Result<(Spread, Spread)> {
    let (mut functions, mut files) = (Vec::new(), Vec::new());
    for number in 0..FUNCTIONS {
        functions.push(time_function(server, round, number)?);
        files.push(time_file(server.directory(), round, number)?);
    }
    Ok((Spread::of(functions), Spread::of(files)))
}

fn time_function(client: &Client, round: usize, number: usize) -> Result<Duration> {
    let name = format!("bench-write-{round}-{number}");
    let request =
        client.lambda_request("POST", "functions", &client.function(&name, &code(round, number)?))?;
    let mut connection = Connection::open(client.port)?;
    let began = Instant::now();
    let answer = connection.send(&request)?;
    let time = began.elapsed();
    ensure!(answer.status == 201 && answer.body_contains(&name), "a wrong answer: {}", answer.status);
    client.wait_until_active(&name)?;
    client.lambda("DELETE", &format!("functions/{name}"), &Value::Null)?;
    Ok(time)
}

fn time_file(directory: &Path, round: usize, number: usize) -> Result<Duration> {
    let content = code(round + 100, number)?;
    let path = directory.join(format!("floor-{round}-{number}"));
    let began = Instant::now();
    let mut file = File::create(&path)?;
    file.write_all(&content)?;
    file.sync_all()?;
    File::open(directory)?.sync_all()?;
    let time = began.elapsed();
    std::fs::remove_file(&path)?;
    Ok(time)
}

fn time_sync(log: &mut File) -> Result<Duration> {
    let began = Instant::now();
    log.write_all(&[b'x'; PAGE_BYTES])?;
    log.sync_data()?;
    Ok(began.elapsed())
}

/// Statements that are added to a function's policy one after the other; each is removed before the next is added.
pub(crate) struct Statements<'c> {
    client: &'c Client,
    path: String,
    connection: Connection,
    number: usize,
}

impl<'c> Statements<'c> {
    pub(crate) fn of(client: &'c Client, function: &str) -> Result<Self> {
        let path = format!("functions/{function}/policy");
        Ok(Statements { client, path, connection: Connection::open(client.port)?, number: 0 })
    }

    /// Adds and removes one; the time until the addition was acknowledged.
    pub(crate) fn time_one(&mut self) -> Result<Duration> {
        self.number += 1;
        let statement = format!("added-{}", self.number);
        let request = self.client.lambda_request("POST", &self.path, &self.client.permission(&statement))?;
        let began = Instant::now();
        let answer = self.connection.send(&request)?;
        let time = began.elapsed();
        ensure!(
            answer.status == 201 && answer.body_contains(&statement),
            "a wrong answer: {}",
            answer.status
        );
        self.client.lambda("DELETE", &format!("{}/{statement}", self.path), &Value::Null)?;
        Ok(time)
    }
}

/// Statements, and something else, in turns: a disk has faster and slower seconds, which shall come to both.
pub(crate) fn time_in_turns(
    count: usize,
    statements: &mut Statements<'_>,
    mut other: impl FnMut() -> Result<Duration>,
) -> Result<(Spread, Spread)> {
    let (mut times, mut others) = (Vec::new(), Vec::new());
    for _ in 0..count {
        times.push(statements.time_one()?);
        others.push(other()?);
    }
    Ok((Spread::of(times), Spread::of(others)))
}
