//! The evening: everybody does what they do when their moment has come.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::header::HeaderValue;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::attackers::Attacker;
use super::fairness::Fairness;
use super::lines::Lines;
use super::mailbox::Mailbox;
use super::people::{Population, Question, Stage, Visitor};
use super::plan::{Arrivals, Plan};
use super::tally::{Event, Tally};
use super::waits::{ReadPages, Waits};
use super::wheel::Wheel;

/// How long people who book may finish when the time is over.
const FINISHING: Duration = Duration::from_secs(20);

/// How long before the opening the last of them come.
const EARLY_BEFORE: u32 = 1_000;

/// Visitors that wait for their turn to ask when people come as fast as the server takes them, for each connection.
const READY_EACH: usize = 2;

/// Everything that all who take part share.
pub struct Evening {
    /// What is rehearsed.
    pub plan: Plan,
    /// What everybody is like.
    pub population: Population,
    /// The address on the poster: `/door/` and the code of the opening.
    pub poster: String,
    /// The public name of the server.
    pub host: HeaderValue,
    /// The same as browsers send it with forms.
    pub origin: HeaderValue,
    /// Connections to the server.
    pub lines: Lines,
    /// What happened.
    pub tally: RefCell<Tally>,
    /// Pages that many got in the same bytes.
    pub read: RefCell<ReadPages>,
    /// Waiting pages.
    pub waits: RefCell<Waits>,
    /// Who was told to wait while others entered.
    pub fairness: RefCell<Fairness>,
    /// Everybody's phones.
    pub mailbox: Rc<Mailbox>,
    /// Everybody's devices.
    pub visitors: RefCell<Vec<Visitor>>,
    /// When it began.
    pub began: Instant,
    /// The same by the clock on the wall.
    pub began_at: Timestamp,
    /// When the opening opens, in milliseconds since the beginning.
    pub opens: u32,
    wheel: RefCell<Wheel>,
    /// Those who come now, and those who look at their waiting pages: neither keeps the other out.
    coming: Queue,
    looking: Queue,
    /// The next who comes as soon as the server takes them.
    next: Cell<u32>,
    /// Devices that are not done.
    left: Cell<u32>,
    /// Those who are booking.
    pub inside: Cell<u32>,
    over: Cell<bool>,
}

/// Those whose moment has come.
struct Queue {
    ready: RefCell<VecDeque<u32>>,
    bell: Semaphore,
}

/// Against which server.
pub struct Scene {
    /// Connections to it.
    pub lines: Lines,
    /// Its public address.
    pub origin: HeaderValue,
    /// The host in it.
    pub host: HeaderValue,
    /// The address on the poster.
    pub poster: String,
    /// When the opening opens.
    pub opens_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

impl Evening {
    /// An evening that has not begun.
    pub fn new(plan: Plan, scene: Scene, mailbox: Rc<Mailbox>) -> Rc<Self> {
        let until_open = scene.opens_at.duration_since(scene.now).as_millis();
        let visitors = plan.visitors();
        Rc::new(Self {
            population: Population::new(&plan),
            poster: scene.poster,
            host: scene.host,
            origin: scene.origin,
            lines: scene.lines,
            tally: RefCell::default(),
            read: RefCell::default(),
            waits: RefCell::default(),
            fairness: RefCell::default(),
            mailbox,
            visitors: RefCell::new(vec![Visitor::AWAY; visitors as usize]),
            began: Instant::now(),
            began_at: scene.now,
            opens: u32::try_from(until_open).unwrap_or(0),
            wheel: RefCell::default(),
            coming: Queue::new(),
            looking: Queue::new(),
            next: Cell::new(0),
            left: Cell::new(visitors),
            inside: Cell::new(0),
            over: Cell::new(false),
            plan,
        })
    }

