//! `rolecall event`: sample events of the services that invoke functions.

mod fill;
mod samples;

use std::io::Write;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cli::{EventOptions, SampleOptions};
use crate::exit::Exit;

/// Prints a sample event, or the names of all.
pub(crate) fn run(options: &EventOptions) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    match &options.event {
        Some(name) => writeln!(out, "{:#}", sample(name, options.region.as_str(), &options.sample)?)?,
        None => {
            for sample in samples::SAMPLES {
                writeln!(out, "{:<16} {}", sample.name, sample.about)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The sample event with this name.
///
/// # Errors
/// Where there is none; the sentence lists those that there are.
pub(crate) fn sample(name: &str, region: &str, options: &SampleOptions) -> Result<Value> {
    let found = samples::SAMPLES.iter().find(|sample| sample.name == name);
    let sample = found.with_context(|| {
        let names: Vec<&str> = samples::SAMPLES.iter().map(|sample| sample.name).collect();
        format!("there is no sample event '{name}'; there are {}", names.join(", "))
    })?;
    let template = serde_json::from_str(sample.template).context("the sample is no JSON")?;
    fill::fill(template, &facts(region, options))
}

fn facts(region: &str, options: &SampleOptions) -> fill::Facts {
    fill::Facts {
        texts: vec![
            ("account", options.account.to_string()),
            ("region", region.to_owned()),
            ("bucket", options.bucket.clone()),
            ("key", options.key.clone()),
            ("name", options.name.clone()),
            ("body", options.body.clone()),
        ],
        time: jiff::Timestamp::now(),
    }
}
