//! Whoever wants in without their turn: each trick that people tried in 2021, and what else can be forged.
//!
//! Attackers make up addresses, forms and cookies, as nobody else here does. The only phone that they ever prove is their own,
//! and not at the door, so that every booking page that one of them sees is one too many.

use std::rc::Rc;
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use hyper::{Method, StatusCode};

use super::browser::{Browser, View, location};
use super::evening::Evening;
use super::lines::{Answer, NoAnswer};
use super::mailbox::Owner;
use super::page::{Filled, Form};
use super::people::{mixed, number_of, phone};
use super::plan::NUMBERS;
use super::tally::ends_of;

/// Phone numbers that an attacker invents in a round.
const INVENTED: u32 = 20;

/// Codes that an attacker guesses for a phone.
const GUESSES: u32 = 3;

/// A round of tricks is tried before the opening, and then one every so often.
const REST: Duration = Duration::from_secs(20);

/// How long an attacker waits for a code to their own phone, and how long one goes without proving it again.
const CODE_WAIT: Duration = Duration::from_secs(30);
const PROVED: Duration = Duration::from_secs(300);

/// Pages behind the door, behind the name of the campaign.
const PAGES: [&str; 6] = ["who", "who?for=me", "where?p=1", "where?p=1&in=seoul", "x/when?p=1", "x/hold?p=1"];

const VERBS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE];

/// Somebody without a turn.
pub struct Attacker {
    evening: Rc<Evening>,
    /// Their device, and the number of their own phone.
    device: u32,
    own_number: u32,
    chance: u64,
    /// The campaign's name in addresses.
    slug: String,
    /// Their own phone, and a browser in which they proved it, and when.
    phone: Owner,
    proved: Option<(Browser, Instant)>,
}

impl Attacker {
    /// One of so many.
    pub fn new(evening: Rc<Evening>, number: u32) -> Self {
        // Devices behind those of the people, and phones that none of them has.
        let device = evening.plan.visitors().wrapping_add(number);
        let chance = mixed(evening.plan.seed ^ u64::from(device) << 20);
        let own_number = NUMBERS + number;
        let phone = evening.mailbox.look_at(own_number);
        Self { evening, device, own_number, chance, slug: String::new(), phone, proved: None }
    }

    /// Tries everything, again and again, until the evening is over.
    pub async fn try_everything(mut self) {
        while !self.evening.is_over() {
            // What was not answered let nobody in.
            drop(self.round().await);
            tokio::time::sleep(REST.mul_f64(0.5 + self.below(1_000) as f64 / 1_000.0)).await;
        }
    }

    async fn round(&mut self) -> Result<(), NoAnswer> {
        self.find_campaign().await?;
        self.deep_links().await?;
        self.forged_cookies().await?;
        self.edited_forms().await?;
        self.a_wrong_clock().await?;
        self.anothers_page().await?;
        self.anothers_number().await?;
        self.invented_numbers().await?;
        self.a_phone_of_their_own().await
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.chance = mixed(self.chance);
        (self.chance % u64::from(limit.max(1))) as u32
    }

    fn browser(&self) -> Browser {
        Browser::of_attacker(self.evening.clone(), self.device)
    }

    fn note(&self, trick: &'static str, got_in: bool) {
        self.evening.tally.borrow_mut().tried(trick, got_in);
    }

    fn note_view(&self, trick: &'static str, view: &View) {
        self.note(trick, is_behind_the_door(&view.path, view.status));
    }

    /// Learns the campaign's name from the first page, as anybody could.
    async fn find_campaign(&mut self) -> Result<(), NoAnswer> {
        let home = self.browser().open("/", Instant::now()).await?;
        let link = home.page.links_to("/campaigns/").next().map(|link| link.href.clone());
        self.slug = link.and_then(|link| Some(link.rsplit_once('/')?.1.to_owned())).unwrap_or_default();
        Ok(())
    }

