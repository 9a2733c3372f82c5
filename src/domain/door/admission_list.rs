//! The sealed list of admissions: what an entry holds, and how a long list is hashed without reading all of it.
//!
//! ```text
//! entry = seconds since 1970 (8 bytes) ‖ place (8 bytes) ‖ keyed hash of the phone (32 bytes) ‖ random (16 bytes)
//! ```
//!
//! Numbers are big endian, so entries are in the order of their times. The hash of the phone is made with a key of the
//! service: the list names nobody to whoever has it without that key. The random bytes keep a neighbour's entry from being
//! guessed by its hash.

use jiff::Timestamp;

use super::digest::Digest;
use super::merkle;
use super::place::Place;

/// How many entries have a root of their own, by which larger ones are made. A power of two, so that it is a whole part of
/// every larger tree.
pub const BLOCK: u64 = 1 << 10;

/// Bytes of an entry.
const ENTRY_BYTES: usize = 64;

/// Somebody's admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When they came in first.
    pub at: Timestamp,
    /// Their place.
    pub place: Place,
    /// The keyed hash of their phone.
    pub phone: [u8; 32],
    /// Keeps it from being guessed.
    pub random: [u8; 16],
}

/// The bytes are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the list of admissions has 64 bytes: a time, a place, and what names nobody")]
pub struct EntryError;

impl Entry {
    /// The bytes that are hashed.
    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..8].copy_from_slice(&self.at.as_second().to_be_bytes());
        bytes[8..16].copy_from_slice(&self.place.0.to_be_bytes());
        bytes[16..48].copy_from_slice(&self.phone);
        bytes[48..].copy_from_slice(&self.random);
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) writes.
    ///
    /// # Errors
    /// [`EntryError`] when it is not that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let (at, rest) = bytes.split_first_chunk().ok_or(EntryError)?;
        let (place, rest) = rest.split_first_chunk().ok_or(EntryError)?;
        let (phone, rest) = rest.split_first_chunk().ok_or(EntryError)?;
        let at = Timestamp::from_second(i64::from_be_bytes(*at)).ok();
        Ok(Self {
            at: at.ok_or(EntryError)?,
            place: Place(u64::from_be_bytes(*place)),
            phone: *phone,
            random: rest.try_into().ok().ok_or(EntryError)?,
        })
    }
}

/// The root of a list, from the roots of its full blocks and the leaves after them: the same as over all its leaves, for a
/// tree is divided at powers of two, and so never within a full block.
pub fn root(blocks: &[Digest], rest: &[Digest]) -> Digest {
    merkle::root(&tops(blocks, rest))
}

/// What shows that an entry is in the list: `block` is its own block as leaves, `index` its number there, and `own` the
/// number of that block among those of the list. `None` when there is no such entry.
pub fn proof(
    blocks: &[Digest],
    rest: &[Digest],
    (own, block): (usize, &[Digest]),
    index: usize,
) -> Option<Vec<Digest>> {
    let mut proof = merkle::inclusion_proof(block, index)?;
    proof.extend(merkle::inclusion_proof(&tops(blocks, rest), own)?);
    Some(proof)
}

fn tops(blocks: &[Digest], rest: &[Digest]) -> Vec<Digest> {
    let rest = (!rest.is_empty()).then(|| merkle::root(rest));
    blocks.iter().copied().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entry_reads_back_and_is_in_the_order_of_time() {
        let entry = |second, place| Entry {
            at: Timestamp::from_second(second).unwrap(),
            place: Place(place),
            phone: [3; 32],
            random: [4; 16],
        };
        let (early, late) = (entry(1_000, u64::MAX), entry(1_001, 0));
        assert_eq!(Entry::from_bytes(&early.to_bytes()), Ok(early));
        assert!(early.to_bytes() < late.to_bytes());
        for bytes in [&[][..], &[0; 63], &[0; 65], &[255; 64][..63]] {
            assert_eq!(Entry::from_bytes(bytes), Err(EntryError));
        }
        assert_eq!(Entry::from_bytes(&[127; 64]), Err(EntryError), "no such time");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn blocks_make_the_same_tree(count in 1..5_000_usize, which in 0..5_000_usize) {
            let index = which % count;
            let leaves: Vec<Digest> = (0..count).map(|number| merkle::leaf(&number.to_be_bytes())).collect();
            let parts: Vec<&[Digest]> = leaves.chunks(BLOCK as usize).collect();
            let full = count / BLOCK as usize;
            let blocks: Vec<Digest> = parts[..full].iter().map(|block| merkle::root(block)).collect();
            let rest = parts.get(full).copied().unwrap_or_default();
            prop_assert_eq!(root(&blocks, rest), merkle::root(&leaves));
            let own = index / BLOCK as usize;
            let shown = proof(&blocks, rest, (own, parts[own]), index % BLOCK as usize);
            prop_assert_eq!(shown, merkle::inclusion_proof(&leaves, index));
        }
    }

    #[test]
    fn an_empty_list_has_the_root_of_nothing() {
        assert_eq!(root(&[], &[]), merkle::root(&[]));
        assert_eq!(proof(&[], &[], (0, &[]), 0), None);
    }
}
