//! A country for measurements, written straight into an SQLite file: sites with six weeks of slots, people, and as many
//! bookings as are asked for. It is made once for each size and kept in the target folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::{Connection, Statement, params};
use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::reference::ReferenceCode;
use sunbeon::keys::{Cell, KeyRing};
use sunbeon::store::{self, DatabaseUrl, accounts};
use sunbeon::system::{SeededChance, SystemClock};

/// Days with slots, beginning tomorrow.
const DAYS: u32 = 42;
/// Slots of a site on a day.
pub const SLOTS_A_DAY: u32 = 16;
/// The first id of everything that a country holds; ids of a running service are larger.
const CAMPAIGN: i64 = 1;
const PRODUCT: i64 = 1;
/// Raised when a country of the same size would hold something else.
const VERSION: u32 = 5;

/// How large a country is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Its sites.
    pub sites: u32,
    /// Seats of each slot.
    pub seats: u32,
    /// People who have a booking.
    pub booked: u32,
    /// People who have none yet.
    pub unbooked: u32,
}

impl Size {
    /// All people: person, account and party share a number, from 1.
    fn people(&self) -> u32 {
        self.booked + self.unbooked
    }

    /// All slots, numbered from 1, a site's after another's and in order of time.
    pub fn slots(&self) -> u32 {
        self.sites * DAYS * SLOTS_A_DAY
    }

    /// The site of a slot.
    pub fn site_of(slot: u32) -> u32 {
        (slot - 1) / (DAYS * SLOTS_A_DAY) + 1
    }
}

/// The keys that sealed what is personal in a country.
pub fn keys() -> Arc<KeyRing> {
    Arc::new(KeyRing::generate(&SeededChance::new(7), false))
}

/// A fresh copy of a country in `folder`.
pub fn copy(size: &Size, folder: &Path) -> PathBuf {
    let original = original(size);
    let copy = folder.join("sunbeon.db");
    std::fs::copy(original, &copy).expect("the country is copied");
    copy
}

/// A new country in `folder`, which is not kept.
pub fn new(size: &Size, folder: &Path) -> PathBuf {
    let file = folder.join("sunbeon.db");
    println!("Making {} slots.", size.slots());
    make(size, &file, today());
    file
}

fn original(size: &Size) -> PathBuf {
    let today = today();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("countries");
    std::fs::create_dir_all(&kept).expect("the target folder can be written");
    let Size { sites, seats, booked, unbooked } = size;
    let file = kept.join(format!("{VERSION}-{today}-{sites}-{seats}-{booked}-{unbooked}.db"));
    if !file.exists() {
        println!("Making {file:?}; this takes a minute or two.");
        let unfinished = file.with_extension("unfinished");
        let _ = std::fs::remove_file(&unfinished);
        make(size, &unfinished, today);
        std::fs::rename(&unfinished, &file).expect("the country is renamed");
    }
    file
}

fn today() -> Date {
    SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn make(size: &Size, file: &Path, today: Date) {
    store::migrate(&DatabaseUrl::Sqlite(file.to_owned())).expect("the tables are made");
    let mut conn = Connection::open(file).expect("the file opens");
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; PRAGMA foreign_keys = OFF;",
    )
    .expect("the file is set up");
    let tx = conn.transaction().expect("a transaction begins");
    places(&tx, size, today);
    people(&tx, size);
    bookings(&tx, size, today);
    tx.execute_batch(
        "INSERT INTO free_day (site, campaign, product, local_date, free)
         SELECT slot.site, campaign, product, local_date, SUM(seats - held - booked)
         FROM slot JOIN slot_lane ON slot_lane.slot = slot.id GROUP BY 1, 2, 3, 4;",
    )
    .expect("free seats are counted");
    tx.commit().expect("the country is stored");
    conn.execute_batch("PRAGMA journal_mode = WAL;").expect("the file is finished");
}

fn prepare<'c>(conn: &'c Connection, table: &str, columns: &str) -> Statement<'c> {
    let holes = vec!["?"; columns.split(',').count()].join(",");
    conn.prepare(&format!("INSERT INTO {table} ({columns}) VALUES ({holes})")).expect("a statement")
}

fn number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// Day and start of a slot by its place within its site.
fn time_of(place: u32, today: Date) -> (Date, i64) {
    let day = today + i64::from(1 + place / SLOTS_A_DAY).days();
    let minutes = 30 * i64::from(place % SLOTS_A_DAY);
    let start = day.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a day has a start");
    (day, start.timestamp().as_second() + minutes * 60)
}

