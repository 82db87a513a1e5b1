//! Counts what the policy engine allocates: by decision, and for a compiled policy.

#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use allocation_counter::measure;
use anyhow::{Result, ensure};
use rolecall_bench_engine::caller::{Caller, largest_managed, managed};
use rolecall_bench_engine::ours::{Ours, compile};
use rolecall_bench_engine::scale::{ACTION, Scale};
use rolecall_policy::{Effect, PolicyKind};

fn main() -> Result<()> {
    println!("### Allocations and memory\n\n| decision | allocations |\n|---|---|");
    let mut most = 0;
    let mut count = |words: &str, decide: &dyn Fn() -> bool| -> Result<()> {
        let mut right = false;
        let counted = measure(|| right = decide());
        ensure!(right, "{words}: a wrong answer");
        most = most.max(counted.count_total);
        println!("| {words} | {} |", counted.count_total);
        Ok(())
    };
    for (conditions, hit) in [(false, true), (false, false), (true, true), (true, false)] {
        let ours = Ours::new(&Scale { statements: 10_000, conditions, hit })?;
        let kind = if conditions { "three conditions and a variable" } else { "no conditions" };
        let answer = if hit { "allowed" } else { "denied" };
        count(&format!("10,000 statements, {kind}, {answer}"), &|| (0..16).all(|turn| ours.decide(turn)))?;
    }
    let caller = Caller::new()?;
    let resources = Caller::resources();
    let all =
        |action: &str, expected| resources.iter().all(|resource| caller.decide(action, resource, expected));
    count("realistic caller, allowed", &|| all(ACTION, Effect::Allowed))?;
    count("realistic caller, denied", &|| all("sqs:SendMessage", Effect::ImplicitlyDenied))?;
    ensure!(most == 0, "a decision asked for memory {most} times");
    let context = measure(|| drop(caller.context()));
    println!(
        "| *making the condition context, which is not part of the decision* | {} |\n",
        context.count_total
    );
    println!("| policy | text | compiled | ratio |\n|---|---|---|---|");
    let mut largest: f64 = 0.0;
    let documents = [
        ("statements of AWS managed policies, 6 KB", largest_managed()),
        ("AWSLambda_FullAccess", managed("AWSLambda_FullAccess")?.to_owned()),
        ("10,000 statements, no conditions", scale(false)),
        ("10,000 statements, three conditions and a variable", scale(true)),
    ];
    for (words, document) in documents {
        let mut policy = None;
        let counted = measure(|| policy = compile(PolicyKind::Identity, &document).ok());
        ensure!(policy.is_some(), "{words} does not compile");
        let ratio = counted.bytes_current as f64 / document.len() as f64;
        largest = largest.max(ratio);
        println!("| {words} | {} | {} | **{ratio:.2}** |", document.len(), counted.bytes_current);
    }
    println!(
        "\nA compiled policy keeps its text, which is in the figure. At most 4 is wanted: {}.",
        if largest <= 4.0 { "holds" } else { "**does not hold**" }
    );
    Ok(())
}

fn scale(conditions: bool) -> String {
    Scale { statements: 10_000, conditions, hit: true }.document()
}
