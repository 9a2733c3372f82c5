//! `[time]`: in which time zone an installation's days are counted.

use jiff::tz::TimeZone;

use super::reader::Reader;

const DEFAULT_ZONE: &str = "Asia/Seoul";

/// In which time zone days are counted and times are shown, for sites that name none of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeConfig {
    /// The time zone.
    pub zone: TimeZone,
}

impl Default for TimeConfig {
    fn default() -> Self {
        Self { zone: parse_zone(DEFAULT_ZONE).unwrap_or(TimeZone::UTC) }
    }
}

impl TimeConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let accepted = "a name of the IANA time-zone database, such as \"Asia/Seoul\"";
        Self { zone: reader.text("time.zone", accepted, Self::default().zone, parse_zone) }
    }
}

fn parse_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::TimeConfig;

    #[test]
    fn seoul_is_known_without_the_machine_s_time_zones() {
        assert_eq!(TimeConfig::default().zone.iana_name(), Some("Asia/Seoul"));
    }
}
