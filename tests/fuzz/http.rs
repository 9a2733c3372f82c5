//! Hostile requests over HTTP: each gets an answer, and none is a fault or an outage.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use proptest::test_runner::{TestCaseError, TestRunner};
use sunbeon::web::routes::{Needs, Route, map};

use crate::app::{Language, OPENING, Reply, TICKET, TestApp, Wire};
use crate::cases;
use crate::on_both;
use crate::requests::{Ask, ask, encoded, header_value, written};
use crate::visitors::Town;

on_both!(
    every_request_gets_an_answer_that_is_no_fault,
    every_request_on_an_evening_gets_one,
    every_request_beside_a_line_gets_one,
    a_nul_is_in_no_name_of_ours,
);

/// Requests after which everybody starts anew: some sign out, cancel and erase.
const REQUESTS_EACH_TOWN: u32 = 100;

/// Requests of each story, unless the environment asks for more.
const REQUESTS: u32 = 1500;

/// Requests while a door stands, which turns many of them away.
const REQUESTS_AT_A_DOOR: u32 = 500;

/// The longest query, and the longest form; beyond that the server closes the connection.
const QUERY_BYTES_MAX: usize = 8000;
const FORM_BYTES_MAX: usize = 60_000;

fn every_request_gets_an_answer_that_is_no_fault(app: &TestApp) {
    send_all(app, REQUESTS, None);
}

fn every_request_on_an_evening_gets_one(app: &TestApp) {
    app.evening("covid-2026");
    send_all(app, REQUESTS_AT_A_DOOR, Some(""));
}

fn every_request_beside_a_line_gets_one(app: &TestApp) {
    app.line("covid-2026");
    let browser = app.browser(Language::Korean);
    browser.get(&format!("/door/{OPENING}")).press(&Language::Korean.say("line-join").to_string());
    send_all(app, REQUESTS_AT_A_DOOR, Some(&browser.cookies()[TICKET]));
}

/// Sends so many; `ticket` is the citizen's, when a door stands.
fn send_all(app: &TestApp, requests: u32, ticket: Option<&str>) {
    let pages = map(true);
    let wire = RefCell::new(Wire::to(app));
    let answers = RefCell::new(BTreeMap::<u16, u32>::new());
    let (asked, done) = (Cell::new(0), Cell::new(0));
    for number in 0..cases(requests).cases.div_ceil(REQUESTS_EACH_TOWN) {
        let mut town = Town::settle(app, number as usize % 5_000);
        if let Some(ticket) = ticket {
            town.stand_at_the_door(ticket);
        }
        let config = proptest::test_runner::Config { cases: REQUESTS_EACH_TOWN, ..cases(1) };
        let answer = TestRunner::new(config).run(&ask(), |ask| {
            let reply = send(&mut wire.borrow_mut(), &pages, &town, &ask)?;
            *answers.borrow_mut().entry(reply.status).or_insert(0) += 1;
            asked.set(asked.get() + 1);
            done.set(done.get() + u32::from(is_taken(&reply)));
            Ok(())
        });
        if let Err(error) = answer {
            panic!("{error}");
        }
        // Holds run out and limits are forgotten.
        app.pass_minutes(11);
    }
    println!("{} requests, {} taken: {:?}", asked.get(), done.get(), answers.borrow());
    assert!(done.get() * 50 > asked.get(), "requests that nobody takes prove nothing");
}

