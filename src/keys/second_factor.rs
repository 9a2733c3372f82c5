//! The second factor of staff: codes of an authenticator app (RFC 6238), and recovery codes for whoever has lost it.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::{KeyRing, LookupHash};
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::text::{fold_width, is_blank, is_hyphen};

/// Random bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

/// Recovery codes that one gets at a time.
const RECOVERY_CODES: u8 = 10;

/// Bytes of a recovery code: ten letters and digits, of which nobody guesses one in five tries.
const RECOVERY_BYTES: usize = 6;

/// What apps show beside the code.
const ISSUER: &str = "Sunbeon";

/// The secret that an app and we share. Six digits, thirty seconds, SHA-1: what all apps can do. A code counts half a minute
/// earlier and later, since clocks are not all right.
pub struct SecondFactor(Totp);

impl SecondFactor {
    /// A new secret for whoever signs in by this name.
    pub fn invent(login: &str, chance: &dyn Chance) -> Self {
        Self::of(login, Zeroizing::new(chance.bytes::<SECRET_BYTES>()).as_slice())
    }

    /// The secret with this text.
    pub fn from_text(login: &str, text: &str) -> Option<Self> {
        Secret::try_from_base32(text).ok().map(|secret| Self::of(login, secret.as_bytes()))
    }

    fn of(login: &str, secret: &[u8]) -> Self {
        // The check of the builder is for secrets that others make; ours are long, and logins hold no colon.
        Self(
            Builder::new()
                .with_secret(secret.to_vec())
                .with_account_name(login)
                .with_issuer(Some(ISSUER))
                .build_noncompliant(),
        )
    }

    /// The secret as it is kept, and as it is typed where no camera is.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.secret().to_base32())
    }

    /// The address that apps read from a QR code.
    pub fn address(&self) -> Option<Zeroizing<String>> {
        self.0.to_url().ok().map(Zeroizing::new)
    }

    /// The half minute to which a code belongs, counted from 1970; `None` when it is wrong or too old. It counts once: who asks
    /// keeps the last one that was used.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let code: String = fold_width(code).chars().filter(char::is_ascii_digit).collect();
        let step = self.0.check(&code, u64::try_from(now.as_second()).ok()?)?;
        i64::try_from(step).ok()
    }

    /// The recovery codes of this secret, so that a button that is pressed twice shows the same ones.
    pub fn recovery_codes(&self) -> Vec<String> {
        let code = |number: u8| {
            let mut mac = Hmac::<Sha256>::new_from_slice(self.0.secret().as_bytes()).ok()?;
            mac.update(b"recovery code");
            mac.update(&[number]);
            let bytes = mac.finalize().into_bytes();
            let text = BASE32_NOPAD.encode(bytes.get(..RECOVERY_BYTES)?);
            Some(format!("{}-{}", text.get(..5)?, text.get(5..)?))
        };
        (0..RECOVERY_CODES).filter_map(code).collect()
    }
}

impl KeyRing {
    /// By what a recovery code of somebody is known, however it is typed.
    pub fn recovery_hash(&self, staff: i64, code: &str) -> LookupHash {
        let sign = |sign: char| match sign.to_ascii_uppercase() {
            // Neither is in a code.
            '0' => 'O',
            '1' => 'I',
            sign => sign,
        };
        let typed = fold_width(code);
        let code: String =
            typed.chars().filter(|sign| !is_blank(*sign) && !is_hyphen(*sign)).map(sign).collect();
        self.lookup("recovery-code", &format!("{staff} {code}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    /// The secret of the test vectors in RFC 6238, appendix B.
    fn of_the_rfc() -> SecondFactor {
        SecondFactor::from_text("kim", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The RFC prints eight digits; six are the last of them.
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(of_the_rfc().step_of(code, at(second)), Some(second / 30), "{code}");
            assert_eq!(of_the_rfc().step_of(code, at(second + 30)), Some(second / 30), "a little late");
            assert_eq!(of_the_rfc().step_of(code, at(second + 90)), None, "too late");
        }
        assert_eq!(of_the_rfc().step_of(" 287 082 ", at(59)), Some(1));
        assert_eq!(of_the_rfc().step_of("２８７０８２", at(59)), Some(1));
        for wrong in ["", "28708", "2870820", "000000", "recovery"] {
            assert_eq!(of_the_rfc().step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_known_again_by_its_text() {
        let factor = SecondFactor::invent("kim.nurse", &SeededChance::new(1));
        let again = SecondFactor::from_text("kim.nurse", &factor.text()).unwrap();
        assert_eq!(factor.recovery_codes(), again.recovery_codes());
        let address = factor.address().unwrap();
        assert!(address.starts_with("otpauth://totp/Sunbeon:kim.nurse?secret="), "{}", *address);
        assert!(address.contains(factor.text().as_str()) && address.contains("issuer=Sunbeon"));
        assert!(SecondFactor::from_text("kim", "no secret!").is_none());
    }

    #[test]
    fn recovery_codes_are_ten_and_all_different() {
        let mut codes = SecondFactor::invent("kim", &SeededChance::new(1)).recovery_codes();
        assert!(codes.iter().all(|code| code.len() == 11 && code.is_ascii()), "{codes:?}");
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), usize::from(RECOVERY_CODES));
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let keys = KeyRing::generate(&SeededChance::new(1), false);
        let hash = keys.recovery_hash(7, "ABCOI-23456");
        assert_eq!(keys.recovery_hash(7, " abc01 23456"), hash);
        assert_ne!(keys.recovery_hash(8, "ABCOI-23456"), hash, "somebody else's is another");
    }
}
