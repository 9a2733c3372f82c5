//! Where: province and district, or near a place, then the sites there with their free seats in words.

use askama::Template;
use jiff::civil::Date;

use super::STEPS;
use super::choices::Choices;
use super::errand::Errand;
use super::search::{self, Where, next_days, place_code};
use super::seats;
use crate::domain::region::{Place, Province, Regions};
use crate::domain::seat_search::OpenDay;
use crate::domain::site::{Features, Site};
use crate::engine::finder::{Finder, FoundSite};
use crate::language::{Language, Remembered};
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

/// Sites on a page.
const SITES_PER_PAGE: usize = 8;

/// Days shown of each site.
const DAYS_SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "pages/book-where.html")]
struct WherePage {
    frame: Frame,
    steps: u8,
    is_change: bool,
    back: String,
    action: String,
    hidden: Vec<(&'static str, String)>,
    near: String,
    /// What is chosen from: provinces, or the districts of one.
    options: Vec<PlaceOption>,
    /// The province whose districts they are.
    province: String,
    /// Districts that the typed text can mean.
    meant: Vec<Link>,
    /// Whether something was typed that nothing fits.
    nothing: bool,
}

struct PlaceOption {
    code: String,
    text: String,
}

struct Link {
    href: String,
    text: String,
}

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

/// The page that the choices ask for.
pub fn page(visitor: &Visitor, errand: &Errand, choices: &Choices) -> Answer {
    match Where::chosen(choices) {
        place @ (Where::District(_) | Where::Around(_)) => sites_page(visitor, errand, choices, &place),
        place @ Where::Named(_) => {
            let found = search::sites(&finder(visitor, errand), choices, &place);
            if found.is_empty() && !is_filtered(choices) {
                return where_page(visitor, errand, choices, None, &[]);
            }
            sites_page(visitor, errand, choices, &place)
        }
        Where::Several(meant) => where_page(visitor, errand, choices, None, &meant),
        Where::Province(province) => where_page(visitor, errand, choices, Some(province), &[]),
        Where::Country => where_page(visitor, errand, choices, None, &[]),
    }
}

fn finder<'a>(visitor: &'a Visitor, errand: &Errand) -> Finder<'a> {
    Finder::new(visitor.engine(), &errand.search)
}

fn where_page(
    visitor: &Visitor,
    errand: &Errand,
    choices: &Choices,
    province: Option<&Province>,
    meant: &[Place<'static>],
) -> Answer {
    let (l, counts) = (visitor.language, finder(visitor, errand).count());
    let counted = |code: String, name: &str, sites: usize| {
        let text = l.say("book-where-sites").with("place", name).with("sites", sites).to_string();
        PlaceOption { code, text }
    };
    let options = match province {
        None => Regions::korea()
            .provinces()
            .iter()
            .map(|one| (one, counts.within(one, None)))
            .map(|(one, sites)| counted(one.code.to_owned(), province_name(l, one), sites))
            .collect(),
        Some(province) => province
            .districts
            .iter()
            .map(|one| (one, counts.within(province, Some(one))))
            .map(|(one, sites)| counted(place_code((province, one)), name(l, one.korean, one.english), sites))
            .collect(),
    };
    let clean = choices.elsewhere("", "");
    let meant_link = |place: &Place<'static>| Link {
        href: errand.places_link(&choices.elsewhere("", &place_code(*place))),
        text: place_name(l, *place),
    };
    let page = WherePage {
        steps: STEPS,
        is_change: errand.is_change(),
        back: match province {
            Some(_) => errand.places_link(&clean),
            None => errand.start_link(choices),
        },
        action: errand.places_path(),
        hidden: clean.pairs(),
        near: choices.near.clone(),
        options,
        province: province.map(|one| province_name(l, one).to_owned()).unwrap_or_default(),
        meant: meant.iter().map(meant_link).collect(),
        nothing: meant.is_empty() && !choices.near.is_empty(),
        frame: visitor.frame(),
    };
    visitor.page(&page)
}

fn sites_page(visitor: &Visitor, errand: &Errand, choices: &Choices, place: &Where) -> Answer {
    let (l, finder) = (visitor.language, finder(visitor, errand));
    let found = search::sites(&finder, choices, place);
    let pages = found.len().div_ceil(SITES_PER_PAGE).max(1);
    let current = choices.page.clamp(1, pages);
    let turn = |to: usize| {
        let there = (1..=pages).contains(&to);
        if there { errand.places_link(&choices.on_page(to)) } else { String::new() }
    };
    let shown = found.iter().skip((current - 1) * SITES_PER_PAGE).take(SITES_PER_PAGE);
    let (people, link) = (errand.search.people(), errand.times_links(choices));
    let vaccines = errand.search.products();
    let unfiltered = Choices {
        features: Features::default(),
        vaccine: String::new(),
        page: 0,
        day: None,
        ..choices.clone()
    };
    let page = SitesPage {
        steps: STEPS,
        is_change: errand.is_change(),
        back: errand.places_link(&choices.elsewhere("", "")),
        place: l
            .say("book-sites-found")
            .with("place", place_text(l, place))
            .with("sites", found.len())
            .to_string(),
        others: other_ways(l, errand, choices, place),
        sites: shown.map(|one| site_line(l, people, &link, (one, &finder.open_days(one)))).collect(),
        action: errand.places_path(),
        hidden: unfiltered.pairs(),
        features: choices.features,
        vaccine: choices.vaccine.clone(),
        vaccines: if vaccines.len() > 1 {
            let option =
                |code: &str, name: &str| PlaceOption { code: code.to_owned(), text: name.to_owned() };
            vaccines.iter().map(|one| option(&one.code, one.name.in_language(l.code()))).collect()
        } else {
            Vec::new()
        },
        filtered: is_filtered(choices),
        previous: turn(current.saturating_sub(1)),
        next: turn(current + 1),
        frame: visitor.frame(),
    };
    visitor.page(&page)
}

fn is_filtered(choices: &Choices) -> bool {
    choices.features != Features::default() || !choices.vaccine.is_empty()
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

fn name<'a>(l: Language, korean: &'a str, english: &'a str) -> &'a str {
    match l {
        Language::Korean => korean,
        Language::English => english,
    }
}

fn province_name(l: Language, province: &Province) -> &'static str {
    name(l, province.korean, province.english)
}

fn place_name(l: Language, (province, district): Place<'_>) -> String {
    let (province, district) = (province_name(l, province), name(l, district.korean, district.english));
    l.say("book-where-place").with("province", province).with("district", district).to_string()
}

fn place_text(l: Language, place: &Where) -> String {
    match place {
        Where::District(here) => place_name(l, *here),
        Where::Around(here) => l.say("book-where-around").with("place", place_name(l, *here)).to_string(),
        Where::Named(text) => text.clone(),
        Where::Country | Where::Province(_) | Where::Several(_) => String::new(),
    }
}
