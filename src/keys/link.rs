//! Links in messages: an id with a signature, short enough for a text.

use data_encoding::BASE64URL_NOPAD;
use subtle::{Choice, ConstantTimeEq};

use super::keyring::KeyRing;
use super::master::{MasterKey, Use};

/// Bytes of the signature that a link carries: nobody guesses 96 bits, and the link is a third shorter.
const MAC_BYTES: usize = 12;

/// Bytes of an id.
const ID_BYTES: usize = 8;

impl KeyRing {
    /// The name in a link of the thing with this id, 27 signs. `what` keeps things of different kinds apart. It is as good as
    /// the text it stands in: whoever reads the one can use the other.
    pub fn link(&self, what: &'static str, id: i64) -> String {
        let mut bytes = id.to_be_bytes().to_vec();
        bytes.extend(mac(self.current(), what, id));
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The id that a link names, if any key of the ring made the link for such a thing.
    pub fn linked(&self, what: &'static str, link: &str) -> Option<i64> {
        let bytes = BASE64URL_NOPAD.decode(link.as_bytes()).ok()?;
        let (id, sent) = bytes.split_first_chunk::<ID_BYTES>()?;
        let id = i64::from_be_bytes(*id);
        let by_any_key = self.keys.iter().map(|key| mac(key, what, id).as_slice().ct_eq(sent));
        let is_ours: bool = by_any_key.fold(Choice::from(0), |found, equal| found | equal).into();
        is_ours.then_some(id)
    }
}

fn mac(key: &MasterKey, what: &str, id: i64) -> [u8; MAC_BYTES] {
    let mac = key.hmac(Use::Link, &[what.as_bytes(), b"\n", &id.to_be_bytes()]);
    std::array::from_fn(|at| mac[at])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn a_link_leads_to_its_thing_and_to_nothing_else() {
        let chance = SeededChance::new(1);
        let ring = KeyRing::generate(&chance, false);
        let link = ring.link("offer", 7);
        assert_eq!(link.len(), 27);
        assert_eq!(ring.linked("offer", &link), Some(7));
        assert_eq!(ring.linked("closing", &link), None);
        assert_eq!(
            ring.rotated(&chance).unwrap().linked("offer", &link),
            Some(7),
            "a text outlives a rotation"
        );
        assert_eq!(KeyRing::generate(&chance, false).linked("offer", &link), None);
        let edited = ring.link("offer", 8)[..11].to_owned() + &link[11..];
        for wrong in ["", "AAAA", &link[..26], &format!("{link}A"), &edited] {
            assert_eq!(ring.linked("offer", wrong), None, "{wrong}");
        }
    }
}
