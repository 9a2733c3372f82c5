//! Why no seat could be had, in words, with what to do now: the nearest times that fit, or another way.

use actix_web::http::StatusCode;
use askama::Template;

use super::times::TimeLine;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

/// A refusal as its page shows it.
#[derive(Default)]
pub struct Refusal {
    /// The catalog key of its title.
    pub title: &'static str,
    /// The catalog key of what happened and what was kept.
    pub text: &'static str,
    /// Whom it is about.
    pub name: String,
    /// Times that fit.
    pub times: Vec<TimeLine>,
    /// Where the form with the times goes; empty when they are links.
    pub post: String,
    /// What each time is added to, when they are links.
    pub link: String,
    /// Other ways: where they lead and the catalog keys of their words, the best first.
    pub ways: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "pages/book-refused.html")]
struct RefusedPage {
    frame: Frame,
    refusal: Refusal,
}

/// Answers with the page about a refusal.
pub fn page(visitor: &mut Visitor, refusal: Refusal) -> Answer {
    let frame = if refusal.post.is_empty() { visitor.frame() } else { visitor.form_frame() };
    visitor.page_with(StatusCode::CONFLICT, &RefusedPage { frame, refusal })
}
