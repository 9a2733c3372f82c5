//! Booking, page by page: somebody reads what is shown and does what it asks for, from the door to the confirmation.

use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use tokio::time::{sleep_until, timeout};

use super::browser::{Browser, View};
use super::evening::Evening;
use super::lines::NoAnswer;
use super::mailbox::Owner;
use super::page::{Filled, Form, Page};
use super::people::{Question, mixed, number_of, phone};
use super::tally::{Event, ends_of};

/// Pages after which somebody gives up: several times as many as a journey has.
const PAGES_MAX: u32 = 80;

/// How long somebody waits for a code before giving up.
const CODE_WAIT: Duration = Duration::from_secs(180);

/// How often somebody tries a page again that was not answered.
const TRIES: u32 = 5;

/// After how many seconds somebody tries again.
const TRY_AGAIN: Duration = Duration::from_secs(3);

/// Somebody on their way to a seat.
pub struct Journey {
    evening: Rc<Evening>,
    index: u32,
    person: u32,
    /// What they look at.
    pub browser: Browser,
    phone: Owner,
    /// How many people were written down so far, the owner included.
    written: u32,
    /// The addresses of sites that had no time for all of them.
    without_time: Vec<String>,
    has_entered: bool,
    /// Whether the code of before is to be typed again: it was not taken, as there was too much to do.
    types_again: bool,
    chance: u64,
}

/// How a journey ends.
#[derive(Debug)]
enum End {
    /// So many people have a seat, with these references.
    Booked(u32, Vec<String>),
    /// It was not their turn yet.
    Waits(View),
    /// Another device of theirs books.
    LookedIn,
    /// No seat, and why.
    GaveUp(String),
}

/// What somebody does on a page.
enum Act {
    /// Goes to an address.
    Open(String),
    /// Sends a form.
    Send(Form, Filled),
    /// Is done.
    End(End),
}

impl Act {
    fn gives_up(view: &View, why: &str) -> Self {
        // What stands between them is somebody's own.
        let (first, last) = ends_of(&view.path);
        Self::End(End::GaveUp(format!("/{first}/…/{last} {}: {why}", view.status.as_u16())))
    }

    fn send(form: &Form, filled: Filled) -> Self {
        Self::Send(form.clone(), filled)
    }
}

impl Journey {
    /// Somebody sets out: from now on they look at their phone.
    pub fn new(evening: Rc<Evening>, index: u32) -> Self {
        let person = evening.population.owner(index);
        Self {
            index,
            person,
            browser: Browser::new(evening.clone(), index),
            phone: evening.mailbox.look_at(number_of(person)),
            written: 0,
            without_time: Vec::new(),
            has_entered: false,
            types_again: false,
            chance: evening.population.draw(index, Question::Choice),
            evening,
        }
    }

    /// Presses the link of the waiting page.
    pub async fn go_in(mut self, way_in: Box<str>) {
        let due = self.think().await;
        let end = match self.open(way_in.into(), due).await {
            Ok(view) => self.walk(view).await,
            Err(error) => End::GaveUp(error.to_string()),
        };
        self.end(end);
    }

    /// Goes on from a page that was reached already.
    pub async fn go_on(mut self, view: View) {
        let end = self.walk(view).await;
        self.end(end);
    }

    fn end(self, end: End) {
        let Self { evening, index, .. } = self;
        evening.inside.set(evening.inside.get().saturating_sub(1));
        match end {
            End::Booked(people, references) => {
                (0..people).for_each(|_| evening.note(Event::Booked));
                evening.tally.borrow_mut().confirmed.extend(references);
            }
            End::Waits(view) => return evening.wait_again(index, view),
            End::LookedIn => {}
            End::GaveUp(why) => evening.tally.borrow_mut().gave_up(&why),
        }
        evening.leave(index);
    }

    async fn walk(&mut self, mut view: View) -> End {
        for _ in 0..PAGES_MAX {
            self.note_entering(&view);
            let act = self.act_on(&view).await;
            if self.evening.is_over() && !matches!(act, Act::End(_)) {
                return End::GaveUp("the rehearsal ended".to_owned());
            }
            let due = self.think().await;
            let next = match act {
                Act::End(end) => return end,
                Act::Open(path) => self.open(path, due).await,
                Act::Send(form, filled) => self.send(&form, &filled, due).await,
            };
            view = match next {
                Ok(view) => view,
                Err(error) => return End::GaveUp(error.to_string()),
            };
        }
        End::GaveUp("went in circles".to_owned())
    }

    /// Takes the time that people take for a page, and tells when it was over.
    async fn think(&mut self) -> Instant {
        // From half to one and a half of it.
        let share = 0.5 + self.below(1_000) as f64 / 1_000.0;
        let due = Instant::now() + Duration::from_secs_f64(self.evening.plan.think_seconds * share);
        if self.evening.plan.think_seconds > 0.0 {
            sleep_until(due.into()).await;
        }
        due
    }

