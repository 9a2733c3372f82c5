//! Whether the time that an answer takes tells what exists. Nothing is asserted: it is measured, on a quiet machine, with
//! the command in CONTRIBUTING.md.

use std::time::Instant;

use sunbeon::domain::clock::ChanceExt;
use sunbeon::domain::reference::ReferenceCode;
use sunbeon::keys::password;
use sunbeon::store::Tx;
use sunbeon::store::staff::{self, Role as StaffRole};
use sunbeon::system::SeededChance;

use crate::app::Wire;
use crate::roles::{OWNER, Role, Town};

/// Answers that are timed for each case, unless the variable says otherwise.
const SAMPLES: usize = 400;
const VARIABLE: &str = "SUNBEON_TEST_SAMPLES";

/// A form that is sent again and again: what it is about, where it goes, and what is typed.
struct Case {
    about: &'static str,
    verb: &'static str,
    path: String,
    form: String,
}

impl Case {
    fn form(about: &'static str, path: &str, form: String) -> Self {
        Self { about, verb: "POST", path: path.to_owned(), form }
    }
}

#[test]
#[ignore = "a measurement, not a test: see CONTRIBUTING.md"]
fn how_long_answers_take() {
    let town = Town::settle();
    let hash = password::hash("a password of somebody's", &SeededChance::new(1)).unwrap();
    let add = move |tx: &mut Tx<'_>| staff::add(tx, "somebody", &hash, StaffRole::Authority, &[]);
    town.app.engine().ledger.write_now(add).unwrap();

    let find = |about, reference: &str, phone: &str| {
        Case::form(about, "/find", format!("csrf={{csrf}}&reference={reference}&phone={phone}"))
    };
    let (known, unknown) = (town.reference.clone(), unknown_reference(&town.reference));
    let sign_in = |about, phone: &str| Case::form(about, "/sign-in", format!("csrf={{csrf}}&phone={phone}"));
    let staff = |about, login: &str| {
        let form = format!("csrf={{csrf}}&login={login}&password=a+wrong+password");
        Case::form(about, "/clinic/sign-in", form)
    };
    measure(
        &town,
        Role::Nobody,
        [
            find("a booking found by reference and phone", &known, OWNER),
            find("the same again, as a control", &known, OWNER),
            find("the same booking, another phone", &known, "010-0000-4444"),
            find("no such booking", &unknown, OWNER),
        ],
    );
    measure(
        &town,
        Role::Nobody,
        [
            sign_in("signing in with a phone that has an account", OWNER),
            sign_in("the same again, as a control", OWNER),
            sign_in("a phone that has none", "010-0000-5555"),
            sign_in("another phone that has none", "010-0000-6666"),
        ],
    );
    measure(
        &town,
        Role::Nobody,
        [
            staff("staff, a login that exists", "somebody"),
            staff("the same again, as a control", "somebody"),
            staff("a login that nobody has", "nobody-at-all"),
            staff("another login that nobody has", "no"),
        ],
    );
    about_bookings(&town, &known, &unknown);
}

/// Bookings of somebody else, and links of bookings.
fn about_bookings(town: &Town, known: &str, unknown: &str) {
    let get = |about, path: String| Case { about, verb: "GET", path, form: String::new() };
    let link = |about, reference: &str| get(about, format!("/r/{reference}"));
    let booking = |about, reference: &str| get(about, format!("/bookings/{reference}"));
    measure(
        town,
        Role::Stranger,
        [
            booking("a booking of somebody else, with a phone proved", known),
            booking("the same again, as a control", known),
            booking("no such booking, with a phone proved", unknown),
            booking("no reference, with a phone proved", "AAAA"),
        ],
    );
    measure(
        town,
        Role::Nobody,
        [
            link("the link of a booking, to a stranger", known),
            link("the same again, as a control", known),
            link("the link of no booking", unknown),
            link("a link that is no reference", "AAAA"),
        ],
    );
}

/// A reference with a right check sign that no booking has.
fn unknown_reference(known: &str) -> String {
    let chance = SeededChance::new(99);
    std::iter::repeat_with(|| ReferenceCode::random(&chance).as_str().to_owned())
        .find(|one| one != known)
        .unwrap()
}

/// Times all cases by turns in a random order, and prints how far each is from the first.
fn measure(town: &Town, role: Role, cases: [Case; 4]) {
    let samples = std::env::var_os(VARIABLE).map_or(SAMPLES, |text| text.to_str().unwrap().parse().unwrap());
    let browser = town.browser(role);
    let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
    let mut wire = Wire::to(&town.app);
    let cookies = browser.cookie_header();
    let chance = SeededChance::new(2026);
    let mut times = [const { Vec::new() }; 4];
    for round in 0..samples + 10 {
        let mut order = [0, 1, 2, 3];
        (1..4).for_each(|place| order.swap(place, usize::try_from(chance.below(place as u64 + 1)).unwrap()));
        // Every limit is an hour's at most, so no answer is a refusal.
        town.app.pass_minutes(61);
        for one in order {
            town.app.await_messages_sent();
            let case = &cases[one];
            let form = case.form.replace("{csrf}", &token);
            let began = Instant::now();
            let reply = wire.ask(case.verb, &case.path, &[("Cookie", &cookies)], &form);
            let microseconds = began.elapsed().as_secs_f64() * 1e6;
            assert!(matches!(reply.status, 303 | 404 | 422), "{}: {reply:?}", case.about);
            // The first ones warm everything up.
            if round >= 10 {
                times[one].push(microseconds);
            }
        }
    }
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let median = |times: &[f64]| times[times.len() / 2];
    // Kolmogorov and Smirnov: a larger distance comes by chance once in a hundred times.
    let critical = 1.628 * (2.0 / times[0].len() as f64).sqrt();
    println!(
        "\n{:46} {:>10} {:>10} {:>9}  (KS above {critical:.3} is no chance)",
        "", "median µs", "apart µs", "KS"
    );
    for (case, of_case) in cases.iter().zip(&times) {
        let apart = median(of_case) - median(&times[0]);
        let distance = distance(&times[0], of_case);
        println!("{:46} {:10.0} {apart:+10.0} {distance:9.3}", case.about, median(of_case));
    }
}

/// The greatest distance between the shares of two sorted samples that lie below any value.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let below = |times: &[f64], value: f64| times.partition_point(|time| *time <= value) as f64;
    let apart = |value: &f64| {
        (below(one, *value) / one.len() as f64 - below(other, *value) / other.len() as f64).abs()
    };
    one.iter().chain(other).map(apart).fold(0.0, f64::max)
}
