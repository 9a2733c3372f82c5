//! Standing by for leftover doses: how far somebody would come, and in which order offers go out.
//!
//! Each leftover draws its own order, so that nobody is first every time and nobody gains by being quick. A number is drawn
//! for every ticket, and the lowest is asked first. Numbers follow from a secret of the day whose fingerprint is public
//! before the day begins; the secret itself is published when it is over, and then everybody can compute their number.

use std::fmt;

use super::door::digest::Digest;

/// The first words of what a number is computed from, so that no other digest of Sunbeon's can be one.
const DOMAIN: &str = "sunbeon standby 1";

/// Distances that can be chosen around a site, in metres; 0 is the site alone.
pub const METRES: [u32; 4] = [0, 1_000, 3_000, 10_000];

/// Sites one can choose for one person.
pub const SITES_MAX: usize = 5;

/// Days for which one can ask at once; whoever still waits then asks again.
pub const DAYS_MAX: i64 = 30;

/// Minutes that are left at least when a dose is offered: whoever takes it must get there.
pub const LEAST_MINUTES: i64 = 15;

/// Minutes for an answer.
pub const ANSWER_MINUTES: i64 = 10;

/// Bytes of a day's secret.
pub const SECRET_BYTES: usize = 32;

/// What a ticket drew in the order of one leftover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrawnNumber(u64);

impl DrawnNumber {
    /// The number of a ticket: the first 8 bytes of SHA-256 over the domain, the day's secret in small hexadecimal digits,
    /// the leftover's name and the ticket, each followed by a line feed.
    pub fn of(secret: &[u8; SECRET_BYTES], leftover: &str, ticket: &str) -> Self {
        let text = format!("{DOMAIN}\n{}\n{leftover}\n{ticket}\n", data_encoding::HEXLOWER.encode(secret));
        let [a, b, c, d, e, f, g, h, ..] = Digest::of(&[text.as_bytes()]).0;
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Display for DrawnNumber {
    /// Sixteen hexadecimal digits, which sort as the numbers do.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// The fingerprint of a day's secret: its SHA-256.
pub fn fingerprint(secret: &[u8; SECRET_BYTES]) -> Digest {
    Digest::of(&[secret])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python's hashlib.
    #[test]
    fn a_number_is_what_the_published_recipe_says() {
        let secret = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let number = DrawnNumber::of(&secret, "AKRSB2CD 2026-11-30 1", "TICKET22");
        assert_eq!(number.to_string(), "607b877741e34be5");
        assert_eq!(
            fingerprint(&secret).to_string(),
            "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
        );
    }

    #[test]
    fn each_leftover_draws_anew_and_texts_sort_as_numbers() {
        let secret = [7; SECRET_BYTES];
        let order = |leftover: &str| {
            let mut drawn: Vec<(DrawnNumber, String)> = (0..50)
                .map(|ticket| (DrawnNumber::of(&secret, leftover, &ticket.to_string()), ticket.to_string()))
                .collect();
            drawn.sort();
            let texts: Vec<String> = drawn.iter().map(|(number, _)| number.to_string()).collect();
            assert!(texts.is_sorted());
            drawn.into_iter().map(|(_, ticket)| ticket).collect::<Vec<_>>()
        };
        assert_ne!(order("A 2026-11-30 1"), order("A 2026-11-30 2"));
    }
}
