//! Lines over the time of the evening, as SVG.

use charts_rs::{LineChart, Series, Symbol};

/// Points of a line: as many as can be told apart.
const POINTS: usize = 240;

/// Width and height, in pixels; the page scales it.
const SIZE: (f32, f32) = (900.0, 320.0);

/// Colours that stay apart for whoever sees red and green alike (Okabe and Ito).
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// A line: what it is called, and its value in each second.
pub(super) type Line = (&'static str, Vec<f64>);

/// A chart and the numbers in it.
#[derive(Debug)]
pub(super) struct Chart {
    /// What it shows.
    pub(super) title: &'static str,
    /// The picture; empty when it could not be drawn.
    pub(super) svg: String,
    /// The names of the lines.
    pub(super) names: Vec<&'static str>,
    /// Some moments, each with the value of every line.
    pub(super) rows: Vec<(String, Vec<String>)>,
}

/// Rows of the table beside a chart.
const ROWS: usize = 12;

impl Chart {
    /// Draws lines whose values are those of each second.
    pub(super) fn new(title: &'static str, lines: Vec<Line>) -> Self {
        let seconds = lines.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        let names: Vec<&'static str> = lines.iter().map(|(name, _)| *name).collect();
        let columns = |most: usize| -> (Vec<usize>, Vec<Vec<f64>>) {
            let step = seconds.div_ceil(most).max(1);
            let starts: Vec<usize> = (0..seconds).step_by(step).collect();
            (starts, lines.iter().map(|(_, values)| values.chunks(step).map(mean).collect()).collect())
        };
        let (moments, values) = columns(ROWS);
        let row = |(index, second): (usize, &usize)| {
            let cell = |line: &Vec<f64>| line.get(index).map(|value| in_words(*value)).unwrap_or_default();
            (clock(*second), values.iter().map(cell).collect())
        };
        let (starts, points) = columns(POINTS);
        let svg = draw(&names, &starts, &points);
        Self { title, svg, rows: moments.iter().enumerate().map(row).collect(), names }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// A second since the beginning: `12:05`.
fn clock(second: usize) -> String {
    format!("{}:{:02}", second / 60, second % 60)
}

/// A number as short as it can be read: `1,234`, `0.57`.
pub(super) fn in_words(value: f64) -> String {
    if value != 0.0 && value.abs() < 10.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let whole = format!("{:.0}", value.abs());
    let digits: Vec<char> = whole.chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().rev().collect()).collect();
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", groups.into_iter().rev().collect::<Vec<_>>().join(","))
}

fn draw(names: &[&'static str], starts: &[usize], points: &[Vec<f64>]) -> String {
    // Pixels need no more than these.
    let line = |(name, values): (&&str, &Vec<f64>)| {
        Series::from((*name, values.iter().map(|value| *value as f32).collect::<Vec<f32>>()))
    };
    let series = names.iter().zip(points).map(line).collect();
    let mut chart = LineChart::new(series, starts.iter().map(|second| clock(*second)).collect());
    (chart.width, chart.height) = SIZE;
    chart.series.symbol = Some(Symbol::None);
    chart.series.colors = COLOURS.iter().map(|colour| (*colour).into()).collect();
    chart.font_family = "system-ui, sans-serif".to_owned();
    chart.svg().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_its_numbers_beside_it() {
        let chart = Chart::new("Arrivals", vec![("arrived", (0..600).map(f64::from).collect())]);
        assert!(chart.svg.starts_with("<svg") && chart.svg.contains("#0072B2"), "{}", chart.svg);
        assert!(!chart.svg.contains("<script") && !chart.svg.contains("http://127"));
        assert_eq!(chart.rows.len(), ROWS);
        assert_eq!(chart.rows[1], ("0:50".to_owned(), vec!["74".to_owned()]));
        assert!(Chart::new("Nothing", vec![("nothing", vec![])]).rows.is_empty());
    }

    #[test]
    fn numbers_are_read_easily() {
        for (value, text) in
            [(0.0, "0"), (0.567, "0.57"), (3.0, "3"), (1_234.4, "1,234"), (1e7, "10,000,000")]
        {
            assert_eq!(in_words(value), text);
        }
        assert_eq!(in_words(-1_234.0), "-1,234");
    }
}
