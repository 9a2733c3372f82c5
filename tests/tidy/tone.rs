//! The catalogs speak in one voice; `CONTRIBUTING.md` ("Words") gives the reasons.

use std::collections::BTreeMap;

use crate::assert_none;
use crate::source::files_under;

/// What no Korean text says, and what it says instead.
const UNSAID: &[(&str, &str)] = &[
    ("나요?", "a request (~해 주세요), because translated questions read foreign"),
    ("인가요", "a request (~해 주세요), because translated questions read foreign"),
    ("어요", "합니다"),
    ("아요", "합니다"),
    ("해요", "합니다"),
    ("예요", "입니다"),
    ("이에요", "입니다"),
    ("고르", "선택하다"),
    ("골라", "선택하다"),
    ("휴대폰", "휴대전화"),
    ("핸드폰", "휴대전화"),
    ("접종기관", "접종 기관"),
    ("단추", "버튼"),
    ("확인 번호", "인증번호"),
    ("시도하", "다시 해 주세요"),
    ("차수", "1차, 2차, 다음 접종 (차수 only heads a column of the staff's)"),
    ("}님", "a blank before 님"),
    (" (월)", "12월 3일(목), as the catalog of dates says it"),
    ("을(를)", "a sentence that needs no such choice"),
    ("이(가)", "a sentence that needs no such choice"),
    ("(으)로", "a sentence that needs no such choice"),
];

/// Particles whose form depends on the sound before them: none may follow a variable.
const CHANGING_PARTICLES: &[&str] =
    &["은", "는", "이", "가", "을", "를", "과", "와", "으로", "로", "아", "야"];

/// Text a line of a catalog says, with its place; comments are left out.
fn said(language: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for file in files_under(&format!("templates/locales/{language}")) {
        for (number, line) in file.text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let text = line.split_once('=').map_or(line, |(_, text)| text);
            lines.push((format!("{}:{}", file.path, number + 1), text.trim().to_owned()));
        }
    }
    lines
}

/// Where a text asks for something in another way than ~해 주세요 or ~하지 마세요.
fn asks_otherwise(text: &str) -> bool {
    text.match_indices("세요").any(|(at, _)| !text[..at].ends_with(['주', '마']))
}

/// A question that isn't ~하시겠습니까?, other than the greeting of the first page.
fn asks_softly(text: &str) -> bool {
    text.ends_with("까요?") && !text.contains("도와드릴까요?")
}

fn follows_a_variable(text: &str) -> Option<&str> {
    text.split('}').skip(1).find_map(|rest| {
        let word = rest.split([' ', '.', ',', '{']).next().unwrap_or_default();
        CHANGING_PARTICLES.contains(&word).then_some(word)
    })
}

fn complaints(text: &str) -> Vec<String> {
    let mut found: Vec<String> = UNSAID
        .iter()
        .filter(|(word, _)| text.contains(word))
        .map(|(word, instead)| format!("says {word}; say {instead}"))
        .collect();
    if asks_otherwise(text) {
        found.push("asks in another way than ~해 주세요 or ~하지 마세요".to_owned());
    }
    if asks_softly(text) {
        found.push("asks yes or no in another way than ~하시겠습니까?".to_owned());
    }
    if let Some(particle) = follows_a_variable(text) {
        found.push(format!("has {particle} after a variable, which may be wrong there"));
    }
    found
}

#[test]
fn korean_texts_speak_in_one_voice() {
    let mut violations = Vec::new();
    for (place, text) in said("ko") {
        let staff_column = place.contains("clinic.ftl") && text == "차수";
        violations.extend(
            complaints(&text).iter().filter(|_| !staff_column).map(|it| format!("{place} {it}: {text}")),
        );
    }
    assert_none("Korean that another page would say in another way", &violations);
}

/// What an English text says that this one says otherwise.
fn english_complaints(text: &str) -> Vec<String> {
    let words = text.split(|sign: char| !sign.is_alphabetic()).map(str::to_lowercase);
    let polite = words.filter(|word| ["please", "simply", "kindly", "sorry"].contains(&word.as_str()));
    let mut found: Vec<String> = polite.map(|word| format!("says {word}")).collect();
    if text.split('\'').zip(text.split('\'').skip(1)).any(|(before, after)| {
        before.ends_with(char::is_alphabetic) && after.starts_with(char::is_alphabetic)
    }) {
        found.push("has a straight apostrophe; the others are ’".to_owned());
    }
    found
}

#[test]
fn english_texts_speak_in_one_voice() {
    let violations: Vec<String> = said("en")
        .into_iter()
        .flat_map(|(place, text)| {
            english_complaints(&text).into_iter().map(move |it| format!("{place} {it}: {text}"))
        })
        .collect();
    assert_none("English that another page would say in another way", &violations);
    assert_eq!(english_complaints("Please don't press again.").len(), 2);
    assert!(english_complaints("We can’t say yet.").is_empty());
}

#[test]
fn no_two_pages_of_a_language_have_the_same_title() {
    let mut violations = Vec::new();
    for language in ["ko", "en"] {
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        let files = files_under(&format!("templates/locales/{language}"));
        for line in files.iter().flat_map(|file| file.text.lines()) {
            let Some((key, title)) = line.split_once(" = ").filter(|(key, _)| key.ends_with("-title")) else {
                continue;
            };
            if let Some(other) = first.insert(title.to_owned(), key.to_owned()) {
                violations.push(format!("{language}: {other} and {key} both say {title}"));
            }
        }
    }
    assert_none("pages that can't be told apart by their titles", &violations);
}

#[test]
fn a_text_in_another_voice_is_found() {
    for text in [
        "휴대전화 번호가 무엇인가요?",
        "이름을 입력하세요.",
        "예약을 취소할까요?",
        "{ $name }이 없습니다.",
        "{ $name }님의 예약",
        "예약이 확정됐어요.",
    ] {
        assert!(!complaints(text).is_empty(), "{text}");
    }
    for text in [
        "이름을 입력해 주세요. { $count }명까지 됩니다.",
        "예약을 취소하시겠습니까?",
        "{ $name } 님은 이미 예약이 있습니다.",
    ] {
        assert_eq!(complaints(text), Vec::<String>::new(), "{text}");
    }
}
