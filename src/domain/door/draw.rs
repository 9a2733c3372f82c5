//! The draw: several parties and a public beacon make one key, so that nobody chooses it.

use super::digest::Digest;
use super::draw_key::DrawKey;
use super::opening::OpeningCode;
use super::seed::{Beacon, Commitment, Seed};

/// Parties that a draw may have; the page names each of them.
const PARTIES_MAX: usize = 16;

/// Outside parties without whom nobody can check that the service alone did not choose the key.
const OUTSIDE_PARTIES_MIN: usize = 2;

/// Who a party of a draw is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The service that runs the draw.
    Inside,
    /// Somebody independent of it: a ministry, an auditor, a patients' body.
    Outside,
}

/// One party: what it published, and its seed once it revealed it.
#[derive(Debug, Clone)]
struct Party {
    origin: Origin,
    commitment: Commitment,
    seed: Option<Seed>,
}

impl Party {
    /// What it puts into the draw. For a seed that is missing the rule was fixed beforehand: its commitment stands in
    /// its place, so that whoever withholds one chooses nothing by it that the beacon would not undo.
    fn contribution(&self) -> &[u8; 32] {
        self.seed.as_ref().map_or(&self.commitment.0.0, Seed::as_bytes)
    }
}

/// A draw while it is prepared: who committed to what, who revealed, and the beacon.
///
/// Its order is the order in which parties committed, and is published with their commitments. Whoever keeps a draw
/// sees to the times: commitments only before the first seed is revealed, seeds only before the beacon's round.
#[derive(Debug, Clone)]
pub struct Draw {
    opening: OpeningCode,
    parties: Vec<Party>,
    beacon: Option<Beacon>,
}

/// Why a draw can't go on like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// Another party published the same: one of them copied, and would reveal what the other reveals.
    #[error("another party has the same commitment; each party needs a seed of its own")]
    SameCommitment,
    /// There are as many parties as a draw may have.
    #[error("a draw has at most 16 parties")]
    TooManyParties,
    /// No party committed to this seed.
    #[error("no party committed to this seed")]
    NotCommitted,
    /// Everything that would go into the key is public, so everybody could compute everybody's place.
    #[error("no party has revealed its seed; a key without a secret in it would be public")]
    NoSeed,
}

impl Draw {
    /// A draw without parties.
    pub fn new(opening: OpeningCode) -> Self {
        Self { opening, parties: Vec::new(), beacon: None }
    }

    /// Takes in what the next party publishes.
    pub fn commit(&mut self, commitment: Commitment, origin: Origin) -> Result<(), DrawError> {
        if self.parties.iter().any(|party| party.commitment == commitment) {
            return Err(DrawError::SameCommitment);
        }
        if self.parties.len() == PARTIES_MAX {
            return Err(DrawError::TooManyParties);
        }
        self.parties.push(Party { origin, commitment, seed: None });
        Ok(())
    }

    /// Takes in the seed of the party that committed to it.
    pub fn reveal(&mut self, seed: Seed) -> Result<(), DrawError> {
        let party = self.parties.iter_mut().find(|party| party.commitment.is_of(&seed));
        party.ok_or(DrawError::NotCommitted)?.seed = Some(seed);
        Ok(())
    }

    /// Takes in what the beacon gave in the round that was named.
    pub fn set_beacon(&mut self, beacon: Beacon) {
        self.beacon = Some(beacon);
    }

    /// Whether people outside can check that nobody chose the places: at least two outside parties revealed their
    /// seeds, and a beacon came after them. A party that kept silent brought nothing that the service did not know.
    /// Otherwise the page says plainly "not independently verifiable".
    pub fn is_verifiable(&self) -> bool {
        let brings = |party: &&Party| party.origin == Origin::Outside && party.seed.is_some();
        self.parties.iter().filter(brings).count() >= OUTSIDE_PARTIES_MIN && self.beacon.is_some()
    }

