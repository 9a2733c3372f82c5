//! Arriving and waiting: somebody asks the door when their turn is, and looks at the page of their group until it has come.

use std::rc::Rc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::IF_NONE_MATCH;
use hyper::{Method, StatusCode};

use super::booking::Journey;
use super::browser::{Browser, View, asked_by};
use super::evening::Evening;
use super::lines::{Answer, NoAnswer};
use super::people::{Question, Stage, mixed, number_of, phone};
use super::tally::{Event, Kind};

/// After how many milliseconds somebody tries again who got no answer.
const TRY_AGAIN: u32 = 3_000;

/// The shortest time between two looks of the impatient, in milliseconds, and how much longer it may be.
const IMPATIENT: (u32, u64) = (3_000, 3_000);

/// One of so many other devices goes in too, when the turn has come.
const OTHER_DEVICES_IN: u64 = 4;

impl Evening {
    /// A device comes to the door.
    pub(super) async fn arrive(self: &Rc<Self>, index: u32) {
        let visitor = self.visitor(index);
        if visitor.looks == 0 {
            self.note(Event::Arrived);
        }
        self.change(index, |visitor| visitor.looks = visitor.looks.saturating_add(1));
        let mut journey = Journey::new(self.clone(), index);
        match self.ask_for_turn(index, &mut journey.browser).await {
            Ok(view) if view.status == StatusCode::SERVICE_UNAVAILABLE => {
                let seconds = u32::try_from(view.retry_after.unwrap_or(1)).unwrap_or(1);
                self.again_at(index, self.now() + seconds * 1_000);
            }
            Ok(view) => self.settle(index, journey, view),
            Err(_) => self.again_at(index, self.now() + TRY_AGAIN),
        }
    }

    /// Opens the address on the poster and types the phone number.
    async fn ask_for_turn(&self, index: u32, browser: &mut Browser) -> Result<View, NoAnswer> {
        let due = self.moment(self.visitor(index).due);
        let view = browser.open(&self.poster, due).await?;
        let Some(form) = view.page.form_with("phone").filter(|_| view.path == self.poster) else {
            return Ok(view);
        };
        let number = phone(number_of(self.population.owner(index)));
        browser.send(form, &form.untouched().with("phone", &number), std::time::Instant::now()).await
    }

    /// Waits, or goes on to book when the turn has come already.
    fn settle(self: &Rc<Self>, index: u32, journey: Journey, view: View) {
        self.change(index, |visitor| visitor.looks = 0);
        let address = self.waits.borrow_mut().address_at(&view.path);
        let Some(address) = address else { return self.turn_has_come(index, || journey.go_on(view)) };
        self.note(Event::Waits);
        let page = self.waits.borrow_mut().keep_once(view.tag, &view.page);
        self.change(index, |visitor| {
            visitor.stage = Stage::Waiting;
            visitor.address = address;
        });
        self.seen(index, page, self.now());
    }

    /// A device looks at its waiting page.
    pub(super) async fn look(self: &Rc<Self>, index: u32) {
        self.change(index, |visitor| visitor.looks = visitor.looks.saturating_add(1));
        let asked_at = self.now();
        match self.ask_for_page(index).await {
            Ok(answer) if answer.status == StatusCode::NOT_MODIFIED => {
                self.seen(index, self.visitor(index).page, asked_at);
            }
            Ok(answer) if answer.status == StatusCode::OK => match self.read(&answer) {
                Some(page) => self.seen(index, page, asked_at),
                None => self.again_at(index, self.now() + TRY_AGAIN),
            },
            Ok(_) | Err(_) => self.again_at(index, self.now() + TRY_AGAIN),
        }
    }

    fn read(&self, answer: &Answer) -> Option<u32> {
        self.waits.borrow_mut().read(answer).ok()
    }

    async fn ask_for_page(&self, index: u32) -> Result<Answer, NoAnswer> {
        let visitor = self.visitor(index);
        let request = {
            let waits = self.waits.borrow();
            let path = waits.address(visitor.address).map_or(&*self.poster, |address| &*address.path);
            let mut request = asked_by(self, index, Method::GET, path);
            if let Some(tag) = waits.page(visitor.page).and_then(|page| page.tag.clone()) {
                request = request.header(IF_NONE_MATCH, tag);
            }
            request.body(Full::new(Bytes::new()))?
        };
        let kind = |status| if status == StatusCode::NOT_MODIFIED { Kind::WaitSame } else { Kind::Wait };
        self.ask(request, self.moment(visitor.due), kind).await
    }

    /// A device sees a waiting page: it waits on, or goes in.
    fn seen(self: &Rc<Self>, index: u32, page: u32, asked_at: u32) {
        let waits = self.waits.borrow();
        let (visitor, Some(shown)) = (self.visitor(index), waits.page(page)) else { return };
        let told = shown.turn.filter(|_| visitor.told == 0);
        let told = told.and_then(|turn| u32::try_from(turn.duration_since(self.began_at).as_secs()).ok());
        self.change(index, |visitor| {
            visitor.page = page;
            visitor.told = told.unwrap_or(visitor.told);
        });
        if let Some(way_in) = shown.way_in.clone() {
            drop(waits);
            return self.turn_has_come(index, || Journey::new(self.clone(), index).go_in(way_in));
        }
        if let Some(address) = waits.address(visitor.address) {
            self.fairness.borrow_mut().told_to_wait(address.group, asked_at);
        }
        let mut wait = shown.refresh.saturating_mul(1_000);
        if self.population.is_impatient(index) {
            let more = mixed(u64::from(index) << 16 | u64::from(visitor.looks)) % IMPATIENT.1;
            wait = wait.min(IMPATIENT.0 + more as u32);
        }
        self.again_at(index, self.now() + wait);
    }

    /// The turn of a device's owner has come. Whoever is there books.
    fn turn_has_come<F>(self: &Rc<Self>, index: u32, way: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        self.note(Event::TurnCame);
        let people = &self.population;
        let owner = people.owner(index);
        let looks_in =
            people.is_main(index) || people.draw(index, Question::Choice).is_multiple_of(OTHER_DEVICES_IN);
        if people.is_no_show(owner) || !looks_in || self.is_over() {
            return self.leave(index);
        }
        self.change(index, |visitor| visitor.stage = Stage::Inside);
        self.inside.set(self.inside.get() + 1);
        tokio::task::spawn_local(way());
    }

    /// A device whose turn has not come after all waits again.
    pub(super) fn wait_again(self: &Rc<Self>, index: u32, view: View) {
        let address = self.waits.borrow_mut().address_at(&view.path);
        let page = self.waits.borrow_mut().keep_once(view.tag, &view.page);
        self.note(Event::Waits);
        self.change(index, |visitor| {
            visitor.stage = Stage::Waiting;
            visitor.address = address.unwrap_or(visitor.address);
        });
        self.seen(index, page, self.now());
    }
}
