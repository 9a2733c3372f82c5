//! What stands in single cells of a sites file.

use std::collections::HashMap;
use std::str::FromStr;

use jiff::civil::Weekday;

use super::columns::Column;
use super::error::Problem;
use crate::domain::ids::ProductId;
use crate::domain::position::Position;
use crate::domain::site::{Features, Offer};
use crate::domain::text::{fold_width, is_blank, is_hyphen};
use crate::domain::weekly_hours::WeeklyHours;

/// The most seats that one half hour of one product may have: more is a slip of the keyboard.
const SEATS_MAX: u16 = 1_000;

/// Digits of a telephone number, from a short public one (1339) to two numbers with extensions.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=40;

/// From this hour on it is evening.
const EVENING_HOUR: i8 = 18;

const NONE: [&str; 3] = ["none", "없음", "-"];

/// A cell without stray blanks: none around, single ones within, no invisible signs, full-width signs made plain.
pub(super) fn clean(cell: &str) -> String {
    let visible = |sign: &char| sign.is_whitespace() || !is_blank(*sign);
    let plain: String = fold_width(cell).chars().filter(visible).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name for comparing: letters and digits only, in small letters.
pub(super) fn fold(text: &str) -> String {
    clean(text).chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words parted by blanks, commas and the like.
fn words(cell: &str) -> impl Iterator<Item = String> {
    let parts = |sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | '/' | '|' | '·');
    let words: Vec<String> = clean(cell).split(parts).map(str::to_lowercase).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// The position of a row: both degrees or neither.
pub(super) fn position(latitude: &str, longitude: &str) -> Result<Option<Position>, Vec<Problem>> {
    let (latitude, longitude) = (clean(latitude), clean(longitude));
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(None);
    }
    let read = |column: Column, text: &str, example: &str| {
        let accepted = format!("degrees such as {example}");
        text.parse::<f64>().ok().ok_or_else(|| Problem::new(column, text, accepted))
    };
    match (read(Column::Latitude, &latitude, "37.5665"), read(Column::Longitude, &longitude, "126.9780")) {
        (Ok(north), Ok(east)) => match Position::new(north, east) {
            Ok(position) => Ok(Some(position)),
            Err(error) => {
                let found = format!("{latitude}, {longitude}");
                Err(vec![Problem::new("position", &found, format!("degrees in range: {error}"))])
            }
        },
        (north, east) => Err([north.err(), east.err()].into_iter().flatten().collect()),
    }
}

/// A public number as it is written, if it looks like one at all.
pub(super) fn phone(cell: &str) -> Result<Option<String>, Problem> {
    let text = clean(cell);
    if text.is_empty() || NONE.contains(&text.as_str()) {
        return Ok(None);
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let rest = text.to_lowercase().replace("내선", "").replace("교환", "").replace("ext", "");
    let fits = |sign: char| sign.is_ascii_digit() || is_hyphen(sign) || " ()+~,./:#".contains(sign);
    if PHONE_DIGITS.contains(&digits) && rest.chars().all(fits) {
        Ok(Some(text))
    } else {
        Err(Problem::new(Column::Phone, &text, "a number such as 02-120 or 1339, or leave it empty"))
    }
}

/// What the words say and what the hours show: a site with late hours is open on evenings, named or not.
pub(super) fn features(cell: &str, hours: Option<&WeeklyHours>) -> Result<Features, Vec<Problem>> {
    let mut features = hours.map(features_of).unwrap_or_default();
    let mut problems = Vec::new();
    for word in words(cell).filter(|word| !NONE.contains(&word.as_str())) {
        match word.strip_suffix("가능").unwrap_or(&word) {
            "step-free" | "stepfree" | "wheelchair" | "휠체어" | "무단차" => features.step_free = true,
            "evenings" | "evening" | "야간" => features.evenings = true,
            "weekend" | "weekends" | "주말" => features.weekend = true,
            "parking" | "주차" | "주차장" => features.parking = true,
            _ => problems.push(Problem::new(
                Column::Features,
                &word,
                "step-free (휠체어), evenings (야간), weekend (주말), parking (주차)",
            )),
        }
    }
    if problems.is_empty() { Ok(features) } else { Err(problems) }
}

fn features_of(hours: &WeeklyHours) -> Features {
    let days = Weekday::Monday.cycle_forward().take(7);
    Features {
        evenings: days
            .flat_map(|day| hours.spans_on(day))
            .any(|span| (span.to.hour(), span.to.minute()) > (EVENING_HOUR, 0)),
        weekend: [Weekday::Saturday, Weekday::Sunday].iter().any(|day| !hours.spans_on(*day).is_empty()),
        ..Features::default()
    }
}

/// Seats each half hour; `None` for an empty cell.
pub(super) fn seats(cell: &str) -> Result<Option<u16>, Problem> {
    let text = clean(cell);
    if text.is_empty() {
        return Ok(None);
    }
    seats_in(&text).map(Some).ok_or_else(|| {
        Problem::new(Column::Seats, &text, format!("how many seats each half hour has, 1 to {SEATS_MAX}"))
    })
}

fn seats_in(text: &str) -> Option<u16> {
    text.parse().ok().filter(|seats| (1..=SEATS_MAX).contains(seats))
}

/// Codes of products, each with its own seats or without: `flu-2026:6 covid-2026`, or `none`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductList(Vec<(String, Option<u16>)>);

/// Why a text is not a list of products.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{found}\" is no product; write codes, each once, with the seats of a half hour (1 to {SEATS_MAX}) if they differ: \
     \"flu-2026:6 covid-2026\", or \"none\""
)]
pub struct ProductListError {
    /// The word.
    pub found: String,
}

