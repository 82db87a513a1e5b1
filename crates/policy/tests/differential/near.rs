//! Texts that almost match: the mistakes of an evaluator sit one character beside a match.

use crate::random::Random;
use crate::words::VARIABLES;

/// The text with one character changed, taken out, put in or of the other case.
pub(crate) fn slip(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return "x".to_owned();
    }
    let at = random.below(letters.len());
    match random.below(5) {
        0 => letters[at] = *random.pick(&['x', 'é', ':', '/', '😀']),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, *random.pick(&['x', '-', ':', '/'])),
        3 => letters.push(*random.pick(&['x', ' ', '/', ':'])),
        _ => letters[at] = other_case(letters[at]),
    }
    letters.into_iter().collect()
}

/// A pattern that is near the text: mostly it matches, often it just does not.
pub(crate) fn pattern(random: &mut Random, text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len().max(1)).min(letters.len());
    let length = random.below(4).min(letters.len() - at);
    let (before, after): (String, String) =
        (letters[..at].iter().collect(), letters[at + length..].iter().collect());
    match random.below(12) {
        0..=2 => text.to_owned(),
        3 => format!("{before}*"),
        4 => format!("*{after}"),
        5 => format!("{before}*{after}"),
        6 => format!("{before}{}{after}", "?".repeat(length)),
        7 => format!("{before}?{after}"),
        8 => format!("{before}{}{after}", random.pick(VARIABLES)),
        9 => format!("{before}*?*{after}"),
        _ => slip(random, text),
    }
}

/// A pattern near an action.
pub(crate) fn action_pattern(random: &mut Random, action: &str) -> String {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    match random.below(12) {
        0 => "*".to_owned(),
        1..=2 => format!("{service}:*"),
        3 => action.to_ascii_uppercase(),
        4 => format!("{service}:{}*", name.chars().take(random.below(8)).collect::<String>()),
        5 => (*random.pick(&["*:*", "?*", "s3:*", "lambda:Get*", "lambda*", "**", "lambda:", "la*:*"]))
            .to_owned(),
        6 => format!("{action},{service}:Other"),
        _ => pattern(random, action),
    }
}

/// A pattern near the ARN of a resource.
pub(crate) fn resource_pattern(random: &mut Random, resource: &str) -> String {
    let mut components: Vec<String> = resource.splitn(6, ':').map(str::to_owned).collect();
    match random.below(14) {
        0..=2 => "*".to_owned(),
        3 => {
            let at = random.below(components.len());
            components[at] = (*random.pick(&["*", "?", "", "**", "a*"])).to_owned();
            components.join(":")
        }
        4 => {
            components.truncate(1 + random.below(5));
            let end = *random.pick(&["", ":*", "*", ":?"]);
            format!("{}{end}", components.join(":"))
        }
        5 => (*random.pick(&[
            "**",
            "?",
            "a*",
            "arn:*",
            "arn:aws:*",
            "?*",
            "${*}",
            "arn:aws:lambda:*:function:orders",
        ]))
        .to_owned(),
        6 => {
            let at = random.below(components.len());
            components.remove(at);
            components.join(":")
        }
        7..=9 if components.len() == 6 => {
            components[5] = pattern(random, &components[5].clone());
            components.join(":")
        }
        _ => pattern(random, resource),
    }
}

/// The text with some letters in the other case, as keys may be written.
pub(crate) fn respell(random: &mut Random, text: &str) -> String {
    if random.chance(80) {
        return text.to_owned();
    }
    text.chars().map(|letter| if random.chance(30) { other_case(letter) } else { letter }).collect()
}

fn other_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}
