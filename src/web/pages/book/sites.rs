//! The sites in a place, with their free seats in words.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use jiff::civil::Date;

use super::STEPS;
use super::choices::Choices;
use super::errand::{Errand, Goal};
use super::places::{Link, PlaceOption, place_text};
use super::search::{self, Where, next_days, place_code};
use super::seats;
use super::site_pages::{Question, Written};
use crate::domain::seat_search::OpenDay;
use crate::domain::site::{Features, Site};
use crate::engine::finder::{Basis, Finder, FoundSite};
use crate::language::{Language, Remembered};
use crate::web::page::{Frame, rendered};
use crate::web::pieces::TOKEN;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Sites on a page.
const SITES_PER_PAGE: usize = 8;

/// Days shown of each site.
const DAYS_SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "pages/book-sites.html")]
struct SitesPage {
    frame: Frame,
    steps: u8,
    is_change: bool,
    back: String,
    /// The place and how many sites were found.
    place: String,
    /// Other ways to look: around the district, by name.
    others: Vec<Link>,
    sites: Vec<SiteLine>,
    action: String,
    hidden: Vec<(&'static str, String)>,
    features: Features,
    vaccine: String,
    vaccines: Vec<PlaceOption>,
    /// Whether any filter is set.
    filtered: bool,
    previous: String,
    next: String,
}

struct SiteLine {
    /// Empty when the site is full.
    link: String,
    name: String,
    address: String,
    /// Distance and features in words.
    about: String,
    days: Vec<String>,
}

/// The page with the sites of a place; `None` when what was typed is no site's name.
///
/// # Errors
/// [`Problem::Broken`] when the page can't be written.
pub fn page(
    visitor: &Visitor,
    errand: &Errand,
    choices: &Choices,
    place: &Where,
) -> Result<Option<HttpResponse>, Problem> {
    let (finder, frame) = (Finder::new(visitor.engine(), &errand.search), visitor.frame());
    let (pages, token) = (&visitor.web.kept.sites, frame.csrf.clone());
    // Other errands name a booking or a held party; staff and old pages have marks of their own in the menu.
    let is_asked_often =
        matches!(errand.goal, Goal::Book { .. }) && frame.staff.is_none() && frame.mark.is_empty();
    let question = is_asked_often.then(|| Question {
        language: visitor.language,
        signed_in: frame.signed_in,
        path: visitor.path.clone(),
        vaccines: errand.search.products().into_iter().map(|product| product.id).collect(),
        outlook: finder.outlook().clone(),
    });
    if let Some(pieces) = question.as_ref().and_then(|question| pages.find(question, &finder, &token)) {
        return Ok(Some(visitor.written::<SitesPage>(StatusCode::OK, pieces)));
    }
    let basis = finder.basis(search::suitable(&finder, choices, place));
    if matches!(place, Where::Named(_)) && basis.is_empty() && !choices.is_filtered() {
        return Ok(None);
    }
    let Some(question) = question else {
        return visitor.page(&sites_page(frame, errand, choices, place, (&finder, &basis))).map(Some);
    };
    let shared = Frame { csrf: TOKEN.to_owned(), ..frame };
    let text = rendered(&sites_page(shared, errand, choices, place, (&finder, &basis)))?;
    let written = Written::of(basis, &text);
    let pieces = written.with(token);
    pages.keep(question, written);
    Ok(Some(visitor.written::<SitesPage>(StatusCode::OK, pieces)))
}

fn sites_page(
    frame: Frame,
    errand: &Errand,
    choices: &Choices,
    place: &Where,
    (finder, basis): (&Finder<'_>, &Basis),
) -> SitesPage {
    let l = frame.language;
    let found = search::in_order(finder.look_at(basis), choices);
    let pages = found.len().div_ceil(SITES_PER_PAGE).max(1);
    let current = choices.page.clamp(1, pages);
    let turn = |to: usize| {
        let there = (1..=pages).contains(&to);
        if there { errand.places_link(&choices.on_page(to)) } else { String::new() }
    };
    let shown = found.iter().skip((current - 1) * SITES_PER_PAGE).take(SITES_PER_PAGE);
    let (people, link) = (errand.search.people(), errand.times_links(choices));
    let unfiltered = Choices {
        features: Features::default(),
        vaccine: String::new(),
        page: 0,
        day: None,
        ..choices.clone()
    };
    SitesPage {
        steps: STEPS,
        is_change: errand.is_change(),
        back: errand.places_link(&choices.elsewhere("", "")),
        place: l
            .say(if found.len() < search::CANDIDATES_MAX { "book-sites-found" } else { "book-sites-nearest" })
            .with("place", place_text(l, place))
            .with("sites", found.len())
            .to_string(),
        others: other_ways(l, errand, choices, place),
        sites: shown.map(|one| site_line(l, people, &link, (one, &finder.open_days(one)))).collect(),
        action: errand.places_path(),
        hidden: unfiltered.pairs(),
        features: choices.features,
        vaccine: choices.vaccine.clone(),
        vaccines: vaccine_choices(l, errand),
        filtered: choices.is_filtered(),
        previous: turn(current.saturating_sub(1)),
        next: turn(current + 1),
        frame,
    }
}

/// The vaccines to choose from; none when there is nothing to choose.
fn vaccine_choices(l: Language, errand: &Errand) -> Vec<PlaceOption> {
    match errand.search.products().as_slice() {
        [] | [_] => Vec::new(),
        several => several
            .iter()
            .map(|one| PlaceOption {
                code: one.code.clone(),
                text: one.name.in_language(l.code()).to_owned(),
            })
            .collect(),
    }
}

fn other_ways(l: Language, errand: &Errand, choices: &Choices, place: &Where) -> Vec<Link> {
    let link = |to: &Choices, key: &str| Link { href: errand.places_link(to), text: l.say(key).to_string() };
    match place {
        Where::District(here) => vec![link(&choices.elsewhere("", &place_code(*here)), "book-sites-around")],
        Where::Around(_) if choices.by_name => {
            vec![link(&Choices { by_name: false, page: 0, ..choices.clone() }, "book-sites-by-distance")]
        }
        Where::Around(_) => {
            vec![link(&Choices { by_name: true, page: 0, ..choices.clone() }, "book-sites-by-name")]
        }
        _ => Vec::new(),
    }
}

fn site_line(
    l: Language,
    people: usize,
    link: impl Fn(&Site) -> String,
    (found, days): (&FoundSite, &[OpenDay]),
) -> SiteLine {
    let site = &found.site;
    let mut about: Vec<String> = Vec::new();
    if let Some(far) = found.kilometres {
        about.push(l.say("book-sites-distance").with("kilometres", format!("{far:.1}")).to_string());
    }
    let features = [
        (site.features.step_free, "book-step-free"),
        (site.features.evenings, "book-evenings"),
        (site.features.weekend, "book-weekend"),
        (site.features.parking, "book-parking"),
    ];
    about.extend(features.iter().filter(|(there, _)| *there).map(|(_, key)| l.say(key).to_string()));
    SiteLine {
        link: if found.fits { link(site) } else { String::new() },
        name: site.name.clone(),
        address: site.address.clone(),
        about: about.join(" · "),
        days: next_days(days, DAYS_SHOWN).iter().map(|day| day_in_words(l, day, people)).collect(),
    }
}

/// A day and how many seats it has, for a party of `people`.
fn day_in_words(l: Language, day: &OpenDay, people: usize) -> String {
    thread_local! {
        static WORDS: Remembered<(Language, Date, String)> = Remembered::default();
    }
    let seats = seats::in_words(l, day.free, people, day.fits);
    let words = |seats: &String| {
        l.say("book-sites-day").with("day", l.short_date(day.day)).with("seats", seats).to_string()
    };
    WORDS.with(|known| known.say((l, day.day, seats.clone()), || words(&seats)))
}
