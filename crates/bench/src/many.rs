//! An account with 10,000 functions, each with 5 versions and 3 aliases, against one with 50: what a request costs must
//! not depend on how many functions there are, and a function must not cost much memory.
//!
//! One function is made through the API. Its records are then put again under other names by the store, which is what
//! the API would do, only sooner; the servers start on what the store wrote.

use std::convert::Infallible;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use rolecall_store::{State, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ROUNDS;
use crate::aws::{Client, DATA, REGION, Server};
use crate::functions::zipped;
use crate::load::{self, Round, Target};
use crate::report::{Report, Spread};
use crate::writes::{STATEMENTS, Statements, time_in_turns};

/// Functions of the small account: one page of a list.
const FEW: usize = 50;
/// Functions of the large account.
const MANY: usize = 10_000;
/// Versions of each function.
const VERSIONS: usize = 5;
/// Aliases of each function.
const ALIASES: usize = 3;
/// Functions that one transaction puts.
const BATCH: usize = 500;
/// The page of the large account's list that is measured beside the first.
const LATER_PAGE: usize = 100;

/// What was measured of one account.
#[derive(Default)]
pub(crate) struct Account {
    pub list: Vec<Round>,
    pub later_list: Vec<Round>,
    pub get: Vec<Round>,
    pub add: Vec<Spread>,
    pub memory_bytes: u64,
}

/// Measures both accounts in rounds.
pub(crate) fn measure(binaries: &Path, report: &mut Report) -> Result<()> {
    let (few, many) = start_both(binaries)?;
    let (mut small, mut large) = (Account::default(), Account::default());
    small.memory_bytes = few.process.memory_bytes()?;
    large.memory_bytes = many.process.memory_bytes()?;
    let marker = marker_after(&many, LATER_PAGE)?;
    for round in 0..=ROUNDS {
        for (server, account) in [(&few, &mut small), (&many, &mut large)] {
            let list = run(server, "functions?MaxItems=50")?;
            let get = run(server, &format!("functions/{}", name(7)))?;
            // The first round only warms up.
            if round > 0 {
                account.list.push(list);
                account.get.push(get);
            }
        }
        let mut to_large = Statements::of(&many, &name(8))?;
        let add = || to_large.time_one();
        let (to_small, to_large) = time_in_turns(STATEMENTS, &mut Statements::of(&few, &name(8))?, add)?;
        if round > 0 {
            small.add.push(to_small);
            large.add.push(to_large);
        }
        let later = run(&many, &format!("functions?Marker={marker}&MaxItems=50"))?;
        if round > 0 {
            large.later_list.push(later);
        }
    }
    report.many(&small, &large, (MANY, FEW, VERSIONS, ALIASES));
    Ok(())
}

fn run(server: &Server, path: &str) -> Result<Round> {
    let request = server.lambda_request("GET", path, &Value::Null)?;
    load::run(&Target { port: server.port, process: &server.process, request: &request })
}

fn name(number: usize) -> String {
    format!("many-{number:05}")
}

/// Starts a server with few functions and one with many, on copies of the same data directory.
pub(crate) fn start_both(binaries: &Path) -> Result<(Server, Server)> {
    let server = Server::start(binaries)?;
    server.create_role()?;
    make_one(&server)?;
    let small = server.crash();
    put_copies(&small, 1..FEW)?;
    let large = tempfile::tempdir()?;
    let copied = Command::new("cp").arg("-R").arg(small.path().join(DATA)).arg(large.path()).status();
    ensure!(copied.context("cannot start cp")?.success(), "the data directory was not copied");
    put_copies(&large, FEW..MANY)?;
    let few = Server::start_in(binaries, small)?;
    let many = Server::start_in(binaries, large)?;
    for server in [&few, &many] {
        let aliases = server.lambda("GET", &format!("functions/{}/aliases", name(FEW - 1)), &Value::Null)?;
        let listed = aliases.get("Aliases").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!(listed == ALIASES, "a function has {listed} aliases");
    }
    Ok((few, many))
}

/// The first function, with its versions and aliases.
fn make_one(client: &Client) -> Result<()> {
    let name = name(0);
    let zip = zipped("main.py", b"def handler(event, context):\n    return event\n")?;
    client.lambda("POST", "functions", &client.function(&name, &zip))?;
    client.wait_until_active(&name)?;
    for version in 1..=VERSIONS {
        // A version is published only of what was changed.
        let change = json!({"Description": format!("what became version {version}")});
        client.lambda("PUT", &format!("functions/{name}/configuration"), &change)?;
        client.wait_until_active(&name)?;
        client.lambda("POST", &format!("functions/{name}/versions"), &json!({}))?;
    }
    for alias in 1..=ALIASES {
        let input = json!({"Name": format!("stage-{alias}"), "FunctionVersion": alias.to_string()});
        client.lambda("POST", &format!("functions/{name}/aliases"), &input)?;
    }
    Ok(())
}

/// Puts the records of the first function again, under other names.
fn put_copies(directory: &TempDir, numbers: std::ops::Range<usize>) -> Result<()> {
    let store = Arc::new(Store::open(&directory.path().join(DATA))?);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(BATCH) {
        let batch = batch.to_vec();
        let write = store.write(move |state| {
            batch.iter().for_each(|number| copy_first(state, *number));
            Ok::<(), Infallible>(())
        });
        runtime.block_on(write).map_err(|error| anyhow!("the copies were not written: {error}"))?;
    }
    store.close();
    Ok(())
}

fn copy_first(state: &mut State, number: usize) {
    let first = name(0);
    let is_first = |key: &(_, _, String)| key.2 == first;
    let functions: Vec<_> = state.functions.iter().filter(|(key, _)| is_first(key)).collect();
    let functions: Vec<_> =
        functions.into_iter().map(|(key, record)| (key.clone(), Arc::clone(record))).collect();
    for (mut key, record) in functions {
        let versions: Vec<_> = state
            .function_versions
            .range((key.clone(), 0)..=(key.clone(), u64::MAX))
            .map(|(key, record)| (key.1, Arc::clone(record)))
            .collect();
        let aliases: Vec<_> = state
            .aliases
            .range((key.clone(), String::new())..)
            .take_while(|(alias, _)| alias.0 == key)
            .map(|(key, record)| (key.1.clone(), Arc::clone(record)))
            .collect();
        key.2 = name(number);
        let mut function = record.as_ref().clone();
        function.name = key.2.clone();
        state.functions.put(key.clone(), function);
        for (version, record) in versions {
            let mut record = record.as_ref().clone();
            record.revision_id = revision(number, &version);
            state.function_versions.put((key.clone(), version), record);
        }
        for (alias, record) in aliases {
            let mut record = record.as_ref().clone();
            record.revision_id = revision(number, &alias);
            state.aliases.put((key.clone(), alias), record);
        }
    }
}

/// As long as a revision id is.
fn revision(number: usize, part: &impl ToString) -> String {
    format!("{number:08}-0000-4000-8000-{:0>12}", part.to_string())
}

/// The marker behind so many pages.
fn marker_after(client: &Client, pages: usize) -> Result<String> {
    let mut path = "functions?MaxItems=50".to_owned();
    let mut marker = String::new();
    for _ in 0..pages {
        let page = client.lambda("GET", &path, &Value::Null)?;
        let next = page.get("NextMarker").and_then(Value::as_str);
        marker = form_urlencoded::byte_serialize(next.context("a next page")?.as_bytes()).collect();
        path = format!("functions?Marker={marker}&MaxItems=50");
    }
    ensure!(!marker.is_empty(), "no pages in {REGION}");
    Ok(marker)
}
