//! What a household does over HTTP, and what it learns from the answers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use reqwest::{Response, StatusCode, header};

use crate::country::{TWO_DOSES, Time};
use crate::household::{Act, Household, KnownBooking};

/// How often each answer was given.
#[derive(Debug, Default, Clone, Copy)]
pub struct Figures {
    pub held: usize,
    pub confirmed: usize,
    pub changed: usize,
    pub cancelled: usize,
    pub released: usize,
    /// Full, too late, taken by a rival: the rules said no.
    pub refused: usize,
    /// Requests that were never answered, and were sent again.
    pub unanswered: usize,
}

impl Figures {
    /// Acknowledgements in all.
    pub fn acknowledged(&self) -> usize {
        self.held + self.confirmed + self.changed + self.cancelled + self.released
    }

    pub fn add(&mut self, other: &Self) {
        self.held += other.held;
        self.confirmed += other.confirmed;
        self.changed += other.changed;
        self.cancelled += other.cancelled;
        self.released += other.released;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
    }
}

/// The connection failed, or the service said that it can't now: nobody knows whether it is done.
struct NoAnswer;

impl From<reqwest::Error> for NoAnswer {
    fn from(_: reqwest::Error) -> Self {
        Self
    }
}

/// One load of visits: the services that run, the times that can be booked.
pub struct Visits {
    pub client: reqwest::Client,
    pub services: Vec<SocketAddr>,
    pub times: Vec<Time>,
    pub stop: AtomicBool,
    /// Requests that were acknowledged so far.
    pub acknowledged: AtomicUsize,
}

impl Visits {
    /// Lets a household book, change and cancel until the visits stop or nobody answers it any more.
    pub async fn book(&self, home: &mut Household) -> Figures {
        let mut figures = Figures::default();
        while !self.stop.load(Ordering::Relaxed) {
            if self.one_step(home, &mut figures).await.is_err() {
                figures.unanswered += usize::from(home.told.unanswered.is_some());
                break;
            }
        }
        figures
    }

    /// What was never answered is asked again first: that must be safe.
    async fn one_step(&self, home: &mut Household, figures: &mut Figures) -> Result<(), NoAnswer> {
        if home.told.unanswered.is_none() {
            if let Some(token) = home.told.unread.clone() {
                return self.read_references(home, &token).await;
            }
            let Some(act) = self.choose(home).await? else { return Ok(()) };
            home.told.unanswered = Some(act);
        }
        let act = home.told.unanswered.clone().unwrap();
        let location = self.send(home, &act).await?;
        home.told.unanswered = None;
        let before = figures.acknowledged();
        learn(home, &act, location.as_deref(), figures);
        self.acknowledged.fetch_add(figures.acknowledged() - before, Ordering::Relaxed);
        Ok(())
    }

    async fn choose(&self, home: &Household) -> Result<Option<Act>, NoAnswer> {
        let live: Vec<&KnownBooking> = home.told.bookings.iter().filter(|one| !one.is_cancelled).collect();
        let token = home.told.hold.clone();
        Ok(match (token, home.pick(20)) {
            (Some(token), 0) => Some(Act::Release { token }),
            (Some(token), 3..) => Some(Act::Confirm { token }),
            (None, 0..14) if !live.is_empty() => {
                let one = live[home.pick(live.len())];
                self.look_at_change(home, one).await?
            }
            (None, _) if !live.is_empty() => {
                let one = live[home.pick(live.len())];
                let together = live.iter().filter(|other| {
                    other.reference == one.reference || (home.campaign == TWO_DOSES && other.dose > one.dose)
                });
                let mut seen: Vec<_> =
                    together.map(|other| (other.reference.clone(), other.version)).collect();
                seen.sort_by_key(|(reference, _)| *reference != one.reference);
                Some(Act::Cancel { seen })
            }
            _ => Some(Act::Hold(self.time(home))),
        })
    }

    fn time(&self, home: &Household) -> Time {
        let mine: Vec<&Time> = self.times.iter().filter(|time| time.campaign == home.campaign).collect();
        mine[home.pick(mine.len())].clone()
    }

    /// Opens the page that shows old and new; `None` when the time can't be had.
    async fn look_at_change(&self, home: &Household, one: &KnownBooking) -> Result<Option<Act>, NoAnswer> {
        let to = self.time(home);
        let path = format!("/bookings/{}/change/{}/check?to={}", one.reference, to.site, to.name);
        let answer = self.get(home, &path).await?;
        if answer.status() != StatusCode::OK {
            assert_ne!(answer.status(), StatusCode::NOT_FOUND, "the booking {one:?} is gone");
            return Ok(None);
        }
        let page = answer.text().await?;
        let fields = hidden_fields(&page);
        let value = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
        let version: i32 = value("version").unwrap().parse().unwrap();
        assert_eq!(version, one.version, "the page knows another version of {one:?}");
        let mut moves = vec![(one.reference.clone(), version)];
        if let Some(later) = value("later_version") {
            let second =
                home.told.bookings.iter().rfind(|other| other.dose > one.dose && !other.is_cancelled);
            moves.push((second.unwrap().reference.clone(), later.parse().unwrap()));
        }
        Ok(Some(Act::Change { reference: one.reference.clone(), fields, moves, to }))
    }

    /// Opens the confirmation and notes the references on it.
    async fn read_references(&self, home: &mut Household, token: &str) -> Result<(), NoAnswer> {
        let answer = self.get(home, &format!("/done/{token}")).await?;
        assert_eq!(answer.status(), StatusCode::OK, "the confirmation {token} is gone");
        let page = answer.text().await?;
        let references = references(&page);
        assert_eq!(references.len(), home.seats(), "{token} has lost bookings: {references:?}");
        for (index, reference) in references.into_iter().enumerate() {
            let dose = if home.campaign == TWO_DOSES { u8::try_from(index + 1).unwrap() } else { 1 };
            let one = KnownBooking { reference, dose, version: 1, is_cancelled: false, at: None };
            home.told.bookings.push(one);
        }
        home.told.unread = None;
        Ok(())
    }

