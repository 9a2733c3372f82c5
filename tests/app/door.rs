//! An opening in the country of the stories, and a door that stands where a story wants it.

use jiff::SignedDuration;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::line::place_on_arrival;
use sunbeon::domain::door::opening::{Opening, Places};
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::domain::door::ticket::Ticket;
use sunbeon::domain::ids::OpeningId;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::door_state::{self, Order};
use sunbeon::store::{Failure, Never, Tx, openings};

use super::{Browser, TestApp, block_on, wait_for};

/// How the opening of the stories is called.
pub const OPENING: &str = "flu-2026-evening";

/// The cookie with a place in its line.
pub const TICKET: &str = "sunbeon_ticket_demo-flu-2026-evening";

impl TestApp {
    /// Announces the evening of a campaign: places can be asked for in an hour, and the door opens in two.
    pub fn announce(&self, slug: &str) -> OpeningId {
        self.announce_in(2, slug)
    }

    /// Announces the evening of a campaign, whose door opens in so many hours, and stands for four. Of ten million people who
    /// are expected hardly anybody enters by themselves while a story goes on.
    pub fn announce_in(&self, opens_in: i64, slug: &str) -> OpeningId {
        self.announce_with(OPENING, Places::Drawn, [opens_in - 1, opens_in], slug)
    }

    /// Announces a line, in which people can stand in an hour, and whose door opens in two.
    pub fn announce_line(&self, slug: &str) -> OpeningId {
        self.announce_with(OPENING, Places::InLine, [1, 2], slug)
    }

    /// Another evening that has begun beside that of [`evening`](Self::evening), and whose door is closed.
    pub fn evening_beside(&self, code: &str, slug: &str) -> OpeningId {
        let opening = self.announce_with(code, Places::Drawn, [-1, 0], slug);
        self.draw(opening);
        self.stop_door(opening);
        opening
    }

    fn announce_with(
        &self,
        code: &str,
        places: Places,
        [joins_in, opens_in]: [i64; 2],
        slug: &str,
    ) -> OpeningId {
        let engine = self.engine();
        let campaign = engine.country.now().campaign_by_slug(slug).expect("a campaign").id;
        let hours = |hours| self.clock.now() + SignedDuration::from_hours(hours);
        let opening = Opening {
            id: OpeningId(0),
            code: code.parse().unwrap(),
            campaign,
            places,
            born: None,
            joins_from: hours(joins_in),
            opens_at: hours(opens_in),
            ends_at: hours(opens_in + 4),
            expected: 10_000_000,
            sessions: 60,
        };
        let save = move |tx: &mut Tx<'_>| openings::save(tx, &opening).map_err(Failure::<Never>::from);
        let id = block_on(engine.ledger.write(0, save)).unwrap();
        block_on(engine.country.refresh(&engine.store)).unwrap();
        id
    }

    /// Draws the places of an opening.
    pub fn draw(&self, opening: OpeningId) {
        let engine = self.engine();
        let keep = move |tx: &mut Tx<'_>| {
            openings::keep_key(tx, opening, &DrawKey::new([7; 32])).map_err(Failure::<Never>::from)
        };
        assert!(block_on(engine.ledger.write(0, keep)).unwrap());
        block_on(engine.country.refresh(&engine.store)).unwrap();
    }

    /// Waits until everybody who prepared was told their turn.
    pub fn await_turn_texts(&self) {
        let queued = format!("SELECT COUNT(*) AS number FROM opening WHERE told_to = {}", i64::MAX);
        wait_for("the messages to be queued", || (self.database.number(&queued) == 1).then_some(()));
        self.await_messages_sent();
    }

    /// An evening that has begun: places were drawn, and the door is still closed.
    pub fn evening(&self, slug: &str) -> OpeningId {
        let opening = self.announce(slug);
        self.draw(opening);
        self.pass_minutes(121);
        self.stop_door(opening);
        opening
    }

    /// A line that has just begun, and whose door stands still.
    pub fn line(&self, slug: &str) -> OpeningId {
        let opening = self.announce_with(OPENING, Places::InLine, [0, 0], slug);
        self.stop_door(opening);
        opening
    }

    /// The place that a browser keeps of the line of the stories.
    pub fn ticket(&self, browser: &Browser) -> Option<Ticket> {
        let text = browser.cookies().get(TICKET).cloned()?;
        Some(self.keys.ticket_keys().verify(&text, &OPENING.parse().unwrap(), self.clock.now()).unwrap())
    }

    /// Opens a stopped door of a line for whoever came until now.
    pub fn open_door_to_now(&self, opening: OpeningId) {
        self.open_door_to(opening, place_on_arrival(self.clock.now(), u64::MAX));
    }

    /// Gives all free seats of a campaign away, past the pages.
    pub fn take_all_seats(&self, slug: &str) {
        let engine = self.engine();
        let campaign = engine.country.now().campaign_by_slug(slug).expect("a campaign").id;
        let all = format!("SELECT id FROM slot WHERE campaign = {campaign}");
        self.database
            .execute(&format!("UPDATE slot_lane SET seats = held + booked WHERE slot IN ({all})"))
            .unwrap();
        block_on(engine.keep_stock()).unwrap();
        block_on(engine.turn_doors()).unwrap();
    }

    /// The place of a phone in the evening of the stories.
    pub fn place(&self, phone: &str) -> Place {
        let phone = PhoneNumber::parse(phone).unwrap();
        DrawKey::new([7; 32]).place(&OPENING.parse().unwrap(), &phone)
    }

    /// Keeps the door from moving by itself.
    pub fn stop_door(&self, opening: OpeningId) {
        self.order_door(opening, Order::Pause);
    }

    /// Does what an operator says of the door.
    pub fn order_door(&self, opening: OpeningId, order: Order) {
        let engine = self.engine();
        let catalogue = engine.country.now().clone();
        let one = catalogue.openings().iter().find(|one| one.opening.id == opening).unwrap().clone();
        let obey = move |tx: &mut Tx<'_>| {
            door_state::obey(tx, &one.opening, &order).map_err(Failure::<Never>::Store)
        };
        block_on(engine.ledger.write(opening.0, obey)).unwrap();
        block_on(engine.turn_doors()).unwrap();
    }

    /// Opens a stopped door as far as a place, past the pace.
    pub fn open_door_to(&self, opening: OpeningId, place: Place) {
        let kept = (place.0 ^ (1 << 63)).cast_signed();
        let open = format!("UPDATE door_state SET threshold = {kept} WHERE opening = {opening}");
        wait_for("the door to be seen open", || {
            // A turn that has read the row before writes it as it was.
            self.database.execute(&open).unwrap();
            block_on(self.engine().turn_doors()).unwrap();
            (self.threshold(opening) >= Threshold::up_to(place)).then_some(())
        });
    }

    /// How far the door is open.
    pub fn threshold(&self, opening: OpeningId) -> Threshold {
        self.engine().door.flow(opening).threshold
    }
}
