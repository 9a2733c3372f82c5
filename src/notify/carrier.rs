//! What a Korean carrier accepts. It counts bytes of EUC-KR, refuses what that encoding lacks, and cuts some texts that
//! are too long without a word, so lengths are measured here before anything is sent.

use encoding_rs::{EUC_KR, EncoderResult};

/// The longest short text message (SMS), in bytes of EUC-KR.
pub const SMS_LIMIT_BYTES: usize = 90;

/// The longest long text message (LMS), in bytes of EUC-KR.
pub const LMS_LIMIT_BYTES: usize = 2_000;

/// The longest subject of a long text message, in bytes of EUC-KR.
pub const LMS_SUBJECT_LIMIT_BYTES: usize = 40;

/// The longest text message that a gateway by HTTP takes, in characters.
pub const HTTP_LIMIT_CHARACTERS: usize = 1_600;

/// A character that EUC-KR lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a carrier can't carry U+{:04X}: leave it out or write it another way", u32::from(*.0))]
pub struct Unsendable(pub char);

/// The length of `text` in bytes of EUC-KR.
///
/// # Errors
/// The first character that the encoding lacks.
pub fn length_bytes(text: &str) -> Result<usize, Unsendable> {
    let mut encoder = EUC_KR.new_encoder();
    let mut buffer = [0; 1024];
    let (mut read, mut length) = (0, 0);
    while let Some(rest) = text.get(read..).filter(|rest| !rest.is_empty()) {
        let (result, read_now, written) =
            encoder.encode_from_utf8_without_replacement(rest, &mut buffer, true);
        read += read_now;
        length += written;
        if let EncoderResult::Unmappable(character) = result {
            return Err(Unsendable(character));
        }
    }
    Ok(length)
}

/// The length of `text` in bytes, where a character that EUC-KR lacks counts as much as a Hangul syllable.
pub fn length_at_most_bytes(text: &str) -> usize {
    length_bytes(text)
        .unwrap_or_else(|_| text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_is_two_bytes() {
        assert_eq!(length_bytes("[순번] 1차"), Ok(10));
        assert_eq!(length_bytes(""), Ok(0));
        assert_eq!(length_bytes(&"가".repeat(3_000)), Ok(6_000));
    }

    #[test]
    fn an_emoji_is_named() {
        assert_eq!(length_bytes("고맙습니다 😀"), Err(Unsendable('😀')));
        assert_eq!(length_at_most_bytes("가😀a"), 5);
    }
}
