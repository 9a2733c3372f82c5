//! The alphabet of short messages everywhere but in Korea (GSM 03.38): 128 signs, and ten more that take two places.

/// What leads to the signs of the second table.
const ESCAPE: u8 = 0x1B;

/// The first table, by place; at that of [`ESCAPE`] stands nothing that is ever written.
const SIGNS: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The second table.
const MORE_SIGNS: [(char, u8); 10] = [
    ('\u{C}', 0x0A),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2F),
    ('[', 0x3C),
    ('~', 0x3D),
    (']', 0x3E),
    ('|', 0x40),
    ('€', 0x65),
];

/// Writes a sign, each place as a byte of its own. Whether the alphabet has it.
pub(super) fn write(sign: char, into: &mut Vec<u8>) -> bool {
    if let Some(place) = SIGNS.chars().position(|known| known == sign && known != char::from(ESCAPE)) {
        into.extend(u8::try_from(place));
        return true;
    }
    let more = MORE_SIGNS.iter().find(|(known, _)| *known == sign);
    into.extend(more.iter().flat_map(|(_, place)| [ESCAPE, *place]));
    more.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        text.chars().all(|sign| write(sign, &mut bytes)).then_some(bytes)
    }

    /// From the table of the standard (3GPP TS 23.038, 6.2.1).
    #[test]
    fn signs_stand_where_the_standard_has_them() {
        assert_eq!(SIGNS.chars().count(), 128);
        for (text, expected) in [
            ("@£$¥", &[0, 1, 2, 3][..]),
            ("\n\r", &[0x0A, 0x0D]),
            ("Δ_ΦΞ", &[0x10, 0x11, 0x12, 0x1A]),
            ("ÆæßÉ ", &[0x1C, 0x1D, 0x1E, 0x1F, 0x20]),
            ("09:?¡AZ", &[0x30, 0x39, 0x3A, 0x3F, 0x40, 0x41, 0x5A]),
            ("ÄÖÑÜ§¿az", &[0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x7A]),
            ("äöñüà", &[0x7B, 0x7C, 0x7D, 0x7E, 0x7F]),
            ("€[~", &[0x1B, 0x65, 0x1B, 0x3C, 0x1B, 0x3D]),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
        for lacking in ["가", "`", "’", "\u{1B}", "ç", "😀"] {
            assert_eq!(written(lacking), None, "{lacking}");
        }
    }
}