    /// Every page behind the door by every verb, and in every way to write its address.
    async fn deep_links(&self) -> Result<(), NoAnswer> {
        let slug = &self.slug;
        for page in PAGES {
            for verb in VERBS {
                self.deep_link(verb, &format!("/book/{slug}/{page}")).await?;
            }
        }
        let encoded: String = slug.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("//book/{slug}/who"),
            format!("/book//{slug}/who"),
            format!("/book/{slug}/who/"),
            format!("/book/{slug}/./who"),
            format!("/door/../book/{slug}/who"),
            format!("/book/{encoded}/who"),
            format!("/%62ook/{slug}/who"),
            format!("/BOOK/{slug}/who"),
            format!("/book/{slug}/who;a=b"),
            format!("/book/{slug}/who%3Ffor=me"),
            "/hold/AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "/hold/AAAAAAAAAAAAAAAAAAAAAA/confirm".to_owned(),
        ] {
            self.deep_link(Method::GET, &path).await?;
        }
        Ok(())
    }

    async fn deep_link(&self, verb: Method, path: &str) -> Result<(), NoAnswer> {
        let body = (verb == Method::POST).then(|| "slot=1&csrf=x".to_owned());
        let answer = self.browser().ask(verb, path, body, Instant::now()).await?;
        self.note("deep links", leads_in(path, &answer));
        Ok(())
    }

    /// The session's cookie with every kind of change, and others that look like it.
    async fn forged_cookies(&mut self) -> Result<(), NoAnswer> {
        let mut browser = self.browser();
        browser.open("/sign-in", Instant::now()).await?;
        let Some((name, own)) = browser.cookies().first().cloned() else { return Ok(()) };
        let admitted = BASE64URL_NOPAD.encode(br#"{"a":1,"e":1,"n":"x","d":[1,9999999999],"t":9999999999}"#);
        let at = self.below(u32::try_from(own.len()).unwrap_or(1)) as usize;
        let flipped: String =
            own.char_indices().map(|(here, sign)| if here == at { next_sign(sign) } else { sign }).collect();
        let half = own.get(..own.len() / 2).unwrap_or_default().to_owned();
        for (name, value) in [
            (name.clone(), flipped),
            (name.clone(), half),
            (name.clone(), admitted),
            (name.clone(), format!("{own}{own}")),
            (name.clone(), String::new()),
            (name, "A".repeat(3_000)),
            (self.ticket(), "AAAA.BBBB".to_owned()),
            (self.ticket(), BASE64URL_NOPAD.encode(&[0; 48])),
        ] {
            let mut browser = self.browser();
            browser.cookies().push((name, value));
            let view = browser.open(&format!("/book/{}/who", self.slug), Instant::now()).await?;
            self.note_view("forged tickets and cookies", &view);
        }
        Ok(())
    }

    /// The name of the cookie in which a line's ticket is kept.
    fn ticket(&self) -> String {
        format!("__Host-sunbeon-ticket-{}", self.code())
    }

    fn code(&self) -> &str {
        self.evening.poster.rsplit('/').next().unwrap_or_default()
    }

    /// The door's own forms with other fields, without their turn.
    async fn edited_forms(&mut self) -> Result<(), NoAnswer> {
        let mut browser = self.browser();
        let door = browser.open(&self.evening.poster.clone(), Instant::now()).await?;
        let Some(form) = door.page.form_with("phone") else { return Ok(()) };
        let form = form.clone();
        let inside = format!("/book/{}/who", self.slug);
        let onward = Form { action: format!("{}?next={inside}", form.action), ..form.clone() };
        let untouched = form.untouched();
        let no_phone =
            Filled { fields: untouched.fields.iter().filter(|(name, _)| name != "phone").cloned().collect() };
        for (form, filled) in [
            (&form, no_phone.clone()),
            (&form, no_phone.and("place", "0").and("admitted", "1").and("threshold", "ffffffffffffffff")),
            (&onward, untouched.clone()),
            (&onward, untouched.with("phone", &phone(self.own_number))),
        ] {
            let view = browser.send(form, &filled, Instant::now()).await?;
            self.note_view("edited forms", &view);
        }
        Ok(())
    }

    /// A PC whose clock is wrong, and a header that says where one would like to come from.
    async fn a_wrong_clock(&self) -> Result<(), NoAnswer> {
        for (name, value) in [
            ("date", "Fri, 31 Dec 2099 23:59:59 GMT"),
            ("if-modified-since", "Fri, 31 Dec 2099 23:59:59 GMT"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-real-ip", "127.0.0.1"),
            ("x-original-url", "/"),
            ("x-http-method-override", "GET"),
        ] {
            let mut browser = self.browser();
            browser.says(name, value);
            let view = browser.open(&format!("/book/{}/who", self.slug), Instant::now()).await?;
            self.note_view("changed clocks and headers", &view);
        }
        Ok(())
    }

    /// The waiting page of the first group, whose turn comes first, and the way on from there.
    async fn anothers_page(&self) -> Result<(), NoAnswer> {
        let mut browser = self.browser();
        let page = browser.open(&format!("/wait/{}/1/ko", self.code()), Instant::now()).await?;
        self.note_view("another group's page", &page);
        if let Some(link) = page.page.link("button") {
            let door = browser.open(&link.href, Instant::now()).await?;
            self.note_view("another group's page", &door);
        }
        let view = browser.open(&format!("/book/{}/who", self.slug), Instant::now()).await?;
        self.note_view("another group's page", &view);
        Ok(())
    }

    /// Somebody else's number, whose turn may have come, and guesses for the code that only their phone gets.
    async fn anothers_number(&mut self) -> Result<(), NoAnswer> {
        let person = self.below(self.evening.plan.people);
        self.type_number("somebody else's number", number_of(person)).await
    }

    /// Numbers that nobody has, of which some have an early turn.
    async fn invented_numbers(&mut self) -> Result<(), NoAnswer> {
        for _ in 0..INVENTED {
            let number = NUMBERS + self.below(NUMBERS);
            self.type_number("invented phone numbers", number).await?;
        }
        Ok(())
    }

    async fn type_number(&mut self, trick: &'static str, number: u32) -> Result<(), NoAnswer> {
        let mut browser = self.browser();
        let door = browser.open(&self.evening.poster.clone(), Instant::now()).await?;
        let Some(form) = door.page.form_with("phone") else { return Ok(()) };
        let filled = form.untouched().with("phone", &phone(number));
        let mut view = browser.send(form, &filled, Instant::now()).await?;
        self.note_view(trick, &view);
        for _ in 0..GUESSES {
            let Some(form) = view.page.form_with("code").cloned() else { break };
            let guess = format!("{:06}", self.below(1_000_000));
            view = browser.send(&form, &form.untouched().with("code", &guess), Instant::now()).await?;
            self.note_view(trick, &view);
        }
        let view = browser.open(&format!("/book/{}/who", self.slug), Instant::now()).await?;
        self.note_view(trick, &view);
        Ok(())
    }

    /// Whoever proved a phone, but was not let in, goes where those go who were.
    async fn a_phone_of_their_own(&mut self) -> Result<(), NoAnswer> {
        // Before the opening everybody may look, and nobody can book.
        if self.evening.now() < self.evening.opens {
            return Ok(());
        }
        if self.proved.as_ref().is_none_or(|(_, since)| since.elapsed() > PROVED) {
            self.proved = self.prove().await?.map(|browser| (browser, Instant::now()));
        }
        let slug = self.slug.clone();
        let Some((browser, _)) = &mut self.proved else { return Ok(()) };
        let mut views = Vec::new();
        for page in PAGES {
            views.push(browser.open(&format!("/book/{slug}/{page}"), Instant::now()).await?);
        }
        // A door that has opened for all leads on to the booking pages, and lets nobody in who should not come.
        let poster = self.evening.poster.clone();
        let stands = !browser.open(&poster, Instant::now()).await?.path.starts_with("/book/");
        for view in views.into_iter().filter(|_| stands) {
            self.note("a phone of their own", is_booking(&view.path, view.status));
        }
        Ok(())
    }

    /// Signs in as anybody may, which is no way past the door.
    async fn prove(&mut self) -> Result<Option<Browser>, NoAnswer> {
        let mut browser = self.browser();
        let asked = browser.open("/sign-in", Instant::now()).await?;
        let Some(form) = asked.page.form_with("phone") else { return Ok(None) };
        let typed = form.untouched().with("phone", &phone(self.own_number));
        let sent = browser.send(form, &typed, Instant::now()).await?;
        let Some(form) = sent.page.form_with("code") else { return Ok(None) };
        let Ok(code) = tokio::time::timeout(CODE_WAIT, self.phone.next_code()).await else { return Ok(None) };
        let proved = browser.send(form, &form.untouched().with("code", &code), Instant::now()).await?;
        let is_proved = proved.status.is_success() && ends_of(&proved.path).0 != "sign-in";
        Ok(is_proved.then_some(browser))
    }
}

/// Another sign that a cookie may have.
fn next_sign(sign: char) -> char {
    if sign == 'A' { 'B' } else { 'A' }
}

/// Whether a page is one that only those see who were let in.
fn is_behind_the_door(path: &str, status: StatusCode) -> bool {
    is_booking(path, status) || (ends_of(path).0 == "people" && status.is_success())
}

/// Whether a page is one on which somebody books.
fn is_booking(path: &str, status: StatusCode) -> bool {
    let (first, last) = ends_of(path);
    status.is_success() && (matches!(first, "hold" | "done") || (first == "book" && !last.is_empty()))
}

/// Whether an answer that was not followed is such a page, or leads to one.
fn leads_in(path: &str, answer: &Answer) -> bool {
    let onward = location(answer);
    is_behind_the_door(path.trim_start_matches('/'), answer.status)
        || onward.is_some_and(|to| is_behind_the_door(&to, StatusCode::OK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sees_a_booking_page_is_in() {
        for (path, status, is_in) in [
            ("/book/flu/who?for=me", 200, true),
            ("/book/flu/x/hold", 200, true),
            ("/hold/token", 200, true),
            ("/people", 200, true),
            ("/book/flu/who", 404, false),
            ("/book", 200, false),
            ("/door/flu", 200, false),
            ("/sign-in?next=%2Fbook%2Fflu%2Fwho", 200, false),
            ("/wait/flu/1/ko", 200, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            assert_eq!(is_behind_the_door(path, status), is_in, "{path}");
        }
    }
}