/// PostgreSQL takes no text with a NUL in it, so none may come as far; nor by the door.
fn a_nul_is_in_no_name_of_ours(app: &TestApp) {
    app.evening("covid-2026");
    let (town, mut wire) = (Town::settle(app, 1), Wire::to(app));
    let (nobody, citizen) = (&town.visitors[0], &town.visitors[1]);
    for page in map(true) {
        let path: Vec<&str> =
            page.path.split('/').map(|part| if part.starts_with('{') { "%00" } else { part }).collect();
        for visitor in &town.visitors {
            for verb in ["GET", "POST"] {
                let body = if verb == "POST" { format!("csrf={}", visitor.csrf) } else { String::new() };
                let reply = wire.ask(verb, &path.join("/"), &[("Cookie", &visitor.cookies)], &body);
                assert!((200..500).contains(&reply.status), "{verb} {}: {}", page.path, reply.status);
            }
        }
    }
    let form = format!("csrf={}&login=a%00b&password=c%00d&email=a%00@b.c&reference=%00", nobody.csrf);
    for path in ["/clinic/sign-in", "/find", "/me/email"] {
        let cookies = if path == "/me/email" { &citizen.cookies } else { &nobody.cookies };
        let reply = wire.ask("POST", path, &[("Cookie", cookies)], &form);
        assert!((200..500).contains(&reply.status), "{path}: {}", reply.status);
    }
}

/// Whether a form did something: whoever is only sent to the door or to sign in did nothing.
fn is_taken(reply: &Reply) -> bool {
    let there = reply.header("location").trim();
    reply.status == 303 && !["/door/", "/sign-in", "/clinic/sign-in"].iter().any(|to| there.starts_with(to))
}

fn send(wire: &mut Wire, pages: &[Route], town: &Town, ask: &Ask) -> Result<Reply, TestCaseError> {
    let page = &pages[ask.page.index(pages.len())];
    let others = ["OPTIONS", "DELETE", "PUT"];
    let verbs: Vec<&str> = page.serves.iter().map(|(verb, _)| *verb).collect();
    let chosen = ask.verb.index(verbs.len() * 4 + 1);
    let verb = verbs.get(chosen % verbs.len()).filter(|_| chosen < verbs.len() * 4).copied();
    let verb = verb.unwrap_or(others[ask.visitor.index(others.len())]);
    let visitor = match page.needs(verb).filter(|_| ask.is_served) {
        None | Some(Needs::Nothing) => &town.visitors[ask.visitor.index(town.visitors.len())],
        Some(Needs::Staff | Needs::StaffOfSite | Needs::Authority) => {
            &town.visitors[2 + ask.visitor.index(2)]
        }
        Some(_) => &town.visitors[1],
    };
    let path = path_of(page, town, ask);
    let query = written(&ask.query, ask.broken.as_ref(), QUERY_BYTES_MAX);
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let mut form = ask.form.clone();
    if ask.has_token {
        form.insert(0, ("csrf".into(), visitor.csrf.clone()));
    }
    let is_post = verb == "POST";
    let body = if is_post { written(&form, ask.broken.as_ref(), FORM_BYTES_MAX) } else { String::new() };
    let cookies = match &ask.cookies {
        Some((true, more)) => format!("{}; {}", visitor.cookies, header_value(more)),
        Some((false, others)) => header_value(others),
        None => visitor.cookies.clone(),
    };
    let headers: Vec<(&str, String)> =
        ask.headers.iter().map(|(name, value)| (*name, header_value(value))).collect();
    let mut headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("Cookie", &cookies));
    let reply = wire.ask(verb, &target, &headers, &body);
    if reply.status == 0 || reply.status >= 500 {
        let what = format!("{verb} {target} with {headers:?} and {body:?}: {}", reply.status);
        return Err(TestCaseError::fail(what));
    }
    Ok(reply)
}

/// The page's path: what is really there in the places of its names, or what the request says.
fn path_of(page: &Route, town: &Town, ask: &Ask) -> String {
    let mut names = ask.names.iter();
    let parts = page.path.split('/').map(|part| {
        let Some(end) = part.find('}').filter(|_| part.starts_with('{')) else { return part.to_owned() };
        let own: Vec<&String> =
            town.own.iter().filter(|(name, _)| *name == &part[..=end]).map(|(_, value)| value).collect();
        let there = if own.is_empty() { "1" } else { own[ask.verb.index(own.len())] };
        match names.next() {
            Some(Some(name)) => format!("{}{}", encoded(name), &part[end + 1..]),
            _ => there.to_owned(),
        }
    });
    let mut path = parts.collect::<Vec<_>>().join("/");
    path.truncate(QUERY_BYTES_MAX);
    path
}
