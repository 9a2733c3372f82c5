//! Makes valid input hostile: cut, joined, repeated, and with signs in it that readers stumble over.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Signs that readers stumble over.
const SIGNS: [&str; 44] = [
    "\0",
    "\u{1}",
    "\u{7f}",
    "\r\n",
    "\n",
    "\t",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{fffd}",
    "\u{202e}",
    "\u{200f}",
    "\u{200b}",
    "\u{2028}",
    "\u{1100}",
    "\u{1161}\u{11a8}",
    "\u{d7a3}",
    "\u{3164}",
    "\u{115f}",
    "\u{301}",
    "😀",
    "👩‍👩‍👧",
    "\u{10ffff}",
    "\u{e0001}",
    "ß",
    "İ",
    "ﷺ",
    "٣",
    "９",
    "½",
    "%",
    "%00",
    "%ff",
    "&",
    "=",
    "+",
    ";",
    "'",
    "\"",
    "<",
    ">",
    "\\",
    "~",
    ".",
];

/// Numbers at limits, and what is almost a number.
const NUMBERS: [&str; 26] = [
    "0",
    "-0",
    "-1",
    "1",
    "00",
    "127",
    "128",
    "255",
    "256",
    "32767",
    "32768",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "253402207200",
    "1e400",
    "NaN",
    "inf",
    "0x10",
];

/// The longest text, in repetitions.
const TIMES_MAX: usize = 3000;

/// One way of making a text hostile.
#[derive(Debug, Clone)]
enum Twist {
    /// Keeps the beginning.
    Cut(prop::sample::Index),
    /// Drops the beginning.
    Behead(prop::sample::Index),
    /// Puts a sign in.
    Insert(prop::sample::Index, &'static str),
    /// Puts a number in the place of the first one.
    Number(&'static str),
    /// Goes on with another text.
    Join(String),
    /// Says the same again.
    Repeat(usize),
    /// Puts any character in.
    Any(prop::sample::Index, char),
    /// Turns it round.
    Reverse,
}

fn twist(valid: Vec<String>) -> impl Strategy<Value = Twist> {
    use prop::sample::Index;
    prop_oneof![
        2 => any::<Index>().prop_map(Twist::Cut),
        1 => any::<Index>().prop_map(Twist::Behead),
        6 => (any::<Index>(), select(&SIGNS[..])).prop_map(|(at, sign)| Twist::Insert(at, sign)),
        3 => select(&NUMBERS[..]).prop_map(Twist::Number),
        2 => select(valid).prop_map(Twist::Join),
        1 => prop_oneof![2usize..8, Just(64), Just(300), Just(TIMES_MAX)].prop_map(Twist::Repeat),
        2 => (any::<Index>(), any::<char>()).prop_map(|(at, sign)| Twist::Any(at, sign)),
        1 => Just(Twist::Reverse),
    ]
}

/// A place between two characters.
fn place(text: &str, at: &prop::sample::Index) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    places[at.index(places.len())]
}

fn apply(text: String, twist: Twist) -> String {
    match twist {
        Twist::Cut(at) => text[..place(&text, &at)].to_owned(),
        Twist::Behead(at) => text[place(&text, &at)..].to_owned(),
        Twist::Insert(at, sign) => {
            let at = place(&text, &at);
            format!("{}{sign}{}", &text[..at], &text[at..])
        }
        Twist::Number(number) => {
            let from = text.find(|sign: char| sign.is_ascii_digit()).unwrap_or(text.len());
            let rest = text[from..].trim_start_matches(|sign: char| sign.is_ascii_digit());
            format!("{}{number}{rest}", &text[..from])
        }
        Twist::Join(other) => text + &other,
        Twist::Repeat(times) if text.len() * times <= 64 * TIMES_MAX => text.repeat(times),
        Twist::Repeat(_) => text,
        Twist::Any(at, sign) => {
            let at = place(&text, &at);
            format!("{}{sign}{}", &text[..at], &text[at..])
        }
        Twist::Reverse => text.chars().rev().collect(),
    }
}

/// Texts made from valid ones; every fourth is left as it is, so that what lies behind a reader is reached too.
pub fn text(valid: &[&str]) -> impl Strategy<Value = String> + use<> {
    let valid: Vec<String> = valid.iter().map(|&text| text.to_owned()).collect();
    text_of(valid)
}

/// The same from owned texts.
pub fn text_of(valid: Vec<String>) -> impl Strategy<Value = String> {
    let twists = prop_oneof![1 => Just(0usize), 3 => 1usize..5].prop_flat_map({
        let valid = valid.clone();
        move |number| vec(twist(valid.clone()), number)
    });
    let made = (select(valid), twists).prop_map(|(text, twists)| twists.into_iter().fold(text, apply));
    prop_oneof![12 => made, 1 => ".{0,80}", 1 => any::<String>()]
}

/// Bytes made from valid ones: cut, with bytes changed, put in and left out.
pub fn bytes(valid: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    use prop::sample::Index;
    let changes = vec((any::<Index>(), any::<u8>(), 0u8..5), 0..12);
    let made = (select(valid), changes).prop_map(|(mut bytes, changes)| {
        for (at, byte, way) in changes {
            let at = at.index(bytes.len() + 1);
            match way {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => bytes.truncate(at.max(1)),
                4 if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
                _ => {}
            }
        }
        bytes
    });
    prop_oneof![9 => made, 1 => vec(any::<u8>(), 0..200)]
}
