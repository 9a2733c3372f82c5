//! How full days and times are, in words.

use crate::language::{Language, Remembered};

thread_local! {
    static WORDS: Remembered<(Language, &'static str, i64)> = Remembered::default();
}

/// From this many free seats on, a day has many.
const MANY: i64 = 10;

/// Free seats of a day in words, for a party of `people`.
pub fn in_words(language: Language, free: i64, people: usize, fits: bool) -> String {
    let key = match free {
        ..=0 => "book-seats-none",
        free if free < i64::try_from(people).unwrap_or(i64::MAX) => "book-seats-short",
        _ if !fits => "book-seats-apart",
        MANY.. => "book-seats-many",
        _ => "book-seats-few",
    };
    let seats = free.max(0);
    let words = || language.say(key).with("seats", seats).to_string();
    WORDS.with(|known| known.say((language, key, seats), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_how_many_seats_a_day_has() {
        let words = |free, people, fits| in_words(Language::English, free, people, fits);
        assert_eq!(words(23, 1, true), "many seats left (23)");
        assert_eq!(words(3, 2, true), "few seats left (3)");
        assert_eq!(words(1, 2, false), "too few seats (1)");
        assert_eq!(words(0, 1, false), "no seats");
        assert_eq!(words(12, 2, false), "no time together");
        assert_eq!(in_words(Language::Korean, 3, 1, true), "조금 남음 (3자리)");
    }
}
