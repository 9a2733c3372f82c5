//! What a visitor chose so far. Before the hold it lives in the URL, so that the back button and two tabs just work.

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jiff::civil::Date;

use crate::domain::site::Features;
use crate::web::problem::Problem;

/// People in a party, far above what the rules allow; more in a URL are not read.
const PEOPLE_MAX: usize = 50;

/// The longest place or name that is searched for, in characters.
const NEAR_CHARS_MAX: usize = 40;

/// What a visitor chose. Anything in the URL that makes no sense is as if it were not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The people of the party, by their number in the list.
    pub people: Vec<i32>,
    /// A province, or a province and a district (`seoul.jongno-gu`), in which sites are looked for.
    pub within: String,
    /// A province and a district around which sites are looked for.
    pub around: String,
    /// What was typed to say where.
    pub near: String,
    /// The code of the wanted vaccine; empty for any.
    pub vaccine: String,
    /// What the site must offer.
    pub features: Features,
    /// Sites by name rather than by distance.
    pub by_name: bool,
    /// The page of a list, from 1; 0 when none was chosen.
    pub page: usize,
    /// The day.
    pub day: Option<Date>,
    /// Whether the visitor came to book for themselves.
    pub for_me: bool,
}

impl Choices {
    /// Reads a query.
    pub fn parse(query: &str) -> Self {
        let mut choices = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let yes = value == "1";
            match name.as_ref() {
                "p" => choices.add_person(&value),
                "in" => choices.within = code(value),
                "at" => choices.around = code(value),
                "near" => choices.near = short(&value),
                "vaccine" => choices.vaccine = code(value),
                "step-free" => choices.features.step_free = yes,
                "evenings" => choices.features.evenings = yes,
                "weekend" => choices.features.weekend = yes,
                "sort" => choices.by_name = value == "name",
                "page" => choices.page = value.parse().unwrap_or(0),
                "day" => choices.day = value.parse().ok(),
                "for" => choices.for_me = value == "me",
                _ => {}
            }
        }
        choices
    }

    fn add_person(&mut self, value: &str) {
        if let Ok(number) = value.parse()
            && !self.people.contains(&number)
            && self.people.len() < PEOPLE_MAX
        {
            self.people.push(number);
        }
    }

    /// What was chosen as fields of a form or a query.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<(&'static str, String)> =
            self.people.iter().map(|number| ("p", number.to_string())).collect();
        let texts =
            [("in", &self.within), ("at", &self.around), ("near", &self.near), ("vaccine", &self.vaccine)];
        pairs.extend(
            texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())),
        );
        let ticks = [
            ("step-free", self.features.step_free),
            ("evenings", self.features.evenings),
            ("weekend", self.features.weekend),
        ];
        pairs.extend(ticks.into_iter().filter(|(_, ticked)| *ticked).map(|(name, _)| (name, "1".to_owned())));
        if self.by_name {
            pairs.push(("sort", "name".to_owned()));
        }
        if self.page > 0 {
            pairs.push(("page", self.page.to_string()));
        }
        pairs.extend(self.day.map(|day| ("day", day.to_string())));
        if self.for_me {
            pairs.push(("for", "me".to_owned()));
        }
        pairs
    }

    /// `path` with what was chosen behind it.
    pub fn link(&self, path: &str) -> String {
        format!("{path}{}", self.query())
    }

    /// What was chosen as the query behind a path; empty when nothing was.
    pub fn query(&self) -> String {
        let query = serde_html_form::to_string(self.pairs()).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// Whether sites are left out that lack something.
    pub fn is_filtered(&self) -> bool {
        self.features != Features::default() || !self.vaccine.is_empty()
    }

    /// The same people, nothing else.
    pub fn people_only(&self) -> Self {
        Self { people: self.people.clone(), ..Self::default() }
    }

    /// The same, on a page of a list.
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The same, on a day.
    pub fn on_day(&self, day: Option<Date>) -> Self {
        Self { day, page: 0, ..self.clone() }
    }

    /// The same, with a vaccine.
    pub fn with_vaccine(&self, vaccine: &str) -> Self {
        Self { vaccine: vaccine.to_owned(), ..self.clone() }
    }

    /// The same people and filters, in another place.
    pub fn elsewhere(&self, within: &str, around: &str) -> Self {
        Self {
            within: within.to_owned(),
            around: around.to_owned(),
            near: String::new(),
            page: 0,
            day: None,
            ..self.clone()
        }
    }
}

fn short(text: &str) -> String {
    let cut: String = text.trim().chars().take(NEAR_CHARS_MAX).collect();
    cut.trim_end().to_owned()
}

/// A code of ours; anything else in its place is nothing.
fn code(value: Cow<'_, str>) -> String {
    let is_code = value.len() <= 80
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if is_code { value.into_owned() } else { String::new() }
}

impl FromRequest for Choices {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::parse(request.query_string())))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_chosen_comes_back_from_the_url() {
        let choices = Choices {
            people: vec![1, 3],
            within: "seoul.jongno-gu".into(),
            around: "busan.jung-gu".into(),
            near: "강남 & 서초".into(),
            vaccine: "flu-high-dose".into(),
            features: Features { step_free: true, evenings: true, weekend: true, parking: false },
            by_name: true,
            page: 2,
            day: Some(date(2026, 11, 25)),
            for_me: true,
        };
        let link = choices.link("/book/flu/where");
        let query = link.strip_prefix("/book/flu/where?").unwrap();
        assert_eq!(Choices::parse(query), choices);
        assert_eq!(Choices::default().link("/book"), "/book");
    }

    #[test]
    fn nonsense_in_the_url_is_not_there() {
        let choices = Choices::parse(
            "p=1&p=x&p=1&p=2&p=99999999999&in=a%2Fb&vaccine=%3Cb%3E&page=-1&day=2026-02-30&x=y&sort=up",
        );
        assert_eq!(choices, Choices { people: vec![1, 2], ..Choices::default() });
    }

    #[test]
    fn a_long_place_is_cut() {
        let choices = Choices::parse(&format!("near={}", "가".repeat(500)));
        assert_eq!(choices.near.chars().count(), NEAR_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn any_query_is_read_and_read_back(query in "[ -~]{0,80}") {
            let choices = Choices::parse(&query);
            let link = choices.link("");
            prop_assert_eq!(Choices::parse(link.trim_start_matches('?')), choices);
        }
    }
}