impl FromStr for ProductList {
    type Err = ProductListError;

    fn from_str(text: &str) -> Result<Self, ProductListError> {
        let mut products: Vec<(String, Option<u16>)> = Vec::new();
        let all: Vec<String> = words(text).collect();
        if matches!(all.as_slice(), [word] if NONE.contains(&word.as_str())) {
            return Ok(Self::default());
        }
        if all.is_empty() {
            return Err(ProductListError { found: text.to_owned() });
        }
        for word in all {
            let wrong = || ProductListError { found: word.clone() };
            let (code, seats) = match word.split_once(':') {
                None => (word.as_str(), None),
                Some((code, seats)) => (code, Some(seats_in(seats).ok_or_else(wrong)?)),
            };
            if code.is_empty() || products.iter().any(|(known, _)| known == code) {
                return Err(wrong());
            }
            products.push((code.to_owned(), seats));
        }
        Ok(Self(products))
    }
}

impl ProductList {
    /// Whether every product has its own seats.
    pub(super) fn has_seats(&self) -> bool {
        self.0.iter().all(|(_, seats)| seats.is_some())
    }

    /// The offers of a site, by product as they are stored. `seats` stands in for products without their own.
    pub(super) fn offers(
        &self,
        seats: Option<u16>,
        known: &HashMap<String, ProductId>,
    ) -> Result<Vec<Offer>, Vec<Problem>> {
        let (mut offers, mut problems) = (Vec::new(), Vec::new());
        for (code, own) in &self.0 {
            match (known.get(code), own.or(seats)) {
                (Some(product), Some(seats)) => offers.push(Offer { product: *product, seats }),
                (Some(_), None) => problems.push(Problem::missing(
                    Column::Seats,
                    format!("how many seats {code} has each half hour, 1 to {SEATS_MAX}"),
                )),
                (None, _) => problems.push(Problem::new(Column::Products, code, known_codes(known))),
            }
        }
        offers.sort_by_key(|offer| offer.product);
        if problems.is_empty() { Ok(offers) } else { Err(problems) }
    }
}

fn known_codes(known: &HashMap<String, ProductId>) -> String {
    let mut codes: Vec<&str> = known.keys().map(String::as_str).collect();
    codes.sort_unstable();
    if codes.is_empty() {
        "a known product; there is none yet, so import a campaign first".to_owned()
    } else {
        format!("a known product: {}", codes.join(", "))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn stray_blanks_and_wide_signs_go() {
        assert_eq!(clean(" 북구\u{3000} 종합\u{FEFF}체육관（３층）\n"), "북구 종합체육관(3층)");
        assert_eq!(fold("D동 (3층)"), fold("d동3층"));
    }

    #[test]
    fn a_position_is_whole_or_absent() {
        assert_eq!(position(" ", ""), Ok(None));
        assert!(position("37.5", " 127 ").unwrap().is_some());
        assert_eq!(position("37.5", "").unwrap_err().len(), 1);
        assert_eq!(position("x", "y").unwrap_err().len(), 2);
        assert!(position("127.0", "37.5").unwrap_err()[0].to_string().contains("latitude"));
        assert!(position("nan", "0").is_err());
    }

    #[test]
    fn public_numbers_stay_as_they_are_written() {
        for number in ["02-120", "1339", "(031) 000-0000~3", "+82 2 0000 0000", "000-0000 (내선 12)"] {
            assert_eq!(phone(number), Ok(Some(number.to_owned())));
        }
        assert_eq!(phone(" 없음 "), Ok(None));
        for text in ["보건소", "12", "홍길동 02-120"] {
            assert!(phone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn features_come_from_words_and_hours() {
        let late = WeeklyHours::parse("Mon-Fri 09:00-20:00").unwrap();
        let found = features("휠체어, 주차가능", Some(&late)).unwrap();
        assert_eq!(found, Features { step_free: true, evenings: true, weekend: false, parking: true });
        let saturday = WeeklyHours::parse("Sat 09:00-18:00").unwrap();
        let found = features("", Some(&saturday)).unwrap();
        assert_eq!(found, Features { weekend: true, ..Features::default() });
        assert_eq!(features("step-free pool sauna", None).unwrap_err().len(), 2);
    }

    #[test]
    fn products_have_their_own_seats_or_the_site_s() {
        let known = HashMap::from([("flu".to_owned(), ProductId(2)), ("covid".to_owned(), ProductId(1))]);
        let list: ProductList = "flu:6, COVID".parse().unwrap();
        let offers = list.offers(Some(4), &known).unwrap();
        assert_eq!(
            offers.iter().map(|offer| (offer.product.0, offer.seats)).collect::<Vec<_>>(),
            [(1, 4), (2, 6)]
        );
        assert!(list.offers(None, &known).is_err());
        assert!("mumps".parse::<ProductList>().unwrap().offers(Some(4), &known).is_err());
        assert!("none".parse::<ProductList>().unwrap().offers(None, &known).unwrap().is_empty());
        for text in ["", "flu:0", "flu:x", "flu flu", ":4", "flu:1001"] {
            assert!(text.parse::<ProductList>().is_err(), "{text}");
        }
    }
}
