//! Mutation testing without a thousand builds: all changes that cargo-mutants lists are written into one program, and
//! each is switched on in turn while the tests run. `cargo xtask soak mutants` starts it.
//!
//! Arguments: the list of cargo-mutants, the workspace, a copy of it that may be changed, and the folder for the
//! outcomes, which a later run goes on from.

mod build;
mod kill;
mod list;
mod rewrite;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::build::Tree;
use crate::kill::{Outcome, try_mutant};

/// A mutant may be so many times slower than the engine, and on a busy machine.
const SLOWER: u32 = 4;
const LEAST: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [list, original, copy, outcomes] = arguments.as_slice() else {
        anyhow::bail!("expected four paths: list, workspace, copy, folder for the outcomes");
    };
    let mutants = list::read(list)?;
    let tree = Tree { root: copy, original };
    let planted = tree.plant(&mutants)?;
    println!("{} mutants, {} of them in one program", mutants.len(), planted.len());
    let tests = tree.tests()?;
    let folder = copy.join("crates/policy");
    let began = Instant::now();
    ensure!(
        try_mutant(0, &tests, Duration::MAX, &folder)? == Outcome::Missed,
        "the tests fail without mutant"
    );
    let limit = LEAST.max(began.elapsed() * SLOWER);
    println!("the tests take {:?} without mutant", began.elapsed());
    let record = Record::open(outcomes)?;
    for (id, mutant) in (1..).zip(&mutants) {
        if !planted.contains(&id) {
            record.add("untried", &mutant.name)?;
        } else if !record.has(&mutant.name) {
            let outcome = try_mutant(id, &tests, limit, &folder)?;
            record.add(&format!("{outcome:?}").to_lowercase(), &mutant.name)?;
        }
    }
    Ok(())
}

/// The names of the mutants by outcome, one file for each.
struct Record {
    folder: PathBuf,
    /// Those that an earlier run found. What it missed is tried again, since tests may have come.
    found: BTreeSet<String>,
}

impl Record {
    fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut found = BTreeSet::new();
        for outcome in ["caught", "timeout"] {
            let text = std::fs::read_to_string(folder.join(format!("{outcome}.txt"))).unwrap_or_default();
            found.extend(text.lines().map(str::to_owned));
        }
        for outcome in ["missed", "untried"] {
            std::fs::write(folder.join(format!("{outcome}.txt")), "")?;
        }
        Ok(Record { folder: folder.into(), found })
    }

    fn has(&self, name: &str) -> bool {
        self.found.contains(name)
    }

    fn add(&self, outcome: &str, name: &str) -> Result<()> {
        if outcome == "missed" {
            println!("missed {name}");
        }
        let file = self.folder.join(format!("{outcome}.txt"));
        let mut file = OpenOptions::new().create(true).append(true).open(&file).context("cannot record")?;
        Ok(writeln!(file, "{name}")?)
    }
}
