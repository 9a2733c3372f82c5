//! Whoever reads a page, for what a page says of the service itself: in which language, and where the clock is theirs.

use jiff::Timestamp;

use crate::domain::door::opening::Opening;
use crate::domain::ids::CampaignId;
use crate::engine::Engine;
use crate::language::Language;

/// The language of a page, and the service it tells of.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The service.
    pub engine: &'a Engine,
    /// The language.
    pub language: Language,
}

impl Reader<'_> {
    /// A moment in words, where the service is.
    pub fn moment(self, at: Timestamp) -> String {
        self.language.date_time(at.to_zoned(self.engine.zone.clone()).datetime())
    }

    /// Says when a turn is: with its day (by the second key), when that is not the one on which the opening begins.
    pub fn turn(self, [key, with_day]: [&'static str; 2], opening: &Opening, at: Timestamp) -> String {
        let l = self.language;
        let [opens, at] = [opening.opens_at, at].map(|at| at.to_zoned(self.engine.zone.clone()).datetime());
        if at.date() == opens.date() {
            return l.say(key).with("when", l.time(at.time())).to_string();
        }
        l.say(with_day).with("date", l.date(at.date())).with("time", l.time(at.time())).to_string()
    }

    /// What a campaign is called; empty when there is none.
    pub fn campaign_name(self, id: CampaignId) -> String {
        let catalogue = self.engine.country.now();
        let campaign = catalogue.campaign(id);
        campaign.map(|one| one.name.in_language(self.language.code()).to_owned()).unwrap_or_default()
    }

    /// People born in these years, both included.
    pub fn born(self, from: i16, to: i16) -> String {
        let today = self.engine.today();
        let key = match (from <= today.year() - 110, to >= today.year()) {
            (true, true) => "campaign-everyone",
            (true, false) => "campaign-born-until",
            (false, true) => "campaign-born-from",
            (false, false) => "campaign-born-between",
        };
        self.language.say(key).with("from", from.to_string()).with("to", to.to_string()).to_string()
    }
}
