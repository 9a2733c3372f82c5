//! How often each of very many networks may ask in an hour, counted in memory of a fixed size: an evening brings millions of
//! them, and whoever owns a piece of IPv6 has billions.
//!
//! A network shares each of its three cells with some others, and never its three with the same one (a count-min sketch). What
//! counts for it is the cell that was used least, so that it can seem to have asked a little more often than it did: by as much
//! as all networks together ask, divided by the cells of a row. Nobody can choose whom to share cells with, since the hash has a
//! secret of its own in each process.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::nanos::Nanos;

/// Bits of a hash that choose a cell of a row.
const CELL_BITS: u32 = 18;

/// Where the bits of each row begin.
const ROWS: [u32; 3] = [0, 20, 40];

const HOUR: u64 = Duration::from_secs(3_600).as_nanos() as u64;

/// Counts what networks ask for. All of what an hour allows may come at once, and it comes back evenly (as with a token bucket).
pub(super) struct ManyNetworks {
    /// For each cell when all would be there again, in nanoseconds of the service's clock.
    whole_again: Box<[AtomicU64]>,
    hash: RandomState,
    /// How long it takes until one more is there, in nanoseconds.
    interval: u64,
}

impl ManyNetworks {
    /// Each may ask so often in an hour.
    pub(super) fn new(an_hour: u32) -> Self {
        let cells = ROWS.len() << CELL_BITS;
        Self {
            whole_again: std::iter::repeat_with(AtomicU64::default).take(cells).collect(),
            hash: RandomState::new(),
            interval: HOUR / u64::from(an_hour.max(1)),
        }
    }

    fn cells(&self, network: IpAddr) -> impl Iterator<Item = &AtomicU64> {
        let hash = self.hash.hash_one(network);
        ROWS.iter().enumerate().filter_map(move |(row, first_bit)| {
            let place = usize::try_from((hash >> first_bit) & ((1 << CELL_BITS) - 1)).ok()?;
            self.whole_again.get((row << CELL_BITS) + place)
        })
    }

    /// Counts that a network asks. Whether it may. Of requests at the same instant a few more may pass.
    pub(super) fn take(&self, network: IpAddr, now: Nanos) -> bool {
        let now = now.as_u64();
        let used_least = self.cells(network).map(|cell| cell.load(Ordering::Relaxed)).min().unwrap_or(0);
        let whole_again = used_least.max(now) + self.interval;
        if whole_again - now > HOUR {
            return false;
        }
        for cell in self.cells(network) {
            cell.fetch_max(whole_again, Ordering::Relaxed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn at(seconds: u64) -> Nanos {
        Nanos::from(Duration::from_secs(seconds))
    }

    fn network(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn an_hours_worth_comes_at_once_and_comes_back_evenly() {
        let networks = ManyNetworks::new(60);
        let passed = |now| (0..200).filter(|_| networks.take(network(7), now)).count();
        assert_eq!(passed(at(0)), 60);
        assert_eq!(passed(at(59)), 0);
        assert_eq!(passed(at(60)), 1);
        assert_eq!(passed(at(60 + 600)), 10);
        assert_eq!(passed(at(100_000)), 60, "never more than an hour's worth");
        assert!(networks.take(network(8), at(0)), "another one is not concerned");
    }

    #[test]
    fn a_million_networks_hardly_disturb_each_other() {
        let networks = ManyNetworks::new(5_000);
        for number in 0..1_000_000 {
            assert!(networks.take(network(number), at(0)));
        }
        let left = (0..6_000).filter(|_| networks.take(network(5), at(0))).count();
        assert!((4_900..=4_999).contains(&left), "{left}");
    }
}