fn places(conn: &Connection, size: &Size, today: Date) {
    let now = SystemClock.now().as_second();
    let year = 366 * 86_400;
    let (first, last) = (number(today), number(today + i64::from(DAYS + 1).days()));
    conn.execute_batch(&format!(
        "INSERT INTO product (id, code, name_ko, name_en, age_min) VALUES ({PRODUCT}, 'flu-2026', '독감 백신', 'Flu vaccine', 0);
         INSERT INTO campaign (id, slug, name_ko, name_en, about_ko, about_en, doses, opens_at, closes_at, first_day, last_day)
           VALUES ({CAMPAIGN}, 'flu-2026', '독감', 'Flu', '독감', 'Flu', 1, {}, {}, {first}, {last});
         INSERT INTO campaign_product (campaign, product) VALUES ({CAMPAIGN}, {PRODUCT});
         INSERT INTO campaign_reminder (campaign, doses, days_before, minute_of_day, way)
           VALUES ({CAMPAIGN}, 'every', 1, 600, 'both');",
        now - year, now + year,
    ))
    .expect("the campaign is stored");
    let districts = districts();
    let mut site = prepare(
        conn,
        "site",
        "id,code,import_key,name,province,district,address,latitude,longitude,phone,step_free,evenings,weekend,parking,time_zone,hours",
    );
    let mut offer = prepare(conn, "site_product", "site,product,seats");
    let mut slot = prepare(conn, "slot", "id,site,campaign,product,starts_at,local_date");
    let mut lane = prepare(conn, "slot_lane", "slot,lane,site,seats,held,booked,version");
    let mut next_slot = 1_i64;
    for id in 1..=size.sites {
        let (province, district, latitude, longitude) = &districts[id as usize % districts.len()];
        let name = format!("{district} {id}번 의원");
        let near = f64::from(id % 97) / 1000.0;
        site.execute(params![
            id,
            format!("s{id:05}"),
            name,
            name,
            province,
            district,
            format!("{province} {district} {id}"),
            latitude + near,
            longitude - near,
            "02-0000-0000",
            id % 2 == 0,
            id % 3 == 0,
            id % 5 == 0,
            id % 7 == 0,
            "Asia/Seoul",
            "Mon-Sun 09:00-17:00"
        ])
        .expect("a site is stored");
        offer.execute(params![id, PRODUCT, size.seats]).expect("an offer is stored");
        for place in 0..DAYS * SLOTS_A_DAY {
            let (day, starts_at) = time_of(place, today);
            slot.execute(params![next_slot, id, CAMPAIGN, PRODUCT, starts_at, number(day)])
                .expect("a slot is stored");
            lane.execute(params![next_slot, 0, id, size.seats, 0, 0, 0]).expect("a lane is stored");
            next_slot += 1;
        }
    }
}

type District = (String, String, f64, f64);

/// The districts of the product's own list: `province,code,…` as `src/domain/regions.csv` has them.
fn districts() -> Vec<District> {
    let regions = sunbeon::domain::region::Regions::korea();
    let mut all = Vec::new();
    for province in regions.provinces() {
        for district in &province.districts {
            let (latitude, longitude) = district.centre;
            all.push((province.code.to_string(), district.code.to_string(), latitude, longitude));
        }
    }
    all
}

fn people(conn: &Connection, size: &Size) {
    let (keys, chance, now) = (keys(), SeededChance::new(11), SystemClock.now().as_second());
    let mut account =
        prepare(conn, "account", "id,phone_hash,phone_sealed,language,epoch,created_at,seen_at");
    let mut person = prepare(
        conn,
        "person",
        "id,name_sealed,birth_sealed,phone_sealed,phone_hash,identity_key,created_at",
    );
    let mut care = prepare(conn, "care", "id,account,person,number,relation,messages_to,created_at");
    for id in 1..=i64::from(size.people()) {
        let phone =
            PhoneNumber::parse(&format!("010-{:04}-{:04}", id / 10_000, id % 10_000)).expect("a phone");
        let seal = |table, column, text: &str| {
            keys.seal(Cell { table, column, row: id }, text.as_bytes(), &chance).into_bytes()
        };
        let hash = accounts::phone_hash(&keys, &phone);
        let identity = keys.lookup("identity", &format!("시민{id}\u{1f}1960-01-01"));
        let sealed_phone = seal("account", "phone_sealed", phone.as_e164());
        account
            .execute(params![id, hash.as_bytes(), sealed_phone, "ko", 0, now, now])
            .expect("an account is stored");
        let (name, birth) =
            (seal("person", "name_sealed", "시민"), seal("person", "birth_sealed", "1960-01-01"));
        let own_phone = seal("person", "phone_sealed", phone.as_e164());
        person
            .execute(params![id, name, birth, own_phone, hash.as_bytes(), identity.as_bytes(), now])
            .expect("a person is stored");
        care.execute(params![id, id, id, 1, "me", "mine", now]).expect("a care is stored");
    }
}