    /// Sends a form and gives where the answer leads, if it leads anywhere.
    async fn send(&self, home: &Household, act: &Act) -> Result<Option<String>, NoAnswer> {
        let (path, mut fields) = form(home, act);
        fields.push(("csrf".into(), home.csrf.clone()));
        let request = self.client.post(self.url(home, &path)).form(&fields);
        let answer = answered(home, request).await?;
        let location = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        assert!(
            !location.as_ref().is_some_and(|to| to.starts_with("/sign-in")),
            "the session does not count any more: {act:?}"
        );
        Ok(location)
    }

    async fn get(&self, home: &Household, path: &str) -> Result<Response, NoAnswer> {
        answered(home, self.client.get(self.url(home, path))).await
    }

    fn url(&self, home: &Household, path: &str) -> String {
        let service = self.services[home.pick(self.services.len())];
        format!("http://{service}{path}")
    }
}

async fn answered(home: &Household, request: reqwest::RequestBuilder) -> Result<Response, NoAnswer> {
    let request = request.header("x-forwarded-proto", "https").header(header::COOKIE, &home.cookie);
    let answer = request.send().await?;
    let status = answer.status();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return Err(NoAnswer);
    }
    assert!(!status.is_server_error(), "{status} from {}", answer.url().path());
    Ok(answer)
}

/// Where an act is sent, and with what.
fn form(home: &Household, act: &Act) -> (String, Vec<(String, String)>) {
    let slug = home.campaign;
    match act {
        Act::Hold(time) => {
            let people: Vec<String> = (1..=home.people.len()).map(|number| format!("p={number}")).collect();
            let path = format!("/book/{slug}/{}/hold?{}", time.site, people.join("&"));
            (path, vec![("slot".into(), time.name.clone())])
        }
        Act::Confirm { token } => (format!("/hold/{token}/confirm"), Vec::new()),
        Act::Release { token } => (format!("/hold/{token}/release"), Vec::new()),
        Act::Change { reference, fields, .. } => (format!("/bookings/{reference}/change"), fields.clone()),
        Act::Cancel { seen } => {
            let fields = seen.iter().map(|(one, version)| ("seen".into(), format!("{one}:{version}")));
            (format!("/bookings/{}/cancel", seen[0].0), fields.collect())
        }
    }
}

/// Notes what an answer says. Whatever does not lead to where the act is done is a refusal.
fn learn(home: &mut Household, act: &Act, location: Option<&str>, figures: &mut Figures) {
    let may_have_lost_hold = home.may_have_lost_hold();
    let told = &mut home.told;
    let leads_to = |place: &str| location.is_some_and(|location| location.starts_with(place));
    match act {
        Act::Hold(_) if leads_to("/hold/") => {
            figures.held += 1;
            told.held_at = Some(Instant::now());
            told.hold = location.and_then(|to| to.strip_prefix("/hold/")).map(ToOwned::to_owned);
        }
        Act::Confirm { token } if leads_to("/done/") => {
            figures.confirmed += 1;
            told.hold = None;
            told.confirmed.push(token.clone());
            told.unread = Some(token.clone());
        }
        Act::Release { .. } if leads_to("/book/") => {
            figures.released += 1;
            told.hold = None;
        }
        Act::Change { moves, to, .. } if location.is_some_and(|to| to.ends_with("?changed=1")) => {
            figures.changed += 1;
            for (reference, version) in moves {
                known(&mut told.bookings, reference).version = version + 1;
            }
            known(&mut told.bookings, &moves[0].0).at = Some((to.site.clone(), to.starts_at));
        }
        Act::Cancel { seen } if location.is_some_and(|to| to.ends_with("?cancelled=1")) => {
            figures.cancelled += 1;
            for (reference, version) in seen {
                let one = known(&mut told.bookings, reference);
                (one.version, one.is_cancelled) = (version + 1, true);
            }
        }
        Act::Confirm { token } => {
            assert!(may_have_lost_hold, "the acknowledged hold {token} is lost: {location:?}");
            figures.refused += 1;
            told.hold = None;
        }
        // A hold that is refused may have been made and have ended, when it is asked for a second time.
        Act::Hold(_) | Act::Release { .. } => {
            figures.refused += 1;
            told.hold = None;
        }
        Act::Change { reference, .. } => {
            assert_eq!(location, None, "a change of {reference} that is refused leads nowhere");
            figures.refused += 1;
        }
        Act::Cancel { seen } => panic!("{seen:?} could not be cancelled: {location:?}"),
    }
}

fn known<'a>(bookings: &'a mut [KnownBooking], reference: &str) -> &'a mut KnownBooking {
    bookings.iter_mut().find(|one| one.reference == reference).unwrap()
}

/// Names and values of the hidden fields of a page's form, without its token.
fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    let pair = |input: &str| {
        let (name, rest) = input.split_once('"')?;
        let (_, value) = rest.split_once("value=\"")?;
        let (value, _) = value.split_once('"')?;
        let ours = ["site", "to", "version", "later", "later_version"].contains(&name);
        ours.then(|| (name.to_owned(), value.to_owned()))
    };
    inputs.filter_map(pair).collect()
}

/// The bookings that a page links to, once each.
fn references(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for link in page.split("href=\"/bookings/").skip(1) {
        let reference = link.split(['"', '/']).next().unwrap().to_owned();
        if !found.contains(&reference) {
            found.push(reference);
        }
    }
    found
}
