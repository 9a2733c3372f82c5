//! Curves, drawn on the server.

use std::fmt::Write;

/// The drawing's width and height, in its own units.
pub(super) const WIDTH: u32 = 300;
pub(super) const HEIGHT: u32 = 80;

/// One or two curves over a time, from zero to the highest of both.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chart {
    /// The key of its name.
    pub(super) name: &'static str,
    /// The highest value, in words.
    pub(super) most: String,
    /// The points of the solid curve.
    pub(super) solid: String,
    /// The points of the dashed one.
    pub(super) dashed: Option<String>,
}

impl Chart {
    /// A chart of what each look saw; a look that saw nothing leaves a gap in neither curve.
    pub(super) fn new(
        name: &'static str,
        solid: &[Option<f64>],
        dashed: Option<&[Option<f64>]>,
        in_words: impl Fn(f64) -> String,
    ) -> Self {
        let all = solid.iter().chain(dashed.into_iter().flatten()).flatten();
        let most = all.fold(0.0_f64, |most, value| most.max(*value));
        Self {
            name,
            most: in_words(most),
            solid: points(solid, most),
            dashed: dashed.map(|values| points(values, most)),
        }
    }
}

fn points(values: &[Option<f64>], most: f64) -> String {
    let (width, height) = (f64::from(WIDTH), f64::from(HEIGHT));
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let mut points = String::new();
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let share = if most > 0.0 { value / most } else { 0.0 };
        let (x, y) = (width * index as f64 / steps, height * (1.0 - share));
        // Writing into a string can't fail.
        let _written = write!(points, "{x:.0},{y:.0} ");
    }
    points.truncate(points.trim_end().len());
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_share_their_height() {
        let chart = Chart::new("a", &[Some(0.0), Some(5.0), Some(10.0)], Some(&[Some(20.0), None]), |most| {
            format!("{most:.0}")
        });
        assert_eq!((chart.most.as_str(), chart.solid.as_str()), ("20", "0,80 150,60 300,40"));
        assert_eq!(chart.dashed.as_deref(), Some("0,0"));
    }

    #[test]
    fn nothing_at_all_lies_on_the_ground() {
        assert_eq!(Chart::new("a", &[Some(0.0)], None, |most| most.to_string()).solid, "0,80");
        assert_eq!(Chart::new("a", &[], None, |most| most.to_string()).solid, "");
    }
}
