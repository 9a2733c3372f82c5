//! What browsers send: the pages of the journey, by people who signed in before.

use serde_json::json;
use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::keys::Use;
use sunbeon::system::{SystemChance, SystemClock};
use sunbeon::web::session::Session;

use crate::country::{self, OPENING, Size};
use crate::wire::Answer;

/// What a browser on a phone says of itself, and a proxy in front of the service of it.
const HEADERS: &str = "Host: vaccination.example.org\r\n\
    X-Forwarded-For: 203.0.113.7\r\n\
    X-Forwarded-Proto: https\r\n\
    sec-ch-ua: \"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n\
    sec-ch-ua-mobile: ?1\r\n\
    sec-ch-ua-platform: \"Android\"\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-User: ?1\r\n\
    Sec-Fetch-Dest: document\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7\r\n";

/// The address of a campaign's pages.
const BOOK: &str = "/book/flu-2026";

/// Somebody who proved their phone, on their way to a booking for themselves.
pub struct Citizen {
    cookies: String,
    csrf: String,
    /// The slot they want.
    slot: u32,
}

impl Citizen {
    /// The owner of an account of the country.
    pub fn of(account: u32, size: &Size) -> Self {
        let nonce = data_encoding::BASE64URL_NOPAD.encode(&SystemChance.bytes::<12>());
        let id = data_encoding::BASE64URL_NOPAD.encode(&SystemChance.bytes::<12>());
        let now = SystemClock.now().as_second();
        // Neighbours want different sites, and nobody wants a slot that another does before all are wanted.
        let slot = account * 7_919 % size.slots() + 1;
        let said = json!({ "a": account, "e": 0, "i": id, "n": nonce, "t": now });
        let session: Session = serde_json::from_value(said).expect("a session");
        let (keys, plain) = (country::keys(), serde_json::to_vec(&session).expect("a session"));
        Self {
            cookies: format!("__Host-sunbeon={}", keys.seal_token(Use::Session, &plain, &SystemChance)),
            csrf: session.csrf(&keys),
            slot,
        }
    }

    /// Somebody who asks for the turn of a phone, and whom nobody knows: without a session.
    pub fn stranger(number: u32) -> Self {
        Self { cookies: String::new(), csrf: String::new(), slot: number }
    }

    fn site(&self) -> String {
        format!("s{:05}", Size::site_of(self.slot))
    }

    fn headers(&self) -> String {
        match self.cookies.as_str() {
            "" => HEADERS.to_owned(),
            cookies => format!("{HEADERS}Cookie: {cookies}\r\n"),
        }
    }

    /// Keeps the cookie that an answer sets, as a browser does.
    pub fn keep(&mut self, answer: &Answer) {
        if let Some((cookie, _)) = answer.header("set-cookie").and_then(|value| value.split_once(';')) {
            let name = cookie.split_inclusive('=').next().unwrap_or_default();
            let others = self.cookies.split("; ").filter(|known| !known.starts_with(name));
            self.cookies = others.chain([cookie]).collect::<Vec<_>>().join("; ");
        }
    }

    fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers()).into_bytes()
    }

    fn post(&self, path: &str, fields: &str) -> Vec<u8> {
        let form = format!("csrf={}{fields}", self.csrf);
        let headers = self.headers();
        let length = form.len();
        format!(
            "POST {path} HTTP/1.1\r\n{headers}Origin: https://vaccination.example.org\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        )
        .into_bytes()
    }

    /// The first page.
    pub fn home(&self) -> Vec<u8> {
        self.get("/")
    }

    /// Sites in a district, with their free days.
    pub fn search(&self) -> Vec<u8> {
        let district = country::district_of(Size::site_of(self.slot));
        self.get(&format!("{BOOK}/where?p=1&in={district}"))
    }

    /// Searches of all kinds: the country, a province, a district, around it, and by a name.
    pub fn searches(&self) -> [Vec<u8>; 5] {
        let site = Size::site_of(self.slot);
        let district = country::district_of(site);
        let province = district.split('.').next().unwrap_or_default();
        [
            String::new(),
            format!("&in={province}"),
            format!("&in={district}"),
            format!("&at={district}"),
            format!("&near={site}%EB%B2%88"),
        ]
        .map(|place| self.get(&format!("{BOOK}/where?p=1{place}")))
    }

    /// Days of any site.
    pub fn days_of(&self, site: u32) -> Vec<u8> {
        self.get(&format!("{BOOK}/s{site:05}/when?p=1"))
    }

    /// Times of a day at a site.
    pub fn slot_page(&self) -> Vec<u8> {
        let (day, _) = country::start_of(self.slot);
        let (year, month, day) = (day / 10_000, day / 100 % 100, day % 100);
        self.get(&format!("{BOOK}/{}/when?p=1&day={year}-{month:02}-{day:02}", self.site()))
    }

    /// One of these times is held.
    pub fn hold(&self) -> Vec<u8> {
        let (_, starts_at) = country::start_of(self.slot);
        self.post(&format!("{BOOK}/{}/hold?p=1", self.site()), &format!("&slot=flu-2026~{starts_at}"))
    }

    /// The address on the poster.
    pub fn door(&self) -> Vec<u8> {
        self.get(&format!("/door/{OPENING}"))
    }

    /// The turn of a phone is asked for.
    pub fn join(&self) -> Vec<u8> {
        let (tens, ones) = (self.slot / 10_000, self.slot % 10_000);
        self.post(&format!("/door/{OPENING}"), &format!("&phone=010-{tens:04}-{ones:04}"))
    }

    /// What is held is confirmed; `hold` is the address of the page that shows it.
    pub fn confirm(&self, hold: &str) -> Vec<u8> {
        self.post(&format!("{hold}/confirm"), "")
    }
}

/// The waiting page of a group, as a browser asks for it that has no cookies.
pub fn wait(group: u32) -> Vec<u8> {
    format!("GET /wait/{OPENING}/{group}/ko HTTP/1.1\r\n{HEADERS}\r\n").into_bytes()
}

/// The same by a browser that has the page already.
pub fn wait_again(group: u32) -> Vec<u8> {
    format!("GET /wait/{OPENING}/{group}/ko HTTP/1.1\r\n{HEADERS}If-None-Match: *\r\n\r\n").into_bytes()
}

/// The first page, for somebody who comes for the first time.
pub fn home() -> Vec<u8> {
    format!("GET / HTTP/1.1\r\n{HEADERS}\r\n").into_bytes()
}
