//! Passwords of staff: hashed by argon2id with the crate's parameters (19 MiB, 2 passes: OWASP's first choice).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use zeroize::Zeroizing;

use crate::domain::clock::{Chance, ChanceExt};

/// Fewest signs of a password. Length is what counts (NIST SP 800-63B); no sign is asked for in particular.
pub const SIGNS_MIN: usize = 10;

/// Random bytes that make two equal passwords different hashes.
const SALT_BYTES: usize = 16;

/// Letters and digits that nobody mixes up.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Groups and signs of a made-up password: 20 signs of 31, 99 bits.
const GROUPS: usize = 4;
const GROUP_SIGNS: usize = 5;

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is easy to guess.
    #[error("the password is too short: use at least {SIGNS_MIN} letters, digits or other signs")]
    TooShort,
    /// There was not enough memory, or the like.
    #[error("the password can't be hashed on this machine")]
    NotHashed,
}

/// The hash of a password as a PHC string (`$argon2id$v=19$...`), with a fresh salt. Takes some 20 ms on purpose.
///
/// # Errors
/// [`PasswordError`] as its variants say.
pub fn hash(password: &str, chance: &dyn Chance) -> Result<String, PasswordError> {
    if password.chars().count() < SIGNS_MIN {
        return Err(PasswordError::TooShort);
    }
    let salt: [u8; SALT_BYTES] = chance.bytes();
    match Argon2::default().hash_password_with_salt(password.as_bytes(), &salt) {
        Ok(hash) => Ok(hash.to_string()),
        Err(_) => Err(PasswordError::NotHashed),
    }
}

/// Whether the password has this hash. As slow as hashing; a hash that can't be read fits no password.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password that nobody can guess and that can be read out: `kx7mp-29wqd-hu3ft-zzn6c`.
pub fn invent(chance: &dyn Chance) -> Zeroizing<String> {
    let mut password = Zeroizing::new(String::with_capacity(GROUPS * (GROUP_SIGNS + 1)));
    for sign in 0..GROUPS * GROUP_SIGNS {
        if sign > 0 && sign % GROUP_SIGNS == 0 {
            password.push('-');
        }
        let place = usize::try_from(chance.below(READABLE.len() as u64)).unwrap_or(0);
        password.push(char::from(READABLE[place]));
    }
    password
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn a_password_fits_its_hash_and_no_other() {
        let chance = SeededChance::new(1);
        let hashed = hash("열 글자가 넘는 비밀번호", &chance).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("열 글자가 넘는 비밀번호", &hashed));
        assert!(!verify("열 글자가 넘는 비밀번허", &hashed));
        assert!(!verify("열 글자가 넘는 비밀번호", "not a hash"));
        assert_ne!(hashed, hash("열 글자가 넘는 비밀번호", &chance).unwrap());
    }

    #[test]
    fn a_short_password_is_refused_by_its_signs_not_its_bytes() {
        assert_eq!(hash("짧은비밀번호", &SeededChance::new(1)), Err(PasswordError::TooShort));
    }

    #[test]
    fn an_invented_password_is_long_and_readable() {
        let chance = SeededChance::new(2);
        let one = invent(&chance);
        assert!(one.len() == 23 && !one.contains(['0', '1', 'i', 'l', 'o']), "{}", *one);
        assert_ne!(one, invent(&chance));
    }
}
