//! `[codes]`: one-time codes and their caps.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::Reader;
use super::server::{NETWORK_ACCEPTED, parse_network};

/// One-time codes and their caps. The caps are what keeps strangers from spending the text messages of a country, and
/// the reserve what keeps them from locking anyone out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodesConfig {
    /// How many minutes a code is good for.
    pub minutes: u32,
    /// How many wrong tries a challenge bears.
    pub tries: u32,
    /// After how many seconds a code can be sent again.
    pub resend_seconds: u32,
    /// Codes an hour to one phone.
    pub per_phone_hour: u32,
    /// Codes an hour to one phone beyond that, for devices that proved it before.
    pub per_phone_reserve_hour: u32,
    /// Codes an hour asked for from one network.
    pub per_network_hour: u32,
    /// Codes an hour in all.
    pub per_hour: u32,
    /// Codes that may be on their way to phones which nobody has proved yet, at each node.
    pub unproved: u32,
    /// Networks of mobile carriers, where thousands share one address.
    pub carrier_networks: Vec<IpNet>,
    /// Codes an hour asked for from one address of a carrier.
    pub per_carrier_network_hour: u32,
    /// Turns at the door an hour asked for from one network: high enough for an office, far too low for all numbers.
    pub turns_per_network_hour: u32,
    /// The same for a network in `carrier_networks`.
    pub turns_per_carrier_network_hour: u32,
    /// Calling codes of the countries whose phones are sent codes, without the plus.
    pub countries: Vec<String>,
}

impl Default for CodesConfig {
    fn default() -> Self {
        Self {
            minutes: 10,
            tries: 5,
            resend_seconds: 60,
            per_phone_hour: 5,
            per_phone_reserve_hour: 5,
            per_network_hour: 60,
            per_hour: 100_000,
            unproved: 60_000,
            carrier_networks: Vec::new(),
            per_carrier_network_hour: 5_000,
            turns_per_network_hour: 5_000,
            turns_per_carrier_network_hour: 100_000,
            countries: vec!["82".to_owned()],
        }
    }
}

impl CodesConfig {
    /// Whether this address is a carrier's, which thousands of phones share.
    pub fn is_carrier(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.carrier_networks.iter().any(|network| network.contains(&address))
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        const MANY: u32 = 100_000_000;
        let default = Self::default();
        let mut number = |key, range, default| reader.number(key, range, default);
        Self {
            minutes: number("codes.minutes", 1..=60, default.minutes),
            tries: number("codes.tries", 1..=10, default.tries),
            resend_seconds: number("codes.resend_seconds", 1..=3600, default.resend_seconds),
            per_phone_hour: number("codes.per_phone_hour", 1..=100, default.per_phone_hour),
            per_phone_reserve_hour: number(
                "codes.per_phone_reserve_hour",
                0..=100,
                default.per_phone_reserve_hour,
            ),
            per_network_hour: number("codes.per_network_hour", 1..=MANY, default.per_network_hour),
            per_hour: number("codes.per_hour", 1..=MANY, default.per_hour),
            unproved: number("codes.unproved", 1..=MANY, default.unproved),
            per_carrier_network_hour: number(
                "codes.per_carrier_network_hour",
                1..=MANY,
                default.per_carrier_network_hour,
            ),
            turns_per_network_hour: number(
                "codes.turns_per_network_hour",
                1..=MANY,
                default.turns_per_network_hour,
            ),
            turns_per_carrier_network_hour: number(
                "codes.turns_per_carrier_network_hour",
                1..=MANY,
                default.turns_per_carrier_network_hour,
            ),
            carrier_networks: reader.list(
                "codes.carrier_networks",
                NETWORK_ACCEPTED,
                default.carrier_networks,
                parse_network,
            ),
            countries: reader.list(
                "codes.countries",
                "a calling code of one to three digits, such as \"82\"",
                default.countries,
                parse_country,
            ),
        }
    }
}

fn parse_country(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_code = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_code && !digits.starts_with('0')).then(|| digits.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_s_shared_address_is_known() {
        let config = CodesConfig {
            carrier_networks: vec![parse_network("203.0.113.0/24").unwrap()],
            ..CodesConfig::default()
        };
        assert!(config.is_carrier("203.0.113.9".parse().unwrap()));
        assert!(config.is_carrier("::ffff:203.0.113.9".parse().unwrap()));
        assert!(!config.is_carrier("198.51.100.9".parse().unwrap()));
    }
}
