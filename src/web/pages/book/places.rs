//! Where: province and district, or near a place.

use askama::Template;

use super::STEPS;
use super::choices::Choices;
use super::errand::Errand;
use super::search::{Where, place_code};
use super::sites;
use crate::domain::region::{Place, Province, Regions};
use crate::engine::finder::Finder;
use crate::language::Language;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

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

/// A choice in a list.
pub struct PlaceOption {
    /// How it is called in URLs.
    pub code: String,
    /// Its words.
    pub text: String,
}

/// A link with its words.
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub text: String,
}

/// The page that the choices ask for.
pub fn page(visitor: &Visitor, errand: &Errand, choices: &Choices) -> Answer {
    match Where::chosen(choices) {
        place @ (Where::District(_) | Where::Around(_) | Where::Named(_)) => {
            match sites::page(visitor, errand, choices, &place)? {
                Some(page) => Ok(page),
                None => where_page(visitor, errand, choices, None, &[]),
            }
        }
        Where::Several(meant) => where_page(visitor, errand, choices, None, &meant),
        Where::Province(province) => where_page(visitor, errand, choices, Some(province), &[]),
        Where::Country => where_page(visitor, errand, choices, None, &[]),
    }
}

fn where_page(
    visitor: &Visitor,
    errand: &Errand,
    choices: &Choices,
    province: Option<&Province>,
    meant: &[Place<'static>],
) -> Answer {
    let (l, counts) = (visitor.language, Finder::new(visitor.engine(), &errand.search).count());
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

fn name<'a>(l: Language, korean: &'a str, english: &'a str) -> &'a str {
    match l {
        Language::Korean => korean,
        Language::English => english,
    }
}

fn province_name(l: Language, province: &Province) -> &'static str {
    name(l, province.korean, province.english)
}

/// A district with its province.
pub fn place_name(l: Language, (province, district): Place<'_>) -> String {
    let (province, district) = (province_name(l, province), name(l, district.korean, district.english));
    l.say("book-where-place").with("province", province).with("district", district).to_string()
}

/// The place in which sites were looked for, in words.
pub fn place_text(l: Language, place: &Where) -> String {
    match place {
        Where::District(here) => place_name(l, *here),
        Where::Around(here) => l.say("book-where-around").with("place", place_name(l, *here)).to_string(),
        Where::Named(text) => text.clone(),
        Where::Country | Where::Province(_) | Where::Several(_) => String::new(),
    }
}
