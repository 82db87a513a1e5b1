//! Builds the engine with all mutants in it. Changes that are no program are found by the compiler's complaints and
//! left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::list::Mutant;
use crate::rewrite::rewrite;

const PACKAGE: &str = "rolecall-policy";
const LIBRARY: &str = "crates/policy/src/lib.rs";
/// Asked by every changed place.
const SWITCH: &str = "\npub(crate) fn mutant() -> u32 {\n    static ACTS: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {\n        std::env::var(\"ROLECALL_MUTANT\").ok().and_then(|id| id.parse().ok()).unwrap_or(0)\n    });\n    *ACTS\n}\n";

/// The tests that judge decisions, the fastest and sharpest first.
pub(crate) const TESTS: [&str; 10] = [
    "cases",
    "lib",
    "principals",
    "index",
    "forms",
    "documents",
    "explanations",
    "simulations",
    "properties",
    "differential",
];

/// A copy of the workspace that the mutants are written into.
pub(crate) struct Tree<'t> {
    /// Where the copy is.
    pub(crate) root: &'t Path,
    /// The workspace that it is a copy of.
    pub(crate) original: &'t Path,
}

impl Tree<'_> {
    /// Writes the mutants, leaves out what does not build, and answers the ids of the others.
    pub(crate) fn plant(&self, mutants: &[Mutant]) -> Result<BTreeSet<u32>> {
        let mut left: BTreeSet<u32> = (1..).zip(mutants).map(|(id, _)| id).collect();
        loop {
            left = self.write(mutants, &left)?;
            let bad = self.complaints()?;
            if bad.is_empty() {
                return Ok(left);
            }
            println!("{} changes are no program", bad.len());
            left.retain(|id| !bad.contains(id));
        }
    }

    fn write(&self, mutants: &[Mutant], ids: &BTreeSet<u32>) -> Result<BTreeSet<u32>> {
        let files: BTreeSet<&PathBuf> = mutants.iter().map(|mutant| &mutant.file).collect();
        let mut placed = BTreeSet::new();
        for file in files {
            let of_file: Vec<(u32, &Mutant)> =
                (1..).zip(mutants).filter(|(id, mutant)| mutant.file == *file && ids.contains(id)).collect();
            let text = std::fs::read_to_string(self.original.join(file))?;
            let (written, found) =
                rewrite(&text, &of_file).with_context(|| format!("in {}", file.display()))?;
            std::fs::write(self.root.join(file), written)?;
            placed.extend(found);
        }
        let library = std::fs::read_to_string(self.original.join(LIBRARY))?;
        std::fs::write(self.root.join(LIBRARY), library + SWITCH)?;
        Ok(placed)
    }

    fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(self.root).env("RUSTFLAGS", "--cap-lints allow");
        command
    }

    /// The mutants that the compiler complains about.
    fn complaints(&self) -> Result<BTreeSet<u32>> {
        let mut check = self.cargo();
        check.args(["check", "--profile", "mutants", "--package", PACKAGE, "--message-format", "json"]);
        let output = check.output().context("cannot start cargo")?;
        let text = String::from_utf8(output.stdout)?;
        let mut bad = BTreeSet::new();
        let mut others = Vec::new();
        for message in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if message["message"]["level"] != "error" {
                continue;
            }
            let spans = message["message"]["spans"].as_array().cloned().unwrap_or_default();
            let found: Vec<u32> = spans.iter().flat_map(|span| self.ids_at(span)).collect();
            if found.is_empty() && !spans.is_empty() {
                others.push(message["message"]["rendered"].to_string());
            }
            bad.extend(found);
        }
        if bad.is_empty() && !output.status.success() {
            bail!("{}\n{}", others.join("\n"), String::from_utf8_lossy(&output.stderr));
        }
        Ok(bad)
    }

    /// The mutants on the lines that a complaint is about; else the last that are written before them, since what a
    /// place comes to is named where it is not changed.
    fn ids_at(&self, span: &Value) -> Vec<u32> {
        let number = |field: &str| span[field].as_u64().unwrap_or(0) as usize;
        let file = span["file_name"].as_str().unwrap_or_default();
        let text = std::fs::read_to_string(self.root.join(file)).unwrap_or_default();
        let lines: Vec<Option<u32>> = text.lines().map(ids_in).collect();
        let (first, last) = (number("line_start").saturating_sub(1), number("line_end").min(lines.len()));
        let here: Vec<u32> = lines[first.min(last)..last].iter().flatten().copied().collect();
        if !here.is_empty() || !file.contains("policy/src") {
            return here;
        }
        let before = lines[..first.min(lines.len())].iter().rev().skip_while(|id| id.is_none());
        before.map_while(|id| *id).collect()
    }

    /// Builds the tests and answers their programs in the order of [`TESTS`].
    pub(crate) fn tests(&self) -> Result<Vec<PathBuf>> {
        let mut build = self.cargo();
        build.args(["test", "--no-run", "--profile", "mutants", "--package", PACKAGE, "--lib"]);
        for test in TESTS.iter().filter(|test| **test != "lib") {
            build.args(["--test", test]);
        }
        build.args(["--message-format", "json-render-diagnostics"]);
        let output = build.output().context("cannot start cargo")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout)?;
        let built: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let program = |test: &&str| -> Result<PathBuf> {
            let name = if *test == "lib" { "rolecall_policy" } else { test };
            let is_it =
                |message: &&Value| message["target"]["name"] == name && message["executable"].is_string();
            let message = built.iter().find(is_it).with_context(|| format!("cargo built no {test}"))?;
            Ok(PathBuf::from(message["executable"].as_str().unwrap_or_default()))
        };
        TESTS.iter().map(program).collect()
    }
}

/// The mutants that a line is marked with.
fn ids_in(line: &str) -> Option<u32> {
    line.split_once("/*m")?.1.split_once("*/")?.0.parse().ok()
}
