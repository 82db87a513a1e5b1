//! `cargo xtask tidy`: the promises of ARCHITECTURE.md that a program can check.
//!
//! Most invariants are absences, and an absence is lost without anybody noticing. So they are looked for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A file longer than this tells more than one thing. Generated files and tables of tests are not counted.
const LONGEST_FILE: usize = 500;

/// What only certain folders may name, and why. A folder is a prefix of the file's path.
const RESERVED: [(&str, &[&str], &str); 5] = [
    ("unsafe ", &["crates/runner/"], "only the runner may use unsafe"),
    ("rusqlite::", &["crates/store/"], "only the store knows SQL"),
    ("SystemTime::now", &[], "time comes from the clock that is handed in"),
    (
        "std::process::Command",
        &["crates/runner/", "crates/bench/", "xtask/"],
        "only the runner starts processes",
    ),
    (
        "#[allow(",
        &[],
        "an exception is #[expect(.., reason = ..)], so that it goes when it is no longer needed",
    ),
];

/// Checks everything and lists what is wrong.
pub(crate) fn run() -> Result<()> {
    let mut problems = Vec::new();
    let sources = sources(Path::new("."))?;
    for path in &sources {
        let text = std::fs::read_to_string(path)?;
        check_source(&path.to_string_lossy().replace("./", ""), &text, &mut problems);
    }
    check_tower(&mut problems)?;
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} problem(s):\n  {}", problems.len(), problems.join("\n  "))
}

/// All Rust files of the workspace that people write.
fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask"] {
        collect(&root.join(folder), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("generated") && !path.ends_with("target") {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn check_source(path: &str, text: &str, problems: &mut Vec<String>) {
    if !text.starts_with("//!") && !text.starts_with("#![") {
        problems.push(format!("{path} does not begin by saying what it is for"));
    }
    let is_test = path.contains("/tests/") || path.ends_with("tests.rs");
    let lines = text.lines().count();
    if lines > LONGEST_FILE && !is_test {
        problems.push(format!("{path} has {lines} lines; more than {LONGEST_FILE} tell more than one thing"));
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    for (word, folders, why) in RESERVED {
        let may = folders.iter().any(|folder| path.starts_with(folder));
        let line = code.lines().position(|line| line.contains(word) && !line.trim_start().starts_with("//"));
        if let Some(line) = line
            && !may
            && !is_test
            && path != "xtask/src/tidy.rs"
        {
            problems.push(format!("{path}:{} has `{}`: {why}", line + 1, word.trim()));
        }
    }
}

/// The crates of ARCHITECTURE.md's table are those of the workspace, and each uses only those above it.
fn check_tower(problems: &mut Vec<String>) -> Result<()> {
    let page = std::fs::read_to_string("ARCHITECTURE.md")?;
    let mut above: Vec<String> = Vec::new();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    for name in rows.filter_map(|row| row.split('`').next()) {
        let folders = match name.strip_suffix("/*") {
            Some(folder) => members(&Path::new("crates").join(folder))?,
            None if name == "xtask" => vec![PathBuf::from("xtask")],
            None => vec![Path::new("crates").join(name)],
        };
        let names: Vec<String> = folders.iter().filter_map(|folder| last(folder)).collect();
        for folder in &folders {
            check_dependencies(folder, &above, problems)?;
        }
        above.extend(names);
    }
    for folder in members(Path::new("crates"))?.into_iter().chain(members(Path::new("crates/services"))?) {
        let name = last(&folder).unwrap_or_default();
        if !above.contains(&name) {
            problems.push(format!("ARCHITECTURE.md does not tell of the crate {name}"));
        }
    }
    Ok(())
}

fn check_dependencies(folder: &Path, above: &[String], problems: &mut Vec<String>) -> Result<()> {
    let manifest = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest)
        .with_context(|| format!("ARCHITECTURE.md names {}, which is not there", folder.display()))?;
    let section =
        text.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
    for name in section.lines().filter_map(|line| line.strip_prefix("rolecall-")) {
        let name: String = name.chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
        if !above.contains(&name) {
            problems.push(format!("{} uses {name}, which is not below it", manifest.display()));
        }
    }
    Ok(())
}

/// The folders with a manifest.
fn members(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("Cargo.toml").is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn last(folder: &Path) -> Option<String> {
    folder.file_name().map(|name| name.to_string_lossy().into_owned())
}
