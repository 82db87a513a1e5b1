//! `cargo xtask codegen`: from AWS's models under `models/` to the generated half of `crates/wire`.
//!
//! What AWS publishes is data, so the shapes are generated and committed. `--check` fails when the committed files are
//! not what the models give, `--import` replaces the models by those of a botocore wheel.

mod any;
mod emit;
mod import;
mod model;
mod names;
mod operations;
mod output;
mod patches;
mod patterns;
mod routes;
mod schema;
mod shapes;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use model::Model;
use output::Output;
use patches::Patches;
use patterns::Patterns;

/// The command line of `cargo xtask codegen`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing and fail if a committed file differs from what would be generated.
    #[arg(long)]
    check: bool,
    /// Trim and import the models of this botocore wheel before generating.
    #[arg(long, value_name = "WHEEL", conflicts_with = "check")]
    import: Option<PathBuf>,
}

/// Runs the subcommand.
///
/// # Errors
/// When a model, a patch or a pattern cannot be understood, and with `--check` when a committed file is out of date.
pub fn run(arguments: &Arguments) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in no workspace")?;
    let models = root.join("models");
    let built = import::allow_list(&models)?;
    if let Some(wheel) = &arguments.import {
        import::import(wheel, &models, &built)?;
    }
    let output = generate(&models, &built)?;
    let folder = root.join("crates/wire/src/generated");
    if arguments.check { output.check(&folder) } else { output.write(&folder) }
}

/// Every generated file, formatted, from the models in a folder.
fn generate(models: &Path, built: &import::AllowList) -> Result<Output> {
    let patches = Patches::read(&models.join("patches.jsonc"))?;
    let mut output = Output::default();
    let mut all = Vec::new();
    for (service, operations) in built {
        let mut model = Model::read(models, service)?;
        patches.apply(&mut model).with_context(|| format!("patching {service}"))?;
        model.build(operations).with_context(|| format!("operations of {service}"))?;
        let mut patterns = Patterns::new(patches.patterns());
        output.add(&format!("{service}/mod.rs"), &operations::module(&model))?;
        output.add(&format!("{service}/operation.rs"), &operations::enums(&model)?)?;
        output.add(&format!("{service}/shapes.rs"), &shapes::file(&model)?)?;
        output.add(&format!("{service}/schema.rs"), &schema::file(&model, &mut patterns)?)?;
        all.push(model);
    }
    patches.all_used()?;
    output.add("mod.rs", &any::module(&all))?;
    output.add("any.rs", &any::file(&all))?;
    Ok(output)
}