    fn below(&mut self, limit: usize) -> usize {
        self.chance = mixed(self.chance);
        (self.chance % limit.max(1) as u64) as usize
    }

    /// Opens a page, and again when there was no answer.
    async fn open(&mut self, path: String, due: Instant) -> Result<View, NoAnswer> {
        let mut answer = self.browser.open(&path, due).await;
        for _ in 0..TRIES {
            if answer.is_ok() {
                break;
            }
            tokio::time::sleep(TRY_AGAIN).await;
            answer = self.browser.open(&path, Instant::now()).await;
        }
        answer
    }

    /// Sends a form, and again when there was no answer: that must be safe.
    async fn send(&mut self, form: &Form, filled: &Filled, due: Instant) -> Result<View, NoAnswer> {
        let mut answer = self.browser.send(form, filled, due).await;
        for _ in 0..TRIES {
            if answer.is_ok() {
                break;
            }
            tokio::time::sleep(TRY_AGAIN).await;
            answer = self.browser.send(form, filled, Instant::now()).await;
        }
        answer
    }

    /// The first page behind the door.
    fn note_entering(&mut self, view: &View) {
        if self.has_entered || !view.path.starts_with("/book/") || view.status != StatusCode::OK {
            return;
        }
        self.has_entered = true;
        let evening = &self.evening;
        evening.note(Event::Entered);
        // Somebody whose turn had come before they came was never told their group.
        let visitor = evening.visitor(self.index);
        let waits = evening.waits.borrow();
        if let Some(address) =
            waits.address(visitor.address).filter(|_| visitor.page != super::waits::NO_PAGE)
        {
            evening.fairness.borrow_mut().entered(address.group, evening.now());
        }
    }

    async fn act_on(&mut self, view: &View) -> Act {
        if view.status == StatusCode::SERVICE_UNAVAILABLE {
            return self.try_again(view).await;
        }
        match ends_of(&view.path) {
            ("wait", _) if view.page.link("button").is_none() => Act::End(End::Waits(View {
                path: view.path.clone(),
                status: view.status,
                page: view.page.clone(),
                tag: view.tag.clone(),
                retry_after: None,
            })),
            ("wait", _) => {
                // The first of the group may enter, and this one in a moment.
                tokio::time::sleep(Duration::from_secs(view.page.refresh.unwrap_or(0).into())).await;
                self.way_on(view)
            }
            ("sign-in", "code") => self.type_code(view).await,
            ("door" | "sign-in", _) => self.say_who(view),
            ("book", _) if !self.evening.population.is_main(self.index) => Act::End(End::LookedIn),
            ("book", "who") => self.choose_people(view),
            ("people", "new") => self.write_down(view),
            ("book", "where") => self.choose_place(view),
            ("book", "when" | "hold") => self.choose_time(view),
            ("hold", _) => match view.page.form_to("/confirm") {
                Some(form) => Act::send(form, form.untouched()),
                None => self.way_on(view),
            },
            ("done", _) if view.status == StatusCode::OK => {
                let people = 1 + self.evening.population.others(self.person);
                Act::End(End::Booked(people, references_on(&view.page)))
            }
            _ => Act::gives_up(view, "a page that leads nowhere"),
        }
    }

    /// Waits as long as the page says, and presses its button.
    async fn try_again(&mut self, view: &View) -> Act {
        tokio::time::sleep(Duration::from_secs(view.retry_after.unwrap_or(1))).await;
        // What was typed is kept, but codes are not.
        self.types_again = ends_of(&view.path) == ("sign-in", "code") && !view.page.forms.is_empty();
        match view.page.forms.first() {
            Some(form) => Act::send(form, form.untouched()),
            None => Act::Open(view.path.clone()),
        }
    }

    /// Follows what looks like the way on, or else the way back.
    fn way_on(&mut self, view: &View) -> Act {
        let link = ["button", "button-plain", "back"].into_iter().find_map(|class| view.page.link(class));
        link.map_or_else(|| Act::gives_up(view, "no way on"), |link| Act::Open(link.href.clone()))
    }

    /// Types the phone number where it is asked for, and else presses the button.
    fn say_who(&mut self, view: &View) -> Act {
        if view.status.is_client_error() {
            return Act::gives_up(view, "the number was refused");
        }
        match (view.page.form_with("phone"), view.page.forms.first()) {
            (Some(form), _) => {
                Act::send(form, form.untouched().with("phone", &phone(number_of(self.person))))
            }
            (None, Some(form)) => Act::send(form, form.untouched()),
            (None, None) => Act::gives_up(view, "the door is closed"),
        }
    }