    /// Milliseconds since the beginning.
    pub fn now(&self) -> u32 {
        u32::try_from(self.began.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    /// The moment so many milliseconds after the beginning.
    pub fn moment(&self, milliseconds: u32) -> Instant {
        self.began + Duration::from_millis(u64::from(milliseconds))
    }

    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        self.over.get()
    }

    /// Lets everybody come, wait and book, until all are done or the time is over.
    pub async fn pass(self: &Rc<Self>) {
        self.invite();
        let mut workers = JoinSet::new();
        for _ in 0..self.connections_each() {
            workers.spawn_local(self.clone().let_come());
            workers.spawn_local(self.clone().let_look());
        }
        let mut attackers = JoinSet::new();
        for number in 0..self.plan.attackers {
            attackers.spawn_local(Attacker::new(self.clone(), number).try_everything());
        }
        let end = self.opens.saturating_add(self.plan.minutes.saturating_mul(60_000));
        let mut tick = tokio::time::interval(Duration::from_millis(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.left.get() > 0 && self.now() < end {
            tick.tick().await;
            self.call_those_whose_moment_has_come();
        }
        self.over.set(true);
        let finishing = Instant::now();
        while self.inside.get() > 0 && finishing.elapsed() < FINISHING {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        workers.abort_all();
        attackers.abort_all();
    }

    /// Tells everybody when they come.
    fn invite(&self) {
        let mut visitors = self.visitors.borrow_mut();
        let (people, mut wheel) = (self.population, self.wheel.borrow_mut());
        for index in 0..self.plan.visitors() {
            let share = people.fraction(index, Question::Arrival);
            let at = if people.is_early(index) {
                (f64::from(self.opens.saturating_sub(EARLY_BEFORE)) * share) as u32
            } else if self.plan.arrivals == Arrivals::Evening {
                self.opens + (self.plan.arrivals.seconds(share) * 1_000.0) as u32
            } else {
                continue;
            };
            wheel.set(&mut visitors, index, at);
        }
    }

    fn call_those_whose_moment_has_come(&self) {
        let now = self.now();
        let mut visitors = self.visitors.borrow_mut();
        let mut called = Vec::new();
        self.wheel.borrow_mut().turn(&mut visitors, now, |index| called.push(index));
        for index in called {
            match visitors[index as usize].stage {
                Stage::Away => self.coming.push(index),
                Stage::Waiting => self.looking.push(index),
                Stage::Inside | Stage::Gone => {}
            }
        }
        if self.plan.arrivals == Arrivals::Compressed && now >= self.opens {
            let most = READY_EACH * self.connections_each();
            while self.coming.len() < most && self.next.get() < self.plan.visitors() {
                let index = self.next.replace(self.next.get() + 1);
                if !self.population.is_early(index) {
                    visitors[index as usize].due = now;
                    self.coming.push(index);
                }
            }
        }
    }

    /// How many connections those may use who come, and how many those who wait: the rest is for those who book.
    fn connections_each(&self) -> usize {
        (self.plan.connections * 3 / 8).max(1)
    }

    async fn let_come(self: Rc<Self>) {
        while let Some(index) = self.coming.next().await {
            self.arrive(index).await;
        }
    }

    async fn let_look(self: Rc<Self>) {
        while let Some(index) = self.looking.next().await {
            self.look(index).await;
        }
    }

    /// A device as it is now.
    pub fn visitor(&self, index: u32) -> Visitor {
        self.visitors.borrow().get(index as usize).copied().unwrap_or(Visitor::AWAY)
    }

    /// Changes a device.
    pub fn change(&self, index: u32, change: impl FnOnce(&mut Visitor)) {
        if let Some(visitor) = self.visitors.borrow_mut().get_mut(index as usize) {
            change(visitor);
        }
    }

    /// Lets a device do something again at a moment.
    pub fn again_at(&self, index: u32, at: u32) {
        self.wheel.borrow_mut().set(&mut self.visitors.borrow_mut(), index, at);
    }

    /// A device is done.
    pub fn leave(&self, index: u32) {
        self.change(index, |visitor| visitor.stage = Stage::Gone);
        self.left.set(self.left.get().saturating_sub(1));
    }

    /// Counts what happens now.
    pub fn note(&self, event: Event) {
        self.tally.borrow_mut().happened(event, self.now());
    }
}

impl Queue {
    fn new() -> Self {
        Self { ready: RefCell::default(), bell: Semaphore::new(0) }
    }

    fn len(&self) -> usize {
        self.ready.borrow().len()
    }

    fn push(&self, index: u32) {
        self.ready.borrow_mut().push_back(index);
        self.bell.add_permits(1);
    }

    /// The next one, as soon as there is one.
    async fn next(&self) -> Option<u32> {
        self.bell.acquire().await.ok()?.forget();
        self.ready.borrow_mut().pop_front()
    }
}
