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
const STATEMENTS: usize = 40;
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
    for round in 0..=ROUNDS {
        let bare_files = time_files(server.directory(), round)?;
        let created = time_functions(server, round)?;
        let bare_syncs = time_syncs(server.directory())?;
        let added = time_permissions(server, "bench-rust")?;
        // The first round only warms up.
        if round > 0 {
            files.push(bare_files);
            functions.push(created);
            syncs.push(bare_syncs);
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

/// Makes functions one after the other; each is gone before the next is made.
fn time_functions(client: &Client, round: usize) -> Result<Spread> {
    let mut times = Vec::new();
    for number in 0..FUNCTIONS {
        let name = format!("bench-write-{round}-{number}");
        let request =
            client.lambda_request("POST", "functions", &client.function(&name, &code(round, number)?))?;
        let mut connection = Connection::open(client.port)?;
        let began = Instant::now();
        let answer = connection.send(&request)?;
        times.push(began.elapsed());
        ensure!(answer.status == 201 && answer.body_contains(&name), "a wrong answer: {}", answer.status);
        client.wait_until_active(&name)?;
        client.lambda("DELETE", &format!("functions/{name}"), &Value::Null)?;
    }
    Ok(Spread::of(times))
}

/// Adds statements one after the other; each is removed before the next is added.
pub(crate) fn time_permissions(client: &Client, function: &str) -> Result<Spread> {
    let path = format!("functions/{function}/policy");
    let mut times = Vec::new();
    let mut connection = Connection::open(client.port)?;
    for number in 0..STATEMENTS {
        let statement = format!("added-{number}");
        let request = client.lambda_request("POST", &path, &client.permission(&statement))?;
        let began = Instant::now();
        let answer = connection.send(&request)?;
        times.push(began.elapsed());
        ensure!(
            answer.status == 201 && answer.body_contains(&statement),
            "a wrong answer: {}",
            answer.status
        );
        client.lambda("DELETE", &format!("{path}/{statement}"), &Value::Null)?;
    }
    Ok(Spread::of(times))
}

fn time_files(directory: &Path, round: usize) -> Result<Spread> {
    let mut times = Vec::new();
    for number in 0..FUNCTIONS {
        let content = code(round + 100, number)?;
        let path = directory.join(format!("floor-{round}-{number}"));
        let began = Instant::now();
        let mut file = File::create(&path)?;
        file.write_all(&content)?;
        file.sync_all()?;
        File::open(directory)?.sync_all()?;
        times.push(began.elapsed());
        std::fs::remove_file(&path)?;
    }
    Ok(Spread::of(times))
}

fn time_syncs(directory: &Path) -> Result<Spread> {
    let mut file = OpenOptions::new().create(true).append(true).open(directory.join("floor-log"))?;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..STATEMENTS {
        let began = Instant::now();
        file.write_all(&[b'x'; PAGE_BYTES])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    Ok(Spread::of(times))
}
