//! How often staff may try to sign in, and how many passwords are checked at a time: each check takes 19 MiB and a core.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::limits::{ServiceClock, network_of};
use super::problem::Problem;
use crate::domain::clock::{Chance, Clock};
use crate::keys::password::{self, PasswordError};

/// Tries for one login from one network before it has to wait.
const TRIES: NonZeroU32 = match NonZeroU32::new(10) {
    Some(tries) => tries,
    None => NonZeroU32::MIN,
};

/// How long it takes until all tries are there again, in seconds.
const TRIES_SECONDS: u64 = 15 * 60;

/// Passwords that are checked at a time.
const CHECKS_MAX: usize = 2;

/// Passwords that may be checked or wait for it. Whoever comes then is told to come back; a full queue takes about a
/// second.
const OPEN_MAX: usize = 64;

/// What is checked when nobody has the login, so that the answer takes as long. No password is known to fit it.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCEhIQ$pT3kX8uQm1vZc5sYw0aNf7hJ2eLrD9gBiV4oKxWtC6E";

/// A login from a network. Only both together are limited, so that nobody can lock a colleague out from elsewhere.
type Trier = (String, Option<IpAddr>);

type Tries = RateLimiter<Trier, DefaultKeyedStateStore<Trier>, ServiceClock, NoOpMiddleware<Nanos>>;

/// Limits what signing in may cost.
pub struct SignInLimits {
    tries: Tries,
    checks: Semaphore,
    open: Semaphore,
}

/// A login was tried too often from a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriedTooOften;

impl SignInLimits {
    /// Limits that count by the service's clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let again = Duration::from_secs(TRIES_SECONDS) / TRIES.get();
        let quota = Quota::with_period(again).unwrap_or(Quota::per_hour(TRIES)).allow_burst(TRIES);
        Self {
            tries: RateLimiter::new(quota, DefaultKeyedStateStore::default(), ServiceClock::new(clock)),
            checks: Semaphore::new(CHECKS_MAX),
            open: Semaphore::new(OPEN_MAX),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// [`TriedTooOften`] when this login may not be tried from this network now.
    pub fn take(&self, login: &str, address: Option<IpAddr>) -> Result<(), TriedTooOften> {
        let trier = (login.to_owned(), address.map(network_of));
        self.tries.check_key(&trier).map_err(|_until| TriedTooOften)
    }

    /// Whether a password has this hash, off the async threads. Without a hash it takes as long, and the answer is no.
    ///
    /// # Errors
    /// [`Problem::Busy`] when too many wait already.
    pub async fn fits(&self, password: Zeroizing<String>, hash: Option<String>) -> Result<bool, Problem> {
        let Ok(_open) = self.open.try_acquire() else { return Err(Problem::Busy) };
        let Ok(_check) = self.checks.acquire().await else { return Err(Problem::Broken) };
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS_HASH.to_owned());
        let check = tokio::task::spawn_blocking(move || password::verify(&password, &hash));
        Ok(check.await.unwrap_or(false) && is_known)
    }

    /// The hash of a new password, off the async threads.
    ///
    /// # Errors
    /// [`Problem::Busy`] when too many wait already.
    pub async fn hash(
        &self,
        password: Zeroizing<String>,
        chance: Arc<dyn Chance>,
    ) -> Result<Result<String, PasswordError>, Problem> {
        let Ok(_open) = self.open.try_acquire() else { return Err(Problem::Busy) };
        let Ok(_check) = self.checks.acquire().await else { return Err(Problem::Broken) };
        let hash = tokio::task::spawn_blocking(move || password::hash(&password, &*chance));
        hash.await.map_err(|_panic| Problem::Broken)
    }

    /// Forgets tries that count no more, so that memory does not grow.
    pub fn tidy_up(&self) {
        self.tries.retain_recent();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;
    use crate::system::{SeededChance, SystemClock};

    #[test]
    fn nobody_locks_a_colleague_out() {
        let limits = SignInLimits::new(Arc::new(SystemClock));
        let clinic: Option<IpAddr> = "192.0.2.7".parse().ok();
        let elsewhere: Option<IpAddr> = "198.51.100.9".parse().ok();
        for _ in 0..TRIES.get() {
            assert_eq!(limits.take("kim.nurse", elsewhere), Ok(()));
        }
        assert_eq!(limits.take("kim.nurse", elsewhere), Err(TriedTooOften));
        assert_eq!(limits.take("kim.nurse", clinic), Ok(()));
        assert_eq!(limits.take("lee.nurse", elsewhere), Ok(()));
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_somebodys() {
        let somebodys = password::hash("a long password", &SeededChance::new(1)).unwrap();
        let costs = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(costs(&somebodys), costs(NOBODYS_HASH));
        assert_eq!(lengths(&somebodys), lengths(NOBODYS_HASH));
        assert!(PasswordHash::new(NOBODYS_HASH).is_ok(), "a hash that can't be read costs nothing");
    }

    #[tokio::test]
    async fn only_the_right_password_of_somebody_fits() {
        let limits = SignInLimits::new(Arc::new(SystemClock));
        let hash = password::hash("a long password", &SeededChance::new(1)).unwrap();
        let typed = |text: &str| Zeroizing::new(text.to_owned());
        assert!(limits.fits(typed("a long password"), Some(hash.clone())).await.unwrap());
        assert!(!limits.fits(typed("a wrong password"), Some(hash)).await.unwrap());
        assert!(!limits.fits(typed("a long password"), None).await.unwrap());
    }
}
