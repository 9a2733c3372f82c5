//! Requests made hostile: every page of the URL map, with the fields of every form and the filters of every search.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use crate::hostile;

/// A request before it is known whose it is.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which page of the map.
    pub page: Index,
    /// Which verb; those of the page first.
    pub verb: Index,
    /// Who asks, unless it is somebody whom the page serves.
    pub visitor: Index,
    /// Whether it is.
    pub is_served: bool,
    /// What stands in the places of the path's names; `None` for what is really there.
    pub names: Vec<Option<String>>,
    /// What follows the question mark.
    pub query: Vec<(String, String)>,
    /// What a form says.
    pub form: Vec<(String, String)>,
    /// Whether the form carries its token.
    pub has_token: bool,
    /// What is added to the cookies, or stands in their place.
    pub cookies: Option<(bool, String)>,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// How codes in the address and the form are broken: after so many signs, by this.
    pub broken: Option<(Index, &'static str)>,
}

/// The fields of forms and filters, each with what may stand in it.
const FIELDS: [(&[&str], &[&str]); 28] = [
    (&["phone", "contact"], &["010-0000-0001", "+82 10 0000 0002"]),
    (&["code"], &["123456", "１２３４５６"]),
    (&["relation"], &["me", "mother", "other"]),
    (
        &["name", "near", "q", "reason", "login", "password"],
        &["김순자", "jongno-nurse", "종로", "a long password for tests"],
    ),
    (
        &["birth-year", "birth-month", "birth-day", "page", "p", "version", "later_version"],
        &["1950", "3", "9", "1"],
    ),
    (&["messages"], &["mine", "theirs", "both", "no-phone"]),
    (&["consent", "step-free", "evenings", "weekend", "extended", "cancelled", "changed"], &["yes", "1"]),
    (&["reference"], &["ABCD-EFGH", "22222222"]),
    (&["email"], &["name@example.com"]),
    (&["slot", "to", "later"], &["flu-2026~1795651200", "covid-2026~1795651200", "en", "ko"]),
    (&["seen", "missing"], &["1~1", "ABCDEFGH~1", "1"]),
    (&["next", "back", "resume"], &["/people", "/book/flu-2026/who?p=1", "AAAA"]),
    (&["in", "at", "province", "site", "vaccine"], &["seoul", "seoul.jongno-gu", "flu-2026"]),
    (&["day", "date"], &["2026-11-25", "2026-12-19"]),
    (&["act", "done", "sure"], &["pause", "pace", "say", "again", "check-in", "record", "undo"]),
    (&["identified", "screened", "body_site"], &["document", "yes", "left-arm"]),
    (&["lot", "number", "product", "expires_on"], &["1", "A1B2", "flu-2026", "2026-12-31"]),
    (&["metres", "until", "ticket", "doses", "id"], &["1000", "2026-11-30", "17:30", "22222222", "1"]),
    (&["gateway", "why"], &["spool", "the text gateway answered 400", "", "\0"]),
    (&["kind", "state"], &["code", "confirmation", "failed", "dead"]),
    (&["people", "tell", "stay", "ko", "en"], &["20", "yes", "1", "잠시 멈춥니다."]),
    (&["language", "reminders"], &["ko", "en", "yes", "no"]),
    (&["why", "for", "sort", "out"], &["lost", "tries", "me", "name"]),
    (&["other", "time"], &["전화로 물어보심", "10:30"]),
    (&["new-password", "again", "secret", "session"], &["a long password for tests", "AAAA", "00ff"]),
    (&["seats", "from", "seat"], &["3", "10:00", "TV7SWS6B flu-2026~1795651200"]),
    (&["month", "who", "after"], &["2026-11", "jongno-nurse", "1795651200.1.1"]),
    (&["MessageSid", "MessageStatus", "ErrorCode"], &["SM1", "delivered", "30003"]),
];

/// What stands for a name of a path in any town.
const PATH_NAMES: [&str; 8] =
    ["flu-2026", "covid-2026", "1", "22222222", "AAAAAAAAAAAAAAAAAAAAAA", "flu-2026-evening", "2026", "종로"];

/// What is put between the signs of a code.
const BREAKS: [&str; 8] = ["%", "%zz", "%ff", "%c0%80", "%ed%a0%80", "%00", "%F4%90%80%80", "%2"];

/// Any request.
pub fn ask() -> impl Strategy<Value = Ask> {
    let name = prop_oneof![1 => Just(None), 2 => hostile::text(&PATH_NAMES).prop_map(Some)];
    let who = (any::<Index>(), prop::bool::weighted(0.7));
    let way = (any::<Index>(), any::<Index>(), who, vec(name, 2));
    let what = (vec(field(), 0..5), vec(field(), 0..8), prop::bool::weighted(0.9));
    let forged = "sunbeon_ticket_demo-flu-2026-evening=AAAA.BBBB";
    let cookies = hostile::text(&["sunbeon_demo=AAAA", "sunbeon_staff_demo=AAAA; a=b", forged, "=", "a"]);
    let around = (
        prop::option::weighted(0.2, (any::<bool>(), cookies)),
        vec(header(), 0..3),
        prop::option::weighted(0.2, (any::<Index>(), select(&BREAKS[..]))),
    );
    (way, what, around).prop_map(|(way, what, around)| {
        let (page, verb, (visitor, is_served), names) = way;
        let (query, form, has_token) = what;
        let (cookies, headers, broken) = around;
        Ask { page, verb, visitor, is_served, names, query, form, has_token, cookies, headers, broken }
    })
}

fn field() -> impl Strategy<Value = (String, String)> {
    let known = FIELDS.iter().map(|(names, values)| {
        let name = prop_oneof![9 => select(*names).prop_map(str::to_owned), 1 => hostile::text(names)];
        (name, hostile::text(values)).boxed()
    });
    Union::new(known)
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let samples: [(&'static str, &[&str]); 9] = [
        ("Accept-Language", &["ko-KR,ko;q=0.9,en;q=0.8", "*;q=0"]),
        ("X-Forwarded-For", &["192.0.2.1, 10.0.0.1", "::1"]),
        ("X-Forwarded-Proto", &["https", "http, https"]),
        ("X-Forwarded-Host", &["example.org"]),
        ("Origin", &["http://127.0.0.1", "null"]),
        ("Sec-Fetch-Site", &["same-origin", "cross-site"]),
        ("Referer", &["https://example.org/a?b"]),
        ("If-None-Match", &["\"abc\"", "*"]),
        ("Accept-Encoding", &["gzip, br;q=0"]),
    ];
    Union::new(samples.map(|(name, values)| (Just(name), hostile::text(values)).boxed()))
}

/// Text in the place of a name in a path or a form: everything but letters, digits and a few signs as its code.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Fields as a form sends them, with codes broken as asked, and not longer than `most`.
pub fn written(fields: &[(String, String)], broken: Option<&(Index, &'static str)>, most: usize) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let mut text = pairs.join("&");
    if let Some((at, by)) = broken {
        text.insert_str(at.index(text.len() + 1), by);
    }
    text.truncate(most);
    text
}

/// A header's value: HTTP has no line ends and no control signs in it.
pub fn header_value(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(2000).collect()
}
