//! How people's keyboards differ: full-width signs, odd blanks and odd hyphens, read as the plain ones.

/// Turns the full-width forms that Korean and Japanese keyboards make (`０１０`, `Ａ`, `＠`, the wide blank) into plain
/// ASCII, and leaves everything else alone.
pub(crate) fn fold_width(text: &str) -> String {
    text.chars().map(fold_sign).collect()
}

/// [`fold_width`] for one sign.
pub(crate) fn fold_sign(sign: char) -> char {
    match sign {
        '\u{3000}' => ' ',
        // The full-width block repeats `!` to `~` in order.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(sign) - 0xFEE0).unwrap_or(sign),
        _ => sign,
    }
}

/// Whether a sign shows as nothing: blanks, line ends, zero-width marks that come along when text is pasted, and the
/// Hangul fillers that make a name look empty.
pub(crate) fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(
            sign,
            '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
        )
}

/// Whether a sign only says how others are written, joined or broken. By itself nobody sees it, and it stands for no blank.
pub(crate) fn is_unseen(sign: char) -> bool {
    matches!(
        sign,
        '\u{AD}' | '\u{34F}' | '\u{180B}'..='\u{180F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Whether a sign looks like a hyphen (word processors turn hyphens into dashes).
pub(crate) fn is_hyphen(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn full_width_signs_become_plain_ones() {
        assert_eq!(fold_width("０１０－１２３４　Ａｚ＠～！"), "010-1234 Az@~!");
        assert_eq!(fold_width("김민용 é"), "김민용 é");
    }

    #[test]
    fn pasted_marks_are_blank_and_dashes_are_hyphens() {
        assert!([' ', '\t', '\u{3000}', '\u{200B}', '\u{3164}'].into_iter().all(is_blank));
        assert!(!is_blank('김'));
        assert!(['-', '–', '—', '－', '−'].into_iter().all(is_hyphen));
        assert!(!is_hyphen('_'));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold_width(&text);
            prop_assert_eq!(fold_width(&once), once);
        }

        #[test]
        fn every_printable_ascii_sign_has_its_wide_twin(sign in prop::char::range('!', '~')) {
            let wide = char::from_u32(u32::from(sign) + 0xFEE0).unwrap();
            prop_assert_eq!(fold_sign(wide), sign);
        }
    }
}
