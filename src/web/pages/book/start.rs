//! Which vaccination to book: a choice only when several are open.

use askama::Template;

use super::choices::Choices;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/book-start.html")]
struct StartPage {
    frame: Frame,
    open: Vec<Choice>,
    /// What opens later, with when it does.
    later: Vec<Choice>,
}

struct Choice {
    name: String,
    text: String,
    link: String,
}

/// Chooses a campaign; goes straight on when only one is open.
pub async fn start(visitor: Visitor, choices: Choices) -> Answer {
    let (l, now, code) = (visitor.language, visitor.engine().now(), visitor.language.code());
    let catalogue = visitor.engine().country.now();
    let mut page = StartPage { frame: visitor.frame(), open: Vec::new(), later: Vec::new() };
    for campaign in catalogue.campaigns().iter().filter(|campaign| now < campaign.closes_at) {
        let name = campaign.name.in_language(code).to_owned();
        if campaign.opens_at <= now {
            let link = choices.link(&format!("/book/{}/who", campaign.slug));
            page.open.push(Choice { name, text: campaign.about.in_language(code).to_owned(), link });
        } else {
            let opens = visitor.reader().moment(campaign.opens_at);
            let text = l.say("book-start-opens").with("when", opens).to_string();
            page.later.push(Choice { name, text, link: format!("/campaigns/{}", campaign.slug) });
        }
    }
    match page.open.as_slice() {
        [only] => visitor.go_to(&only.link),
        _ => visitor.page(&page),
    }
}
