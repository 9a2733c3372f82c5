//! Words that were put together before.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

/// Words kept of one kind: as many as the days, times and counts that a country shows at a time.
const MOST: usize = 4_096;

/// Words of one kind, by what they are about, so that they are put together once: for what many pages show and what has
/// few values, such as days. Nothing about a person may be kept here. It can't be out of date, since the catalogs are part
/// of the executable.
pub struct Remembered<K>(RefCell<HashMap<K, String>>);

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Eq + Hash> Remembered<K> {
    /// The words about something, put together by `say` unless they are known.
    pub fn say(&self, about: K, say: impl FnOnce() -> String) -> String {
        if let Some(words) = self.0.borrow().get(&about) {
            return words.clone();
        }
        let words = say();
        let mut known = self.0.borrow_mut();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(about, words.clone());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together_once_and_kept_apart() {
        let remembered = Remembered::default();
        for _ in 0..2 {
            for number in 0..3 {
                assert_eq!(remembered.say(number, || number.to_string()), number.to_string());
            }
        }
        assert_eq!(remembered.say(1, || unreachable!("it is known")), "1");
    }

    #[test]
    fn no_more_is_kept_than_a_country_shows() {
        let remembered = Remembered::default();
        for number in 0..3 * MOST {
            remembered.say(number, String::new);
            assert!(remembered.0.borrow().len() <= MOST);
        }
    }
}
