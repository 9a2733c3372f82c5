//! Time and chance as parameters, so that every rule can be tested on any day.

use jiff::Timestamp;

/// Tells the time. Only the server's clock decides what is open, held or expired.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A source of bytes nobody can predict, or, in a test and in the demo, of bytes that a seed repeats.
pub trait Chance: Send + Sync + 'static {
    /// Fills `bytes` with fresh randomness.
    fn fill(&self, bytes: &mut [u8]);
}

/// Conveniences over any [`Chance`].
pub trait ChanceExt: Chance {
    /// A fresh array of `N` random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number in `0..limit` (`0` when `limit` is 0). The bias is below `limit / 2^64`.
    fn below(&self, limit: u64) -> u64 {
        u64::from_be_bytes(self.bytes()).checked_rem(limit).unwrap_or(0)
    }
}

impl<T: Chance + ?Sized> ChanceExt for T {}
