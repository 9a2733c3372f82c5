//! How many one-time codes may be asked for: by one network, and in all. (The cap for each phone is in the store.) And how
//! many turns at the door: whoever could ask for those of all numbers would know whose phones to buy.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;

use super::many_networks::ManyNetworks;
use super::unproved::Unproved;
use crate::config::CodesConfig;
use crate::domain::clock::Clock;
use crate::domain::ids::ChallengeId;

/// The limiter counts by what passes on the service's clock, so that tests can move it. That the clock is set back does not
/// count: otherwise nobody who came in the hour before could come again for an hour.
#[derive(Clone)]
pub(super) struct ServiceClock {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<(Timestamp, Nanos)>>,
}

impl ServiceClock {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let seen = Arc::new(Mutex::new((clock.now(), Nanos::new(0))));
        Self { clock, seen }
    }
}

impl GovernorClock for ServiceClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let passed = u64::try_from(now.duration_since(seen.0).as_nanos()).unwrap_or(0);
        *seen = (now, seen.1 + Nanos::new(passed));
        seen.1
    }
}

type Keyed = RateLimiter<
    IpAddr,
    governor::state::keyed::DefaultKeyedStateStore<IpAddr>,
    ServiceClock,
    NoOpMiddleware<Nanos>,
>;
type Direct = RateLimiter<
    governor::state::NotKeyed,
    governor::state::InMemoryState,
    ServiceClock,
    NoOpMiddleware<Nanos>,
>;

/// Counts what networks ask for. Behind a carrier's address are thousands of phones, so those have a higher cap.
struct Networks {
    usual: Keyed,
    carriers: Keyed,
}

impl Networks {
    fn new(usual: u32, carriers: u32, clock: &ServiceClock) -> Self {
        let keyed = |most| {
            let store = governor::state::keyed::DefaultKeyedStateStore::default();
            RateLimiter::new(an_hour(most), store, clock.clone())
        };
        Self { usual: keyed(usual), carriers: keyed(carriers) }
    }

    fn take(&self, address: IpAddr, is_carrier: bool) -> Result<(), LimitReached> {
        let limiter = if is_carrier { &self.carriers } else { &self.usual };
        limiter.check_key(&network_of(address)).ok().ok_or(LimitReached::Network)
    }

    fn tidy_up(&self) {
        self.usual.retain_recent();
        self.carriers.retain_recent();
    }
}

/// Counts who asks for a turn: of them there are too many to remember each.
struct Turns {
    usual: ManyNetworks,
    carriers: ManyNetworks,
}

/// Counts codes by network and in all, and turns by network.
pub struct CodeLimits {
    codes: Networks,
    turns: Turns,
    all: Direct,
    unproved: Unproved,
    clock: ServiceClock,
    config: CodesConfig,
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReached {
    /// The visitor's network asked for too many codes.
    Network,
    /// Everybody together asked for too many codes, or too many were sent that nobody has typed yet.
    All,
}

fn an_hour(most: u32) -> Quota {
    Quota::per_hour(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
}

impl CodeLimits {
    /// Limits as configured.
    pub fn new(config: &CodesConfig, clock: Arc<dyn Clock>) -> Self {
        let clock = ServiceClock::new(clock);
        let (turns, of_carriers) = (config.turns_per_network_hour, config.turns_per_carrier_network_hour);
        Self {
            codes: Networks::new(config.per_network_hour, config.per_carrier_network_hour, &clock),
            turns: Turns { usual: ManyNetworks::new(turns), carriers: ManyNetworks::new(of_carriers) },
            all: RateLimiter::new(
                an_hour(config.per_hour),
                governor::state::InMemoryState::default(),
                clock.clone(),
            ),
            unproved: Unproved::new(config.unproved),
            clock,
            config: config.clone(),
        }
    }

    /// Counts a code for a visitor at `address`. A device that proved the contact before needs no room among the unproved.
    ///
    /// # Errors
    /// [`LimitReached`] when no more may be sent now.
    pub fn take(&self, address: Option<IpAddr>, is_remembered: bool) -> Result<(), LimitReached> {
        if !is_remembered && !self.unproved.has_room(self.clock.now()) {
            return Err(LimitReached::All);
        }
        if let Some(address) = address {
            self.codes.take(address, self.config.is_carrier(address))?;
        }
        self.all.check().ok().ok_or(LimitReached::All)
    }

    /// A code was sent to a contact that the device has not proved before.
    pub fn sent_unproved(&self, code: ChallengeId) {
        self.unproved.sent(code, self.clock.now());
    }

    /// A code was typed.
    pub fn proved(&self, code: ChallengeId) {
        self.unproved.proved(code);
    }

    /// Counts that a visitor at `address` asked for a number's turn, or for a place in line.
    ///
    /// # Errors
    /// [`LimitReached::Network`] when their network has asked for too many.
    pub fn take_turn(&self, address: Option<IpAddr>) -> Result<(), LimitReached> {
        let Some(address) = address else { return Ok(()) };
        let Turns { usual, carriers } = &self.turns;
        let networks = if self.config.is_carrier(address) { carriers } else { usual };
        let may_ask = networks.take(network_of(address), self.clock.now());
        if may_ask { Ok(()) } else { Err(LimitReached::Network) }
    }

    /// Forgets networks that have not asked for an hour, so that memory does not grow.
    pub fn tidy_up(&self) {
        self.codes.tidy_up();
    }
}

/// An IPv4 address stands for itself, an IPv6 address for its /64: what one line or phone is given.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SystemClock;

    #[test]
    fn a_network_has_a_cap_of_its_own() {
        let config = CodesConfig { per_network_hour: 2, ..CodesConfig::default() };
        let limits = CodeLimits::new(&config, Arc::new(SystemClock));
        let one: Option<IpAddr> = "2001:db8::1".parse().ok();
        let neighbour: Option<IpAddr> = "2001:db8::2".parse().ok();
        let other: Option<IpAddr> = "192.0.2.7".parse().ok();
        assert_eq!(limits.take(one, false), Ok(()));
        assert_eq!(limits.take(neighbour, false), Ok(()));
        assert_eq!(limits.take(one, false), Err(LimitReached::Network));
        assert_eq!(limits.take(other, false), Ok(()));
    }

    #[test]
    fn turns_are_counted_apart_from_codes_and_carriers_may_ask_for_more() {
        let config = CodesConfig {
            per_network_hour: 1,
            turns_per_network_hour: 2,
            turns_per_carrier_network_hour: 3,
            carrier_networks: vec!["203.0.113.0/24".parse().unwrap()],
            ..CodesConfig::default()
        };
        let limits = CodeLimits::new(&config, Arc::new(SystemClock));
        for (address, most) in [("192.0.2.7", 2), ("203.0.113.9", 3)] {
            let address: Option<IpAddr> = address.parse().ok();
            assert_eq!(limits.take(address, false), Ok(()));
            for _ in 0..most {
                assert_eq!(limits.take_turn(address), Ok(()));
            }
            assert_eq!(limits.take_turn(address), Err(LimitReached::Network));
        }
    }
}
