//! A place on the map, and how far it is from another.

/// The mean radius of the Earth in kilometres (IUGG).
const EARTH_RADIUS_KILOMETRES: f64 = 6371.0088;

/// A point on the Earth, in degrees (WGS 84). [`new`](Self::new) checks the ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Degrees north of the equator, from -90 to 90.
    pub latitude: f64,
    /// Degrees east of Greenwich, from -180 to 180.
    pub longitude: f64,
}

/// Why two numbers are not a point on the Earth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// The latitude is outside -90 to 90, or not a number.
    #[error("the latitude must be from -90 to 90 degrees, like 37.5665")]
    LatitudeOutOfRange,
    /// The longitude is outside -180 to 180, or not a number.
    #[error("the longitude must be from -180 to 180 degrees, like 126.9780")]
    LongitudeOutOfRange,
}

impl Position {
    /// A point from degrees north and degrees east.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(PositionError::LatitudeOutOfRange);
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(PositionError::LongitudeOutOfRange);
        }
        Ok(Self { latitude, longitude })
    }

    /// The distance as the crow flies, in kilometres, by the haversine formula: within 0.6 % of the true one, since
    /// the Earth is not quite a sphere.
    pub fn kilometres_to(&self, other: &Position) -> f64 {
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = (there - here) / 2.0;
        let east = (other.longitude - self.longitude).to_radians() / 2.0;
        let square = north.sin().powi(2) + here.cos() * there.cos() * east.sin().powi(2);
        // Rounding may push the square a hair above 1 for opposite points, where asin has no answer.
        2.0 * EARTH_RADIUS_KILOMETRES * square.clamp(0.0, 1.0).sqrt().asin()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn seoul_to_busan_is_325_kilometres() {
        let (seoul, busan) = (at(37.5665, 126.9780), at(35.1796, 129.0756));
        assert!((seoul.kilometres_to(&busan) - 325.0).abs() < 1.0);
    }

    #[test]
    fn the_date_line_is_no_wall() {
        assert!((at(0.0, 179.5).kilometres_to(&at(0.0, -179.5)) - 111.2).abs() < 0.1);
    }

    #[test]
    fn points_off_the_map_are_refused() {
        use PositionError::*;
        for latitude in [90.1, -91.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Position::new(latitude, 0.0), Err(LatitudeOutOfRange));
        }
        for longitude in [180.1, -181.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(Position::new(0.0, longitude), Err(LongitudeOutOfRange));
        }
        assert!(Position::new(-90.0, 180.0).is_ok());
    }

    fn position() -> impl Strategy<Value = Position> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(latitude, longitude)| at(latitude, longitude))
    }

    proptest! {
        #[test]
        fn a_distance_is_the_same_both_ways_and_at_most_half_round(one in position(), other in position()) {
            let there = one.kilometres_to(&other);
            prop_assert!((there - other.kilometres_to(&one)).abs() < 1e-6);
            prop_assert!((0.0..=20_016.0).contains(&there));
            prop_assert_eq!(one.kilometres_to(&one), 0.0);
        }

        #[test]
        fn no_detour_is_shorter(one in position(), between in position(), other in position()) {
            let detour = one.kilometres_to(&between) + between.kilometres_to(&other);
            prop_assert!(one.kilometres_to(&other) <= detour + 1e-6);
        }
    }
}
