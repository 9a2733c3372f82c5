//! Where staff begin: the sites whose rosters they may see, and the openings whose callers they tell their turn.

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::door::opening::{Opening, Phase};
use crate::domain::region::Regions;
use crate::domain::site::Site;
use crate::language::Language;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::visitor::Staff;

/// Sites on a page.
const SITES: usize = 10;

#[derive(Template)]
#[template(path = "pages/clinic-sites.html")]
struct SitesPage {
    frame: Frame,
    errors: FormErrors,
    /// The key of its title.
    title: &'static str,
    /// Whether they see any site at all: the call centre doesn't.
    has_sites: bool,
    /// Whether there are so many that one has to search.
    searches: bool,
    q: String,
    provinces: Vec<Choice>,
    found: usize,
    sites: Vec<SiteLine>,
    before: Option<String>,
    after: Option<String>,
    /// The openings whose callers they can tell their turn.
    doors: Vec<DoorLine>,
}

struct DoorLine {
    code: String,
    campaign: String,
}

struct Choice {
    code: &'static str,
    name: &'static str,
    chosen: bool,
}

struct SiteLine {
    code: String,
    name: String,
    place: String,
}

/// What to look for.
#[derive(Deserialize)]
pub struct SitesQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    page: String,
}

/// Lists the sites; whoever has only one goes on to its day.
pub async fn sites(staff: Staff, query: Query<SitesQuery>) -> Answer {
    if staff.member.is_auditor() {
        return staff.go_to("/clinic/audit");
    }
    let catalogue = staff.engine().country.now();
    let mine: Vec<&Site> =
        catalogue.sites().iter().map(AsRef::as_ref).filter(|site| staff.member.may_see(site.id)).collect();
    if let [only] = mine.as_slice() {
        return staff.go_to(&format!("/clinic/{}", only.code));
    }
    let (has_sites, searches) = (staff.member.sees_sites(), mine.len() > SITES);
    let wanted = folded(&query.q);
    let found: Vec<&Site> = mine
        .into_iter()
        .filter(|site| query.province.is_empty() || site.province == query.province)
        .filter(|site| {
            wanted.is_empty() || folded(&site.name).contains(&wanted) || site.code == query.q.trim()
        })
        .collect();
    let last = found.len().div_ceil(SITES).max(1);
    let page = query.page.parse().unwrap_or(1).clamp(1, last);
    let there = |page: usize| {
        format!("/clinic?q={}&province={}&page={page}", in_query(&query.q), in_query(&query.province))
    };
    let language = staff.language;
    staff.page(&SitesPage {
        frame: staff.frame(),
        errors: FormErrors::none(),
        title: if has_sites { "clinic-sites-title" } else { "clinic-callers-title" },
        has_sites,
        searches,
        q: query.q.clone(),
        provinces: provinces(language, &query.province),
        found: found.len(),
        sites: found
            .iter()
            .skip((page - 1) * SITES)
            .take(SITES)
            .map(|site| line_of(site, language))
            .collect(),
        before: (page > 1).then(|| there(page - 1)),
        after: (page < last).then(|| there(page + 1)),
        doors: doors(&staff),
    })
}

/// The openings at which people wait, or will, for whoever answers callers.
fn doors(staff: &Staff) -> Vec<DoorLine> {
    let (now, code) = (staff.engine().now(), staff.language.code());
    let catalogue = staff.engine().country.now();
    let openings = catalogue.openings().iter().map(|one| &one.opening);
    let tells = staff.member.answers_callers();
    let coming = openings.filter(|opening| tells && opening.phase(now) != Phase::Over);
    let line = |opening: &Opening| DoorLine {
        code: opening.code.to_string(),
        campaign: catalogue
            .campaign(opening.campaign)
            .map(|campaign| campaign.name.in_language(code).to_owned())
            .unwrap_or_default(),
    };
    coming.map(line).collect()
}

/// Small letters without blanks: names of sites are typed with and without them.
fn folded(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect()
}

fn provinces(language: Language, chosen: &str) -> Vec<Choice> {
    Regions::korea()
        .provinces()
        .iter()
        .map(|province| Choice {
            code: province.code,
            name: if language == Language::Korean { province.korean } else { province.english },
            chosen: province.code == chosen,
        })
        .collect()
}

fn line_of(site: &Site, language: Language) -> SiteLine {
    let province = Regions::korea().province(&site.province);
    let district = province.and_then(|province| province.district(&site.district));
    let place = province.zip(district).map(|(province, district)| match language {
        Language::Korean => format!("{} {}", province.short_korean(), district.korean),
        Language::English => format!("{}, {}", district.english, province.english),
    });
    SiteLine {
        code: site.code.clone(),
        name: site.name.clone(),
        place: place.unwrap_or_else(|| site.address.clone()),
    }
}
