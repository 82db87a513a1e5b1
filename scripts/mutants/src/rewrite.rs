//! Writes all mutants of a file into it at once. Which of them acts is asked while the program runs: an expression `e`
//! with the mutants 7 and 8 becomes `match crate::mutant() { 7 => e7, 8 => e8, _ => e }`.

use anyhow::{Context, Result};
use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::list::{Mutant, Place};

/// Where something begins and ends, in bytes.
type Range = std::ops::Range<usize>;

/// An expression or function body that mutants can be written into.
#[derive(Debug, Clone)]
struct Site {
    range: Range,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Expression,
    /// An expression that is a statement without semicolon, which parentheses would make another.
    Statement,
    /// The inside of a function's body; mutants return early.
    Body,
}

/// A mutant as it is written into the file.
struct Placed<'m> {
    id: u32,
    mutant: &'m Mutant,
    range: Range,
}

/// The text of the file with the mutants, whose ids are their numbers; and the ids of those that found a place.
pub(crate) fn rewrite(text: &str, mutants: &[(u32, &Mutant)]) -> Result<(String, Vec<u32>)> {
    let lines = Lines::of(text);
    let file = syn::parse_file(text).context("the file does not parse")?;
    let mut finder = Finder { lines: &lines, sites: Vec::new() };
    finder.visit_file(&file);
    let mut at_sites: Vec<(Site, Vec<Placed<'_>>)> =
        finder.sites.into_iter().map(|site| (site, Vec::new())).collect();
    at_sites.sort_by_key(|(site, _)| site.range.len());
    let mut placed_ids = Vec::new();
    for (id, mutant) in mutants {
        let range = lines.place(mutant.span.start)..lines.place(mutant.span.end);
        let is_body = mutant.genre == "FnValue";
        let site = at_sites.iter_mut().find(|(site, _)| {
            (site.kind == Kind::Body) == is_body
                && site.range.start <= range.start
                && range.end <= site.range.end
        });
        if let Some((_, placed)) = site {
            placed.push(Placed { id: *id, mutant, range });
            placed_ids.push(*id);
        }
    }
    at_sites.retain(|(_, placed)| !placed.is_empty());
    at_sites.sort_by_key(|(site, _)| (site.range.start, std::cmp::Reverse(site.range.end)));
    Ok((write(text, 0..text.len(), &at_sites), placed_ids))
}

/// Writes a part of the text with all sites that lie in it.
fn write(text: &str, part: Range, sites: &[(Site, Vec<Placed<'_>>)]) -> String {
    let (mut written, mut at, mut rest) = (String::new(), part.start, sites);
    while let Some(((site, placed), others)) = rest.split_first() {
        if site.range.start >= part.end {
            break;
        }
        let inside = others.iter().take_while(|(inner, _)| inner.range.start < site.range.end).count();
        let (inner, after) = others.split_at(inside);
        written.push_str(&text[at..site.range.start]);
        written.push_str(&write_site(text, site, placed, inner));
        (at, rest) = (site.range.end, after);
    }
    written + &text[at..part.end]
}

fn write_site(text: &str, site: &Site, placed: &[Placed<'_>], inner: &[(Site, Vec<Placed<'_>>)]) -> String {
    let original = write(text, site.range.clone(), inner);
    let mut arms = String::new();
    for Placed { id, mutant, range } in placed {
        let arm = match site.kind {
            Kind::Body => format!("return {}", mutant.replacement),
            _ => changed(text, &site.range, range, mutant),
        };
        // One line for each, so that what the compiler says can be told apart.
        arms.push_str(&format!("\n/*m{id}*/ {id} => {{ {arm} }}"));
    }
    match site.kind {
        Kind::Body => format!("match crate::mutant() {{ {arms}\n_ => {{}} }}\n{original}"),
        Kind::Statement => format!("match crate::mutant() {{ {arms}\n_ => {{ {original} }} }}"),
        Kind::Expression => format!("(match crate::mutant() {{ {arms}\n_ => {{ {original} }} }})"),
    }
}

/// The expression with the change. A field that is deleted leaves no comma behind.
fn changed(text: &str, site: &Range, range: &Range, mutant: &Mutant) -> String {
    let before = &text[site.start..range.start];
    let mut after = &text[range.end..site.end];
    if mutant.replacement.is_empty() && mutant.genre == "StructField" {
        after = after.trim_start().strip_prefix(',').unwrap_or(after);
    }
    let replacement = match mutant.genre.as_str() {
        // What is left out can be what held the words apart.
        "MatchArmGuard" => format!(" {} ", mutant.replacement),
        _ => mutant.replacement.clone(),
    };
    without_comments(&format!("{before}{replacement}{after}"))
}

/// The text as one line, which has no place for comments to the ends of lines. A text literal that goes on in the next
/// line says so by a backslash.
fn without_comments(text: &str) -> String {
    let mut all = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let line = line.split(" // ").next().unwrap_or(line);
        match all.strip_suffix('\\') {
            Some(before) => all = before.to_owned() + line.trim_start(),
            None => all = all + " " + line,
        }
    }
    all
}

/// Finds all sites.
struct Finder<'l> {
    lines: &'l Lines,
    sites: Vec<Site>,
}

impl Finder<'_> {
    fn range(&self, spanned: &impl Spanned) -> Range {
        let span = spanned.span();
        self.lines.byte(span.start())..self.lines.byte(span.end())
    }

    fn add(&mut self, spanned: &impl Spanned, kind: Kind) {
        let site = Site { range: self.range(spanned), kind };
        if !self.sites.iter().any(|earlier| earlier.range == site.range) {
            self.sites.push(site);
        }
    }

    fn add_body(&mut self, block: &syn::Block) {
        let range = self.range(block);
        self.sites.push(Site { range: range.start + 1..range.end - 1, kind: Kind::Body });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        let is_part = matches!(
            expr,
            syn::Expr::Let(_) | syn::Expr::Range(_) | syn::Expr::Block(_) | syn::Expr::Closure(_)
        );
        if !is_part && !has_let(expr) {
            self.add(expr, Kind::Expression);
        }
        visit::visit_expr(self, expr);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Expr(expr, None) = statement {
            self.add(expr, Kind::Statement);
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if function.sig.constness.is_none() {
            self.add_body(&function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if function.sig.constness.is_none() {
            self.add_body(&function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }

    /// What the compiler works out cannot ask which mutant acts.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
}

/// Whether the expression is a chain of conditions with a `let`, which only the `if` around it can hold.
fn has_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Where the lines of a text begin.
pub(crate) struct Lines {
    lines: Vec<(usize, String)>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut at = 0;
        let mut lines = Vec::new();
        for line in text.split_inclusive('\n') {
            lines.push((at, line.to_owned()));
            at += line.len();
        }
        lines.push((at, String::new()));
        Lines { lines }
    }

    /// Columns count characters from 0, lines from 1.
    fn byte(&self, at: LineColumn) -> usize {
        let (start, line) = &self.lines[at.line - 1];
        start + line.char_indices().nth(at.column).map_or(line.len(), |(byte, _)| byte)
    }

    fn place(&self, place: Place) -> usize {
        self.byte(LineColumn { line: place.line, column: place.column - 1 })
    }
}
