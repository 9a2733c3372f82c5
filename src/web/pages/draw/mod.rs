//! How an opening is drawn, for everybody: what was promised before, what was published after, and how to check it.

pub mod files;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;

use crate::domain::door::draw::Origin;
use crate::domain::door::opening::Places;
use crate::language::Language;
use crate::store::draws::StoredParty;
use crate::store::openings::StoredOpening;
use crate::web::page::{Answer, Frame, copied, shared};
use crate::web::pages::wait::opening_called;
use crate::web::problem::Problem;
use crate::web::visitor::Passer;

/// Computes a place from the published document. The page shows it, and a test runs it.
const VERIFIER: &str = include_str!("verify.py");

#[derive(Template)]
#[template(path = "pages/draw.html")]
struct DrawPage {
    frame: Frame,
    campaign: String,
    code: String,
    joins_from: String,
    opens_at: String,
    ends_at: String,
    parties: Vec<PartyLine>,
    beacon: Option<Round>,
    /// What the beacon gave, once published; empty before.
    beacon_value: String,
    drawn: Option<Drawn>,
    verifier: &'static str,
}

struct PartyLine {
    name: String,
    outside: bool,
    commitment: String,
    /// When it gave the service its secret number; empty before.
    revealed: String,
    /// Empty before it is published, and when it never came.
    seed: String,
}

/// The beacon's round that was named.
struct Round {
    name: String,
    when: String,
    /// When it was named; empty when nobody knows any more.
    named: String,
}

/// What there is to say once it was drawn.
struct Drawn {
    when: String,
    fingerprint: String,
    verifiable: bool,
    with_beacon: bool,
    published: Option<Published>,
}

struct Published {
    when: String,
    key: String,
}

/// Shows how an opening is drawn. Everybody gets the same page, without a menu, a token or a name in it, so that it can be
/// compressed: the commitments and seeds of all parties are more than a page may weigh.
pub async fn draw(visitor: Passer, request: HttpRequest, code: Path<String>) -> Answer {
    let one = opening_called(&visitor.web, &code)?;
    if one.opening.places == Places::InLine {
        return Err(Problem::NotFound);
    }
    let (l, opening) = (visitor.language, &one.opening);
    let moment = &|at: Timestamp| visitor.reader().moment(at);
    let is_public = one.draw.published_at.is_some();
    let beacon_value = one.draw.beacon_value.as_ref().filter(|_| is_public);
    let page = DrawPage {
        frame: Frame::of_nobody(&visitor.web, l, request.path()),
        campaign: visitor.reader().campaign_name(opening.campaign),
        code: opening.code.to_string(),
        joins_from: moment(opening.joins_from),
        opens_at: moment(opening.opens_at),
        ends_at: moment(opening.ends_at),
        parties: one.draw.parties.iter().map(|party| party_line(party, l, moment, is_public)).collect(),
        beacon: one.draw.beacon.as_ref().map(|round| Round {
            name: round.name.clone(),
            when: moment(round.at),
            named: one.draw.beacon_named_at.map(moment).unwrap_or_default(),
        }),
        beacon_value: beacon_value.map(ToString::to_string).unwrap_or_default(),
        drawn: drawn(&one, moment),
        verifier: VERIFIER,
    };
    Ok(copied::<DrawPage>(&visitor.web, &request, (StatusCode::OK, &*shared(&page)?)))
}

fn party_line(
    party: &StoredParty,
    l: Language,
    moment: &impl Fn(Timestamp) -> String,
    is_public: bool,
) -> PartyLine {
    let revealed = party.revealed.as_ref();
    PartyLine {
        name: party.name.in_language(l.code()).to_owned(),
        outside: party.origin == Origin::Outside,
        commitment: party.commitment.0.to_string(),
        revealed: revealed.map(|(_, at)| moment(*at)).unwrap_or_default(),
        seed: revealed.filter(|_| is_public).map(|(seed, _)| seed.reveal()).unwrap_or_default(),
    }
}

fn drawn(one: &StoredOpening, moment: &impl Fn(Timestamp) -> String) -> Option<Drawn> {
    let key = one.key.as_ref()?;
    let published = one.draw.published_at;
    Some(Drawn {
        when: moment(one.draw.drawn_at?),
        fingerprint: key.fingerprint().to_string(),
        verifiable: is_verifiable(one),
        with_beacon: one.draw.beacon_value.is_some(),
        published: published.map(|at| Published { when: moment(at), key: key.reveal() }),
    })
}

/// Whether people outside can check that nobody chose the order.
fn is_verifiable(one: &StoredOpening) -> bool {
    one.draw.draw(&one.opening.code).is_ok_and(|draw| draw.is_verifiable())
}