fn bookings(conn: &Connection, size: &Size, today: Date) {
    assert!(size.booked <= size.slots() * size.seats, "more bookings than seats");
    conn.set_prepared_statement_cache_capacity(16);
    let (chance, now, mut given) = (SeededChance::new(13), SystemClock.now().as_second(), HashSet::new());
    for id in 1..=i64::from(size.booked) {
        // A stride that shares no factor with the number of slots spreads bookings evenly over the country.
        let index = u32::try_from(id * 7_919 % i64::from(size.slots())).expect("few slots");
        let reference = std::iter::repeat_with(|| ReferenceCode::random(&chance))
            .find(|code| given.insert(code.as_str().to_owned()))
            .expect("codes without end");
        let token = data_encoding::BASE64URL_NOPAD.encode(&chance.bytes::<16>());
        book(conn, id, index + 1, (&token, reference.as_str()), (now, today));
    }
}

/// Person `id` has a confirmed booking, by themselves, with a message sent and a reminder to come.
fn book(conn: &Connection, id: i64, slot: u32, (token, reference): (&str, &str), (now, today): (i64, Date)) {
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        conn.prepare_cached(sql).and_then(|mut insert| insert.execute(params)).expect("a row is stored");
    };
    let (site, (day, starts_at)) = (Size::site_of(slot), time_of((slot - 1) % (DAYS * SLOTS_A_DAY), today));
    run(
        "INSERT INTO party (id, token, account, campaign, site, state, extensions, expires_at, created_at, version)
         VALUES (?1, ?2, ?1, 1, ?3, 'booked', 0, ?4, ?4, 1)",
        params![id, token, site, now],
    );
    run("INSERT INTO course (id, campaign, person) VALUES (?1, 1, ?1)", params![id]);
    run(
        "INSERT INTO booking (id, reference, party, course, account, person, campaign, dose, product, site, slot, lane,
                              starts_at, local_date, state, kind, version, created_at, updated_at)
         VALUES (?1, ?2, ?1, ?1, ?1, ?1, 1, 1, 1, ?3, ?4, 0, ?5, ?6, 'booked', 'journey', 1, ?7, ?7)",
        params![id, reference, site, slot, starts_at, number(day), now],
    );
    run("INSERT INTO claim (campaign, person, dose, booking) VALUES (1, ?1, 1, ?1)", params![id]);
    for (row, kind, due_at, state) in
        [(2 * id, "confirmation", now, "sent"), (2 * id + 1, "reminder", starts_at - 86_400, "queued")]
    {
        run(
            "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state,
                                 attempts, possible_repeat, created_at)
             VALUES (?1, ?2, ?3, 1, 'account', ?3, 'sms', '', ?4, ?5, 0, FALSE, ?6)",
            params![row, kind, id, due_at, state, now],
        );
    }
    run(
        "UPDATE slot_lane SET booked = booked + 1, version = version + 2 WHERE slot = ?1 AND lane = 0",
        params![slot],
    );
}

/// How the opening of [`announce`] is called.
pub const OPENING: &str = "bench";

/// Announces an evening to a country: places were drawn and can be asked for, and the door opens in an hour.
pub fn announce(database: &Path) {
    let (conn, now) = (Connection::open(database).expect("a database"), SystemClock.now().as_second());
    let (key, cell) = (DrawKey::new([7; 32]), Cell { table: "opening", column: "draw_key_sealed", row: 1 });
    let sealed = keys().seal(cell, key.reveal().as_bytes(), &SeededChance::new(17)).into_bytes();
    conn.execute(
        "INSERT INTO opening (id, code, campaign, joins_from, opens_at, ends_at, expected, sessions, draw_key_sealed,
                              fingerprint)
         VALUES (1, ?1, 1, ?2 - 60, ?2 + 3600, ?2 + 7200, 10000000, 5000, ?3, ?4)",
        params![OPENING, now, sealed, key.fingerprint().0],
    )
    .expect("an opening is stored");
}

/// The districts, each of which has as many sites as every other when their number is a multiple of this.
pub fn districts_count() -> u32 {
    u32::try_from(districts().len()).expect("few districts")
}

/// The province and the district of a site, as they stand in URLs.
pub fn district_of(site: u32) -> String {
    let districts = districts();
    let (province, district, ..) = &districts[site as usize % districts.len()];
    format!("{province}.{district}")
}

/// The day and the start of a slot, for those who write rows themselves.
pub fn start_of(slot: u32) -> (i64, i64) {
    let (day, starts_at) = time_of((slot - 1) % (DAYS * SLOTS_A_DAY), today());
    (number(day), starts_at)
}