    /// Types the code that came to the phone. When it was not the right one, another may come.
    async fn type_code(&mut self, view: &View) -> Act {
        let Some(form) = view.page.form_with("code") else {
            return Act::gives_up(view, "no field for a code");
        };
        let typed = std::mem::take(&mut self.types_again).then(|| self.phone.last_code()).flatten();
        if let Some(code) = typed {
            return Act::send(form, form.untouched().with("code", &code));
        }
        match timeout(CODE_WAIT, self.phone.next_code()).await {
            Ok(code) => Act::send(form, form.untouched().with("code", &code)),
            Err(_) => Act::gives_up(view, "no code came"),
        }
    }

    /// Writes down everybody who is missing, and chooses them all.
    fn choose_people(&mut self, view: &View) -> Act {
        let page = &view.page;
        if let Some(me) = page.links_to("relation=me").next().filter(|_| self.written == 0) {
            return Act::Open(me.href.clone());
        }
        let Some(form) = page.form_with("p") else { return Act::gives_up(view, "nobody can be booked") };
        let everybody = form.values("p").fold(form.untouched(), |filled, number| filled.and("p", number));
        // Whoever prepared has written down everybody.
        let is_missing = (1..=self.evening.population.others(self.person)).contains(&self.written);
        Act::send(form, if is_missing { everybody.with("add", "other") } else { everybody })
    }

    fn write_down(&mut self, view: &View) -> Act {
        let Some(form) = view.page.form_with("name") else {
            return Act::gives_up(view, "no field for a name");
        };
        if view.status.is_client_error() {
            return Act::gives_up(view, "the answers were refused");
        }
        let member = self.evening.population.member(self.person, self.written);
        self.written += 1;
        let (year, month, day) = member.birth;
        let mut filled = form
            .untouched()
            .with("name", &member.name)
            .with("birth-year", &year.to_string())
            .with("birth-month", &month.to_string())
            .with("birth-day", &day.to_string());
        let relations: Vec<&str> = form.values("relation").filter(|word| *word != "me").collect();
        if !relations.is_empty() {
            let relation = self.below(relations.len());
            filled =
                filled.with("relation", relations[relation]).with("messages", "mine").with("consent", "yes");
        }
        Act::send(form, filled)
    }

    fn choose_place(&mut self, view: &View) -> Act {
        let page = &view.page;
        let lists = page.forms.iter().find(|form| form.values("in").next().is_some());
        if let Some(form) = lists {
            let places: Vec<&str> = form.values("in").filter(|place| !place.is_empty()).collect();
            let chosen = self.below(places.len());
            let Some(place) = places.get(chosen) else { return Act::gives_up(view, "no place to choose") };
            return Act::send(form, form.untouched().with("in", place));
        }
        let is_new = |site: &&str| !self.without_time.iter().any(|known| known == address(site));
        let sites: Vec<&str> = choices(page).into_iter().filter(is_new).collect();
        let chosen = self.below(sites.len());
        // When every site of the district is full, or there is none, they look around it, and then elsewhere.
        let is_around = |path: &str| path.contains("&at=");
        let around = page.links.iter().find(|link| is_around(&link.href)).filter(|_| !is_around(&view.path));
        match (sites.get(chosen), around.or(page.link("back"))) {
            (Some(site), _) => Act::Open((*site).to_owned()),
            (None, Some(elsewhere)) => Act::Open(elsewhere.href.clone()),
            (None, None) => Act::gives_up(view, "no site to choose"),
        }
    }

    /// Chooses a day, and then a time of it. When the time was taken meanwhile, the page offers others.
    fn choose_time(&mut self, view: &View) -> Act {
        if let Some(form) = view.page.form_with("slot") {
            let times: Vec<&str> = form.values("slot").collect();
            let chosen = self.below(times.len());
            return match times.get(chosen) {
                Some(time) => Act::send(form, form.untouched().with("slot", time)),
                None => self.way_on(view),
            };
        }
        let is_day = |link: &&super::page::Link| link.class.is_empty() && link.href.contains("day=");
        let days: Vec<&str> = view.page.links.iter().filter(is_day).map(|link| link.href.as_str()).collect();
        let chosen = self.below(days.len());
        if let Some(day) = days.get(chosen) {
            return Act::Open((*day).to_owned());
        }
        // A site can have seats enough on a day, and no times that are near each other.
        self.without_time.push(address(&view.path).to_owned());
        self.way_on(view)
    }
}

/// A page's address without what was chosen before.
fn address(path: &str) -> &str {
    path.split_once('?').map_or(path, |(address, _)| address)
}

/// The references that a page names.
fn references_on(page: &Page) -> Vec<String> {
    let links = page.links_to("/bookings/").filter_map(|link| link.href.strip_prefix("/bookings/"));
    let mut references: Vec<String> =
        links.map(|link| link.split('/').next().unwrap_or_default().to_owned()).collect();
    references.dedup();
    references
}

/// Where the choices of a page lead.
fn choices(page: &Page) -> Vec<&str> {
    page.links.iter().filter(|link| link.class == "choice").map(|link| link.href.as_str()).collect()
}
