//! What an import did, as the operator reads it on a terminal.

use std::fmt;

use super::error::Problem;
use crate::store::sites::Saved;

/// A row that was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file it begins on, from 1.
    pub line: usize,
    /// All that is wrong with it.
    pub reasons: Vec<Problem>,
}

/// Something to know about a row that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line of the file it begins on, from 1.
    pub line: usize,
    /// What to know.
    pub text: String,
}

/// What an import of sites did, or in a dry run would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteReport {
    /// The encoding the file was read as.
    pub encoding: &'static str,
    /// Rows of the file, without the first one and empty ones.
    pub rows: usize,
    /// Sites that were not there before.
    pub new: usize,
    /// Sites of which something changed.
    pub changed: usize,
    /// Sites that were there just so.
    pub same: usize,
    /// Rows that were not imported.
    pub bad: Vec<BadRow>,
    /// Rows of which the operator should know something.
    pub notes: Vec<Note>,
    /// Headers that no column of ours has.
    pub unused: Vec<String>,
    /// Slots added; a dry run adds none.
    pub slots: usize,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl SiteReport {
    pub(super) fn count(&mut self, saved: Saved) {
        match saved {
            Saved::New(_) => self.new += 1,
            Saved::Changed(_) => self.changed += 1,
            Saved::Same(_) => self.same += 1,
        }
    }
}

impl fmt::Display for SiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, rows, new, changed, same, bad, .. } = self;
        if self.dry_run {
            writeln!(f, "Dry run: nothing was written. An import would give:")?;
        }
        writeln!(f, "{} in {encoding}", counted(*rows, "row"))?;
        writeln!(f, "Sites: {new} new, {changed} changed, {same} the same; bad rows: {}", bad.len())?;
        if !self.dry_run {
            writeln!(f, "{} added", counted(self.slots, "slot"))?;
        }
        if !self.unused.is_empty() {
            writeln!(f, "Columns not used: {}", self.unused.join(", "))?;
        }
        if !bad.is_empty() {
            writeln!(f, "Bad rows, not imported; correct them and import the file again:")?;
        }
        for row in bad {
            for reason in &row.reasons {
                writeln!(f, "  line {}: {reason}", row.line)?;
            }
        }
        if !self.notes.is_empty() {
            writeln!(f, "Imported, but look again:")?;
        }
        for note in &self.notes {
            writeln!(f, "  line {}: {}", note.line, note.text)?;
        }
        Ok(())
    }
}

/// What an import of a campaign did, or in a dry run would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignReport {
    /// The campaign's name in URLs.
    pub slug: String,
    /// Whether it was not there before.
    pub is_new: bool,
    /// Codes of the products in the file.
    pub products: Vec<String>,
    /// The openings in the file, and whether they were drawn.
    pub openings: Vec<String>,
    /// Sites that offer one of its products.
    pub sites: usize,
    /// Slots added; a dry run adds none.
    pub slots: usize,
    /// What is allowed but hardly meant.
    pub warnings: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl fmt::Display for CampaignReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dry_run {
            writeln!(f, "Dry run: nothing was written. An import would give:")?;
        }
        let state = if self.is_new { "new" } else { "updated" };
        writeln!(f, "Campaign {}: {state}", self.slug)?;
        if !self.products.is_empty() {
            writeln!(f, "Products: {}", self.products.join(", "))?;
        }
        for opening in &self.openings {
            writeln!(f, "Opening {opening}")?;
        }
        let offering = if self.sites == 1 { "offers" } else { "offer" };
        writeln!(
            f,
            "{} {offering} them; {} added",
            counted(self.sites, "site"),
            counted(self.slots, "slot")
        )?;
        for warning in &self.warnings {
            writeln!(f, "Warning: {warning}")?;
        }
        Ok(())
    }
}

/// `1 row`, `1,234 rows`.
fn counted(count: usize, noun: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let plural = if count == 1 { "" } else { "s" };
    format!("{grouped} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_well() {
        let report = SiteReport {
            encoding: "CP949",
            rows: 1_285,
            new: 1_284,
            slots: 1,
            bad: vec![BadRow { line: 7, reasons: vec![Problem::new("seats", "many", "a number")] }],
            notes: vec![Note { line: 9, text: "taken to be in 중구".into() }],
            ..SiteReport::default()
        };
        assert_eq!(
            report.to_string(),
            "1,285 rows in CP949\n\
             Sites: 1284 new, 0 changed, 0 the same; bad rows: 1\n\
             1 slot added\n\
             Bad rows, not imported; correct them and import the file again:\n  \
             line 7: seats: found \"many\"; write a number\n\
             Imported, but look again:\n  \
             line 9: taken to be in 중구\n"
        );
    }
}
