//! How the order of offers is drawn, for everybody: what was published before a day, and what can be checked after it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::Query;
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use crate::keys::KeyRing;
use crate::store::Conn;
use crate::store::leftovers::{self, Asked};
use crate::store::standby;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::visitor::Visitor;

/// Computes a number from what is published. The page shows it, and a test runs it.
const VERIFIER: &str = include_str!("verify.py");

#[derive(Template)]
#[template(path = "pages/standby-order.html")]
struct OrderPage {
    frame: Frame,
    errors: FormErrors,
    days: Vec<DayLine>,
    /// The past day that is shown.
    past: String,
    /// What was published of it; empty when it was no day of leftovers.
    fingerprint: String,
    secret: String,
    verifier: &'static str,
}

struct DayLine {
    day: String,
    fingerprint: String,
}

/// Which past day.
#[derive(Deserialize)]
pub struct OrderQuery {
    #[serde(default)]
    day: String,
}

/// Shows how the order is drawn, and what of a past day can be checked.
pub async fn order(visitor: Visitor, query: Query<OrderQuery>) -> Answer {
    let (today, mut errors) = (visitor.engine().today(), FormErrors::none());
    let yesterday = today.yesterday().unwrap_or(today);
    let asked: Option<Date> = query.day.trim().parse().ok();
    if !query.day.is_empty() && asked.is_none_or(|day| day >= today) {
        errors.add("day", "standby-order-error-day");
    }
    let past = asked.filter(|day| *day < today).unwrap_or(yesterday);
    let read = move |conn: &mut Conn, keys: &KeyRing| {
        Ok((standby::days_from(conn, today)?, standby::secret_of(conn, keys, past)?))
    };
    let (days, secret) = visitor.engine().store.read(read).await?;
    let known = secret.map(|secret| {
        let fingerprint = crate::domain::standby::fingerprint(&secret).to_string();
        (fingerprint, data_encoding::HEXLOWER.encode(&secret))
    });
    let (fingerprint, secret) = known.unwrap_or_default();
    let l = visitor.language;
    let day =
        |one: &standby::DrawDay| DayLine { day: l.date(one.day), fingerprint: one.fingerprint.to_string() };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OrderPage {
        errors,
        days: days.iter().map(day).collect(),
        past: past.to_string(),
        fingerprint,
        secret,
        verifier: VERIFIER,
        frame: visitor.frame(),
    };
    visitor.page_with(status, &page)
}

/// Everybody who was asked on a past day, by what was left over and by number: tickets are random, and name nobody. A day that is not over leads to the page that says so.
pub async fn file(visitor: Visitor, query: Query<OrderQuery>) -> Answer {
    let today = visitor.engine().today();
    let day: Option<Date> = query.day.trim().parse().ok();
    let Some(day) = day.filter(|day| *day < today) else {
        return visitor.go_to(&format!("/standby/order?day={}", in_query(&query.day)));
    };
    let asked = visitor.engine().store.read(move |conn, _| leftovers::asked_on(conn, day)).await?;
    let catalogue = visitor.engine().country.now();
    let name = |one: &Asked| catalogue.site(one.leftover.site).map(|site| one.leftover.name(&site.code));
    let mut text = String::from("leftover,doses,ticket,number,state\n");
    for one in &asked {
        let Some(name) = name(one) else { continue };
        text += &format!("{name},{},{},{},{}\n", one.leftover.doses, one.ticket, one.number, one.state);
    }
    let name = format!("attachment; filename=\"offers-{day}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(text))
}
