//! One hash for a whole list, by which anybody can later be shown that an entry was in it: the Merkle tree of RFC 9162,
//! section 2.1.
//!
//! A proof shows the hashes of neighbours. So that nobody finds out about a neighbour by trying entries through, an entry
//! holds 16 random bytes beside what can be guessed.

use super::digest::Digest;

/// The hash of an entry. Entries and inner nodes are hashed with different first bytes, so that neither passes for the
/// other.
pub fn leaf(entry: &[u8]) -> Digest {
    Digest::of(&[&[0], entry])
}

fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[1], &left.0, &right.0])
}

/// Into how many leaves and the rest a tree is divided: the largest power of two that is smaller than its size.
fn left_size(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The root over these leaves; of none, SHA-256 of nothing.
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(left_size(more.len()));
            node(&root(left), &root(right))
        }
    }
}

/// What shows that the leaf at `index` is in the tree: the roots beside its way up, from the leaf to the top. `None` when
/// there is no such leaf.
pub fn inclusion_proof(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(left_size(leaves.len()));
    let (inside, at, beside) =
        if index < left.len() { (left, index, right) } else { (right, index - left.len(), left) };
    let mut proof = inclusion_proof(inside, at)?;
    proof.push(root(beside));
    Some(proof)
}

/// Whether the proof shows that `leaf` is at `index` of the `size` leaves under `root` (RFC 9162, section 2.1.3.2).
pub fn proves_inclusion(root: &Digest, size: u64, index: u64, leaf: &Digest, proof: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut own, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if own % 2 == 1 || own == last {
            hash = node(beside, &hash);
            // A node at the right edge that is a left one has no neighbour until further up.
            let up = own.trailing_zeros();
            (own, last) = (own >> up, last >> up);
        } else {
            hash = node(&hash, beside);
        }
        (own, last) = (own >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// A tree that entries are added to. It keeps at most 64 hashes, so that each minute's root costs nearly nothing; proofs
/// need the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrowingTree {
    size: u64,
    /// The roots of the full trees that it is made of, the largest first: one for each bit that is set in its size.
    full: Vec<Digest>,
}

/// The parts belong to no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} entries has not {hashes} hashes")]
pub struct GrowingTreeError {
    size: u64,
    hashes: usize,
}

impl GrowingTree {
    /// A tree as [`size`](Self::size) and [`hashes`](Self::hashes) describe it.
    pub fn from_parts(size: u64, full: Vec<Digest>) -> Result<Self, GrowingTreeError> {
        let hashes = full.len();
        let fits = size.count_ones() as usize == hashes;
        fits.then_some(Self { size, full }).ok_or(GrowingTreeError { size, hashes })
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What to keep of it beside its size.
    pub fn hashes(&self) -> &[Digest] {
        &self.full
    }

    /// Adds an entry by its [`leaf`].
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        // Two full trees of one size make one of the next: as many times as the size has ones at its end.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.full.pop() {
                hash = node(&left, &hash);
            }
        }
        self.full.push(hash);
        self.size += 1;
    }

    /// The root over all entries so far.
    pub fn root(&self) -> Digest {
        let smallest_first = self.full.iter().rev().copied();
        smallest_first.reduce(|right, left| node(&left, &right)).unwrap_or_else(|| root(&[]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(count: usize) -> Vec<Digest> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    /// The tree of the entries that the authors of Certificate Transparency test with, and its published roots.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let entries = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let leaves: Vec<Digest> = entries
            .iter()
            .map(|entry| leaf(&data_encoding::HEXLOWER.decode(entry.as_bytes()).unwrap()))
            .collect();
        for (size, expected) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(root(&leaves[..size]).to_string(), expected, "{size}");
        }
    }

    #[test]
    fn a_tree_is_kept_by_its_parts() {
        let mut tree = GrowingTree::default();
        leaves(11).into_iter().for_each(|leaf| tree.push(leaf));
        assert_eq!(tree.hashes().len(), 3);
        assert_eq!(GrowingTree::from_parts(tree.size(), tree.hashes().to_vec()), Ok(tree.clone()));
        assert!(GrowingTree::from_parts(12, tree.hashes().to_vec()).is_err());
    }

    #[test]
    fn what_is_not_there_has_no_proof() {
        assert_eq!(inclusion_proof(&leaves(3), 3), None);
        assert_eq!(inclusion_proof(&[], 0), None);
        let one = leaves(1);
        assert!(proves_inclusion(&one[0], 1, 0, &one[0], &[]));
        assert!(!proves_inclusion(&one[0], 0, 0, &one[0], &[]));
        assert!(!proves_inclusion(&one[0], 1, 1, &one[0], &[]));
        // An inner node is no leaf, although its hash is in the tree.
        let two = leaves(2);
        assert!(!proves_inclusion(&root(&two), 1, 0, &leaf(&[two[0].0, two[1].0].concat()), &[]));
    }

    proptest! {
        #[test]
        fn growing_gives_the_same_root(count in 0..300_usize) {
            let (mut tree, leaves) = (GrowingTree::default(), leaves(count));
            leaves.iter().for_each(|leaf| tree.push(*leaf));
            prop_assert_eq!(tree.root(), root(&leaves));
            prop_assert_eq!(tree.size(), count as u64);
        }

        #[test]
        fn a_proof_shows_its_entry_and_nothing_else(
            count in 1..200_usize,
            index in any::<prop::sample::Index>(),
            other in any::<prop::sample::Index>(),
            bit in 0..8_u32,
        ) {
            let (leaves, index, other) = (leaves(count), index.index(count), other.index(count));
            let (root, mut proof) = (root(&leaves), inclusion_proof(&leaves, index).unwrap());
            let shows = |size: usize, index: usize, leaf, proof: &[Digest]| {
                proves_inclusion(&root, size as u64, index as u64, leaf, proof)
            };
            prop_assert!(shows(count, index, &leaves[index], &proof));
            prop_assert_eq!(shows(count, index, &leaves[other], &proof), index == other);
            prop_assert_eq!(shows(count, other, &leaves[index], &proof), index == other);
            let mut longer = proof.clone();
            longer.push(root);
            prop_assert!(!shows(count, index, &leaves[index], &longer));
            if let Some(last) = proof.last_mut() {
                last.0[0] ^= 1 << bit;
                prop_assert!(!shows(count, index, &leaves[index], &proof));
                proof.pop();
                prop_assert!(!shows(count, index, &leaves[index], &proof));
            }
        }
    }
}
