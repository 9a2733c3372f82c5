//! Keys: what is personal is sealed with them, found by them, and codes and tokens are made from them.
//!
//! A key file holds one or more master keys, each with a key id. Every [`Use`] has keys of its own, derived from each
//! master key by HKDF-SHA256, so that nothing made for one use means anything for another.
//!
//! **Rotation.** What is sealed carries its key id, so old keys go on opening. First give the new file
//! ([`KeyRing::rotated`]) to every node without making the new key current, then make it current: a node can only
//! check what another made when it has the same keys. Codes that are on their way at that moment stop working; people
//! ask for another. Look-up hashes never follow a rotation: see [`KeyRing::lookup`].

mod code;
mod key_file;
mod key_text;
mod keyring;
mod link;
mod lookup;
mod master;
mod opening;
mod passphrase;
pub mod password;
mod sealed;
mod second_factor;
mod tickets;
mod token;

pub use code::OneTimeCode;
pub use key_file::KeyFileError;
pub use key_text::KeyTextError;
pub use keyring::KeyRing;
pub use lookup::LookupHash;
pub use master::{KeyId, MasterKey, Use};
pub use passphrase::{PASSPHRASE_SIGNS_MIN, PassphraseError};
pub use sealed::{Cell, OpenError, Sealed};
pub use second_factor::SecondFactor;
