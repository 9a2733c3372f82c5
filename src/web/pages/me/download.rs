//! Everything we know about the citizen, as a file. Its field names are words, so that people can read it too.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;

use crate::domain::person::CaredFor;
use crate::keys::KeyRing;
use crate::language::Language;
use crate::store::bookings::{self, Booking};
use crate::store::people::{self, Carer};
use crate::store::{Conn, StoreError};
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

#[derive(Serialize)]
struct Everything {
    made_at: String,
    phone: String,
    email: Option<String>,
    messages_in: &'static str,
    reminders_by_text: bool,
    people_i_care_for: Vec<PersonPart>,
    who_cares_for_me: Vec<CarerPart>,
    bookings: Vec<BookingPart>,
}

#[derive(Serialize)]
struct PersonPart {
    number_in_list: i32,
    name: String,
    birth_date: String,
    relation: &'static str,
    phone: Option<String>,
    messages_to: &'static str,
}

impl From<&CaredFor> for PersonPart {
    fn from(one: &CaredFor) -> Self {
        Self {
            number_in_list: one.number,
            name: one.person.name.as_str().to_owned(),
            birth_date: one.person.birth.iso(),
            relation: one.relation.as_str(),
            phone: one.person.phone.as_ref().map(|phone| phone.as_e164().to_owned()),
            messages_to: one.messages_to.as_str(),
        }
    }
}

/// Somebody else, so their number stays masked.
#[derive(Serialize)]
struct CarerPart {
    i_am_their: &'static str,
    phone_masked: String,
}

impl From<&Carer> for CarerPart {
    fn from(carer: &Carer) -> Self {
        Self { i_am_their: carer.relation.as_str(), phone_masked: carer.phone.masked() }
    }
}

#[derive(Serialize)]
struct BookingPart {
    reference: String,
    person: String,
    birth_date: String,
    campaign: Option<String>,
    dose: u8,
    vaccine: Option<String>,
    site: Option<String>,
    address: Option<String>,
    starts_at: String,
    state: &'static str,
    booked_by_me: bool,
}

fn booking_part(citizen: &Citizen, one: &Booking) -> BookingPart {
    let catalogue = citizen.engine().country.now();
    let language: Language = citizen.language;
    let campaign = catalogue.campaign(one.campaign);
    let product = campaign.and_then(|campaign| campaign.product(one.product));
    let site = catalogue.site(one.site);
    let zone = site.and_then(|site| jiff::tz::TimeZone::get(&site.time_zone).ok());
    let zone = zone.unwrap_or_else(|| citizen.engine().zone.clone());
    BookingPart {
        reference: one.reference.as_str().to_owned(),
        person: one.person.name.as_str().to_owned(),
        birth_date: one.person.birth.iso(),
        campaign: campaign.map(|campaign| campaign.name.in_language(language.code()).to_owned()),
        dose: one.dose,
        vaccine: product.map(|product| product.name.in_language(language.code()).to_owned()),
        site: site.map(|site| site.name.clone()),
        address: site.map(|site| site.address.clone()),
        starts_at: one.starts_at.to_zoned(zone).to_string(),
        state: one.state.as_str(),
        booked_by_me: one.account == citizen.account.id,
    }
}

/// The file, as an attachment.
pub async fn download(citizen: Citizen) -> Answer {
    let id = citizen.account.id;
    let read = move |conn: &mut Conn, keys: &KeyRing| -> Result<_, StoreError> {
        let people = people::cared_for(conn, keys, id)?;
        let carers = people::carers(conn, keys, id)?;
        Ok((people, carers, bookings::visible_to(conn, keys, id)?))
    };
    let (people, carers, bookings) = citizen.engine().store.read(read).await?;
    let everything = Everything {
        made_at: citizen.engine().now().to_zoned(citizen.engine().zone.clone()).to_string(),
        phone: citizen.account.phone.as_e164().to_owned(),
        email: citizen.account.email.as_ref().map(|email| email.as_str().to_owned()),
        messages_in: citizen.account.language.code(),
        reminders_by_text: citizen.account.text_reminders,
        people_i_care_for: people.iter().map(PersonPart::from).collect(),
        who_cares_for_me: carers.iter().map(CarerPart::from).collect(),
        bookings: bookings.iter().map(|one| booking_part(&citizen, one)).collect(),
    };
    let text = serde_json::to_string_pretty(&everything).map_err(|error| {
        tracing::error!(%error, "a download could not be written");
        Problem::Broken
    })?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"sunbeon.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}
