//! Personal things as they may be written, and a search for them in whatever the program leaves behind.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// Something that may stand nowhere.
pub struct Needle {
    /// What it is, for the message; not the thing itself.
    pub what: String,
    /// Every way to write it.
    forms: Vec<Vec<u8>>,
}

impl Needle {
    /// A text as it is.
    pub fn text(what: &str, text: &str) -> Self {
        Self::all(what, &[text.to_owned()])
    }

    /// A phone number, `010-0000-7301`.
    pub fn phone(what: &str, phone: &str) -> Self {
        let digits = phone.replace('-', "");
        let written = |sign: &str| phone[1..].replace('-', sign);
        // Without the zero in front, so that it is found in `+82 10 ...` too.
        Self::all(what, &[written("-"), written(" "), written("."), digits[1..].to_owned()])
    }

    /// A birth date.
    pub fn birth(what: &str, (year, month, day): (u16, u8, u8)) -> Self {
        let mut ways = vec![format!("{year}{month:02}{day:02}")];
        for sign in ["-", "/", ".", ". ", " "] {
            ways.push(format!("{year}{sign}{month:02}{sign}{day:02}"));
            ways.push(format!("{year}{sign}{month}{sign}{day}"));
            ways.push(format!("{day:02}{sign}{month:02}{sign}{year}"));
        }
        ways.push(format!("{year}년 {month}월 {day}일"));
        ways.push(format!("{:02}{month:02}{day:02}", year % 100));
        Self::all(what, &ways)
    }

    fn all(what: &str, ways: &[String]) -> Self {
        let forms = ways.iter().flat_map(|way| encodings(way)).filter(|form| form.len() > 4);
        Self { what: what.to_owned(), forms: forms.collect() }
    }
}

/// A text in the encodings that databases, logs and addresses use.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let utf8 = text.as_bytes().to_vec();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let percent = percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let mut all = vec![
        percent.to_string().into_bytes(),
        text.replace('@', "%40").into_bytes(),
        text.to_uppercase().into_bytes(),
    ];
    all.extend([escaped.to_uppercase().replace("\\U", "\\u").into_bytes(), escaped.into_bytes()]);
    all.push(format!("{utf8:?}").trim_matches(['[', ']']).as_bytes().to_vec());
    for bytes in [&utf8, &little, &big] {
        all.extend([HEXLOWER.encode(bytes).into_bytes(), HEXUPPER.encode(bytes).into_bytes()]);
    }
    all.extend(base64(&utf8));
    all.extend([little, big, utf8]);
    all.sort();
    all.dedup();
    all
}

/// In Base64 a text looks different behind none, one or two bytes; its edges hang together with what is around it.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![BASE64.encode(bytes), BASE64_NOPAD.encode(bytes), BASE64URL_NOPAD.encode(bytes)];
    for before in 0..3 {
        let shifted: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let encoded = encoding.encode(&shifted);
            let whole = shifted.len() / 3 * 4;
            all.push(encoded[if before > 0 { 4 } else { 0 }..whole].to_owned());
        }
    }
    // The middle of a short text is too little to tell it from chance.
    all.into_iter().filter(|encoded| encoded.len() >= 8).map(String::into_bytes).collect()
}

/// What is found of the needles, each by its name and what stands around it.
pub fn found(needles: &[Needle], haystack: &[u8]) -> Vec<String> {
    let hay = as_letters(haystack);
    let mut all = Vec::new();
    for needle in needles {
        for form in &needle.forms {
            let wanted = as_letters(form);
            let place = hay
                .match_indices(&wanted)
                .map(|(at, _)| at)
                .find(|&at| !is_digits(form) || stands_alone(&hay, at, wanted.len()));
            if let Some(at) = place {
                let around: String = hay[..at].chars().rev().take(60).collect();
                let around: String = around.chars().rev().collect();
                all.push(format!("{} as {:?} behind {around:?}", needle.what, String::from_utf8_lossy(form)));
            }
        }
    }
    all
}

/// Each byte as a letter, so that any bytes can be searched as text.
fn as_letters(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

fn is_digits(form: &[u8]) -> bool {
    form.iter().all(u8::is_ascii_digit)
}

/// Digits in the middle of a longer number, or behind its point, are chance. A phone may follow its country.
fn stands_alone(hay: &str, at: usize, length: usize) -> bool {
    let before = hay[..at].trim_end_matches("82").trim_end_matches('0').chars().next_back();
    let after = hay[at + length..].chars().next();
    let is_digit = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_digit());
    !is_digit(before) && !is_digit(after) && before != Some('.')
}

#[test]
fn a_needle_is_found_however_it_is_written() {
    let needles = [
        Needle::text("name", "선우다인"),
        Needle::phone("phone", "010-0000-7301"),
        Needle::birth("birth", (1947, 3, 9)),
        Needle::text("email", "dain.sunwoo@example.org"),
        Needle::text("code", "407193"),
    ];
    let hidden = [
        "to 선우다인".as_bytes().to_vec(),
        "선우다인".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "선우다인".encode_utf16().flat_map(u16::to_be_bytes).collect(),
        b"name=%EC%84%A0%EC%9A%B0%EB%8B%A4%EC%9D%B8".to_vec(),
        b"\"\\uc120\\uc6b0\\ub2e4\\uc778\"".to_vec(),
        HEXLOWER.encode("xx선우다인".as_bytes()).into_bytes(),
        BASE64.encode("선우다인".as_bytes()).into_bytes(),
        BASE64.encode("x선우다인".as_bytes()).into_bytes(),
        BASE64URL_NOPAD.encode("xy선우다인z".as_bytes()).into_bytes(),
        format!("{:?}", "x선우다인".as_bytes()).into_bytes(),
        b"+821000007301".to_vec(),
        b"tel 010 0000 7301.".to_vec(),
        b"01000007301".to_vec(),
        b"(1947-03-09)".to_vec(),
        b"19470309".to_vec(),
        b"born 9, 470309-".to_vec(),
        "1947년 3월 9일".as_bytes().to_vec(),
        b"DAIN.SUNWOO@EXAMPLE.ORG".to_vec(),
        b"dain.sunwoo%40example.org".to_vec(),
        b"code=407193".to_vec(),
    ];
    for text in hidden {
        assert!(!found(&needles, &text).is_empty(), "{:?}", String::from_utf8_lossy(&text));
    }
    for chance in ["0.407193", "1407193", "4071930", "seconds 12.4703091", "선우 다인", "2026-11-24"] {
        assert_eq!(found(&needles, chance.as_bytes()), Vec::<String>::new());
    }
}
