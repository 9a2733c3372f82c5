//! What was measured, and how it is printed.

use std::fmt;

/// Rows of what, how much, and what is asked for.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 3]>,
}

impl Table {
    /// Adds a row; `aim` is empty where nothing is asked for.
    pub fn row(&mut self, what: impl Into<String>, figure: impl Into<String>, aim: impl Into<String>) {
        let row = [what.into(), figure.into(), aim.into()];
        println!("  {}: {}", row[0], row[1]);
        self.rows.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths = [width(0), width(1)];
        for [what, figure, aim] in &self.rows {
            writeln!(out, "{what:<first$}  {figure:>second$}  {aim}", first = widths[0], second = widths[1])?;
        }
        Ok(())
    }
}

/// A count among figures.
#[allow(clippy::cast_precision_loss, reason = "counts of a few seconds are far below 2^52")]
pub fn precise(count: usize) -> f64 {
    count as f64
}

/// The middle one of some figures.
pub fn median(figures: &[f64]) -> f64 {
    quantile(figures, 0.5)
}

/// The figure below which a share of them lies.
pub fn quantile(figures: &[f64], share: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let place = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
