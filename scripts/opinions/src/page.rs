//! The page that is written: a table of the engines, and for each what could not be asked and what it decides
//! otherwise, by section of the reference.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::case::Case;
use crate::{Engine, Opinion};

/// Why an engine disagrees, by the engine's name and the section.
pub(crate) type Reasons = BTreeMap<String, BTreeMap<String, String>>;

const HEAD: &str = "\
# Outside opinions

What other people's engines say about the cases in `tests/cases`, written by `cargo xtask soak opinions`. Each case
names the section of the reference that decides it; the reference says where it comes from, which is AWS's own
documentation or recorded answers of AWS. An engine is asked what it has a form for; it is installed from its
registry to be asked, and is part of nothing that is shipped.

";

/// Writes the page. A disagreement without a reason is refused, so that none goes unread.
pub(crate) fn write(cases: &[Case], engines: &[Engine], reasons: &Reasons) -> Result<String> {
    let mut page = HEAD.to_owned();
    page.push_str(
        "| Engine | Registry | Licence | Cases asked | Agrees | Differs |\n|---|---|---|---:|---:|---:|\n",
    );
    for engine in engines {
        let Engine { name, version, registry, licence, opinions } = engine;
        let asked = opinions.iter().filter(|opinion| matches!(opinion, Opinion::Decision(_))).count();
        let differs = disagreements(cases, engine).values().map(Vec::len).sum::<usize>();
        let agrees = asked - differs;
        writeln!(
            page,
            "| `{name}` {version} | {registry} | {licence} | {asked} of {} | {agrees} | {differs} |",
            cases.len()
        )?;
    }
    let mut unread = Vec::new();
    for engine in engines {
        write!(page, "\n## `{}`\n", engine.name)?;
        write_not_asked(&mut page, engine)?;
        for (section, lines) in disagreements(cases, engine) {
            let reason = reasons.get(engine.name).and_then(|reasons| reasons.get(section));
            if reason.is_none() {
                unread.push(format!("{} {section}:\n{}", engine.name, lines.join("\n")));
            }
            write!(page, "\n### {section}: {}\n\n{}\n\n", lines.len(), reason.map_or("", String::as_str))?;
            page.push_str("| Case | It says | The reference says |\n|---|---|---|\n");
            page.push_str(&lines.join("\n"));
            page.push('\n');
        }
    }
    if !unread.is_empty() {
        bail!("reasons.json does not tell why these differ:\n{}", unread.join("\n"));
    }
    Ok(page)
}

fn write_not_asked(page: &mut String, engine: &Engine) -> Result<()> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for opinion in &engine.opinions {
        if let Opinion::CannotBeAsked(reason) = opinion {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    if !reasons.is_empty() {
        page.push_str("\nNot decided, because it has no form for it or fails:\n\n");
    }
    for (reason, count) in reasons {
        writeln!(page, "* {reason}: {count}")?;
    }
    Ok(())
}

/// Rows of the cases that the engine decides otherwise, by section.
fn disagreements<'a>(cases: &'a [Case], engine: &Engine) -> BTreeMap<&'a str, Vec<String>> {
    let mut sections: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (case, opinion) in cases.iter().zip(&engine.opinions) {
        let Opinion::Decision(decision) = opinion else { continue };
        if !case.is_met_by(decision) {
            let id = case.id.replace('|', "\\|").replace('\n', "\\n");
            let row = format!("| {}: {id} | {decision} | {} |", case.file, case.expected);
            sections.entry(&case.section).or_default().push(row);
        }
    }
    sections
}