    /// `SHA-256(seed_1 ‖ … ‖ seed_m ‖ beacon ‖ opening code)`, with a party's commitment for a missing seed, and nothing
    /// for a missing beacon. How many parties there are and which beacon was named is public beforehand, so the bytes
    /// can be read in one way only.
    pub fn key(&self) -> Result<DrawKey, DrawError> {
        if self.parties.iter().all(|party| party.seed.is_none()) {
            return Err(DrawError::NoSeed);
        }
        let mut parts: Vec<&[u8]> = Vec::with_capacity(self.parties.len() + 2);
        parts.extend(self.parties.iter().map(|party| party.contribution().as_slice()));
        parts.extend(self.beacon.as_ref().map(Beacon::as_bytes));
        parts.push(self.opening.as_bytes());
        Ok(DrawKey::new(Digest::of(&parts).0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening() -> OpeningCode {
        "flu-2026".parse().unwrap()
    }

    fn seed(number: u8) -> Seed {
        Seed::new([number; 32])
    }

    fn beacon() -> Beacon {
        "0b".repeat(32).parse().unwrap()
    }

    /// Three parties of which the first is the service, and those of `revealed` with their seeds.
    fn draw(revealed: &[u8]) -> Draw {
        let mut draw = Draw::new(opening());
        for (number, origin) in [(1, Origin::Inside), (2, Origin::Outside), (3, Origin::Outside)] {
            draw.commit(seed(number).commitment(), origin).unwrap();
        }
        revealed.iter().for_each(|number| draw.reveal(seed(*number)).unwrap());
        draw
    }

    fn key(draw: &Draw) -> String {
        draw.key().unwrap().reveal()
    }

    #[test]
    fn every_party_the_beacon_and_the_opening_count() {
        let mut whole = draw(&[1, 2, 3]);
        let without_beacon = key(&whole);
        whole.set_beacon(beacon());
        let mut other_opening = whole.clone();
        other_opening.opening = "flu-2027".parse().unwrap();
        let keys = [key(&whole), without_beacon, key(&other_opening), key(&draw(&[1, 2])), key(&draw(&[2]))];
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
        let parts: [&[u8]; 5] = [&[1; 32], &[2; 32], &[3; 32], &[0x0b; 32], b"flu-2026"];
        assert_eq!(keys[0], Digest::of(&parts).to_string());
    }

    #[test]
    fn a_commitment_stands_in_for_a_seed_that_never_came() {
        let parts: [&[u8]; 4] = [&[1; 32], &seed(2).commitment().0.0, &[3; 32], b"flu-2026"];
        assert_eq!(key(&draw(&[3, 1])), Digest::of(&parts).to_string());
    }

    #[test]
    fn a_key_that_everybody_could_compute_is_refused() {
        let mut draw = draw(&[]);
        draw.set_beacon(beacon());
        assert!(matches!(draw.key(), Err(DrawError::NoSeed)));
        assert!(matches!(Draw::new(opening()).key(), Err(DrawError::NoSeed)));
    }

    #[test]
    fn a_party_has_a_seed_of_its_own_and_keeps_to_it() {
        let mut draw = draw(&[]);
        assert_eq!(draw.commit(seed(2).commitment(), Origin::Outside), Err(DrawError::SameCommitment));
        assert_eq!(draw.reveal(seed(4)), Err(DrawError::NotCommitted));
        for number in 4..=16 {
            draw.commit(seed(number).commitment(), Origin::Outside).unwrap();
        }
        assert_eq!(draw.commit(seed(17).commitment(), Origin::Outside), Err(DrawError::TooManyParties));
    }

    #[test]
    fn only_seeds_of_outside_parties_and_a_beacon_make_it_verifiable() {
        let mut silent = draw(&[1, 2]);
        silent.set_beacon(beacon());
        assert!(!silent.is_verifiable());

        let mut whole = draw(&[2, 3]);
        assert!(!whole.is_verifiable());
        whole.set_beacon(beacon());
        assert!(whole.is_verifiable());

        let mut alone = Draw::new(opening());
        alone.set_beacon(beacon());
        alone.commit(seed(1).commitment(), Origin::Inside).unwrap();
        alone.commit(seed(2).commitment(), Origin::Outside).unwrap();
        for number in [1, 2] {
            alone.reveal(seed(number)).unwrap();
        }
        assert!(!alone.is_verifiable());
    }
}
