//! The openings of a campaign file: its evenings, when a whole population comes at once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::campaign_file::{BIRTH_YEARS, CampaignFile, repeated};
use super::error::Problem;
use super::toml_section::Section;
use crate::domain::campaign::Campaign;
use crate::domain::door::opening::{Opening, OpeningCode, Places};
use crate::domain::door::place::GROUPS;
use crate::domain::door::seed::BeaconRound;
use crate::domain::ids::{CampaignId, OpeningId};
use crate::store::openings::StoredOpening;

/// Characters that name a beacon's round.
const BEACON_CHARACTERS_MAX: usize = 200;

/// People who may be expected: more than live anywhere together.
const EXPECTED: std::ops::RangeInclusive<i64> = 0..=1_000_000_000;

/// Sessions that may be alive at once to begin with.
const SESSIONS: std::ops::RangeInclusive<i64> = 1..=1_000_000;

/// How often a session is given away again in an hour to begin with: they last for some minutes.
const SESSIONS_AN_HOUR: f64 = 12.0;

/// The longest line: people wait by the minute in which they came.
const LINE_MAX: SignedDuration = SignedDuration::from_mins(GROUPS as i64);

/// An opening of the file, without ids.
#[derive(Debug)]
pub(super) struct FileOpening {
    pub(super) opening: Opening,
    /// Which round of which public beacon counts.
    pub(super) beacon: Option<BeaconRound>,
}

/// Reads a section `[[campaign.openings]]`.
pub(super) fn opening_in(
    mut section: Section,
    zone: &TimeZone,
    problems: &mut Vec<Problem>,
) -> Option<FileOpening> {
    let code = section.code("code").and_then(|code| code.parse::<OpeningCode>().ok());
    let places = section.word_if_any("places", Places::ALL, Places::as_str);
    let places = places.map(|places| places.unwrap_or(Places::Drawn));
    let joins_from = section.moment("joins_from", zone);
    let opens_at = section.moment("opens_at", zone);
    let ends_at = section.moment("ends_at", zone);
    let expected = section.number("expected", EXPECTED);
    let sessions = section.number("sessions", SESSIONS);
    let born_from: Option<Option<i16>> = section.number_if_any("born_from", BIRTH_YEARS);
    let born_to: Option<Option<i16>> = section.number_if_any("born_to", BIRTH_YEARS);
    let beacon = beacon_in(&mut section, zone, opens_at);
    if let (Some(joins), Some(opens)) = (joins_from, opens_at)
        && joins > opens
    {
        section.complain("joins_from", &joins.to_string(), format!("a time not after opens_at, {opens}"));
    }
    if let (Some(opens), Some(ends)) = (opens_at, ends_at)
        && ends <= opens
    {
        section.complain("ends_at", &ends.to_string(), format!("a time after opens_at, {opens}"));
    }
    if places == Some(Places::InLine) {
        check_line(&mut section, joins_from.zip(ends_at), beacon.as_ref());
    }
    match (born_from.flatten(), born_to.flatten()) {
        (Some(from), Some(to)) if to < from => {
            section.complain("born_to", &to.to_string(), format!("a year from born_from, {from}, on"));
        }
        (Some(_), None) => section.complain("born_to", "", "the last birth year, as born_from is given"),
        (None, Some(_)) => section.complain("born_from", "", "the first birth year, as born_to is given"),
        _ => {}
    }
    section.finish(problems);
    let opening = Opening {
        id: OpeningId(0),
        code: code?,
        campaign: CampaignId(0),
        places: places?,
        born: born_from?.zip(born_to?),
        joins_from: joins_from?,
        opens_at: opens_at?,
        ends_at: ends_at?,
        expected: expected?,
        sessions: sessions?,
    };
    Some(FileOpening { opening, beacon })
}

/// Reads the round of the beacon: what it is called, and when it gives its number. Neither is a round.
fn beacon_in(section: &mut Section, zone: &TimeZone, opens_at: Option<Timestamp>) -> Option<BeaconRound> {
    let name = section.line_if_any("beacon", BEACON_CHARACTERS_MAX).filter(|name| !name.is_empty());
    let at = section.moment_if_any("beacon_at", zone);
    if let (Some(Some(at)), Some(opens)) = (at, opens_at)
        && at >= opens
    {
        section.complain("beacon_at", &at.to_string(), format!("a time before opens_at, {opens}"));
    }
    match (&name, at) {
        (Some(_), Some(None)) => {
            section.complain("beacon_at", "", "the time of the beacon's round, as beacon is given")
        }
        (None, Some(Some(at))) => {
            section.complain("beacon", &at.to_string(), "the beacon's round, as beacon_at is given")
        }
        _ => {}
    }
    Some(BeaconRound { name: name?, at: at?? })
}

/// What can't be in a line.
fn check_line(section: &mut Section, from_to: Option<(Timestamp, Timestamp)>, beacon: Option<&BeaconRound>) {
    if let Some((joins, ends)) = from_to
        && ends.duration_since(joins) > LINE_MAX
    {
        let accepted =
            format!("a time at most {GROUPS} minutes after joins_from, {joins}: so long is a line");
        section.complain("ends_at", &ends.to_string(), accepted);
    }
    if let Some(beacon) = beacon {
        section.complain("beacon", &beacon.name, "no beacon, as nothing is drawn in a line");
    }
}

fn overlap(one: &Opening, other: &Opening) -> bool {
    one.opens_at < other.ends_at && other.opens_at < one.ends_at
}

/// Whether the key of an opening has let people in.
fn is_used(known: &StoredOpening, now: Timestamp) -> bool {
    known.draw.published_at.is_some() || (known.key.is_some() && known.opening.opens_at <= now)
}

/// Whether an opening of the file is the evening that is stored. It may be made longer until its key is public.
fn is_same_evening(known: &StoredOpening, new: &Opening) -> bool {
    let evening = |one: &Opening| (one.places, one.born, one.joins_from, one.opens_at);
    let may_end = known.draw.published_at.is_none() || known.opening.ends_at == new.ends_at;
    evening(&known.opening) == evening(new) && may_end
}

/// What can't be, given the openings that are `stored`. `campaign` is the file's, when it is stored already.
pub(super) fn problems(
    file: &CampaignFile,
    stored: &[StoredOpening],
    begun: &[OpeningId],
    campaign: Option<CampaignId>,
    now: Timestamp,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let codes = || file.openings.iter().map(|one| &one.opening.code);
    if let Some(code) = repeated(codes()) {
        problems.push(Problem::new("campaign.openings", code.as_str(), "each code once"));
    }
    for (index, one) in file.openings.iter().enumerate() {
        let key = |key: &str| format!("campaign.openings[{}].{key}", index + 1);
        // Whoever was let in at one door would be sent to the other.
        if let Some(before) =
            file.openings[..index].iter().find(|before| overlap(&before.opening, &one.opening))
        {
            let accepted = format!(
                "a time when {} is over: two openings of a campaign can't stand at once",
                before.opening.code
            );
            problems.push(Problem::new(key("opens_at"), &one.opening.opens_at.to_string(), accepted));
        }
        let Some(known) = stored.iter().find(|known| known.opening.code == one.opening.code) else {
            continue;
        };
        if is_used(known, now) && !is_same_evening(known, &one.opening) {
            let accepted =
                "a code of its own for another evening: the key of this one told people their turns";
            problems.push(Problem::new(key("code"), one.opening.code.as_str(), accepted));
        } else if Some(known.opening.campaign) != campaign {
            let accepted = "a code that no other campaign's opening has";
            problems.push(Problem::new(key("code"), one.opening.code.as_str(), accepted));
        } else if known.opening.places != one.opening.places
            && (known.key.is_some() || begun.contains(&known.opening.id))
        {
            let accepted = format!("{:?}, as people have places already", known.opening.places.as_str());
            problems.push(Problem::new(key("places"), one.opening.places.as_str(), accepted));
        } else if (known.key.is_some() || known.draw.is_revealed()) && known.draw.beacon != one.beacon {
            let accepted =
                format!("{}, as it was when the first seed was revealed", shown(&known.draw.beacon));
            problems.push(Problem::new(key("beacon"), &shown(&one.beacon), accepted));
        }
    }
    problems.extend(begun_before(file, stored, now));
    problems.extend(rounds_over(file, stored, now));
    let drawn = stored.iter().filter(|known| Some(known.opening.campaign) == campaign && known.key.is_some());
    for known in drawn.filter(|known| !codes().any(|code| *code == known.opening.code)) {
        let accepted = format!(
            "a section with the code {}: it was drawn, so it stays and keeps its code; its times may change until it begins",
            known.opening.code
        );
        problems.push(Problem::missing("campaign.openings", accepted));
    }
    problems
}

/// Draws for people some of whom may book before the door stands: they would book around it.
fn begun_before(file: &CampaignFile, stored: &[StoredOpening], now: Timestamp) -> Option<Problem> {
    // Later evenings are for those who are left, and one that people used already stays as it is.
    let is_first = |one: &(usize, &FileOpening)| {
        let known = stored.iter().find(|known| known.opening.code == one.1.opening.code);
        !known.is_some_and(|known| is_used(known, now))
            && file.openings.iter().all(|other| other.opening.opens_at >= one.1.opening.opens_at)
    };
    let earlier = |(index, one): (usize, &FileOpening)| {
        let opening = &one.opening;
        let earlier = other_time(&file.campaign, opening).filter(|at| *at < opening.opens_at)?;
        let key = format!("campaign.openings[{}].opens_at", index + 1);
        let accepted =
            format!("the time from which its people may book, which is {earlier} for some of them");
        Some(Problem::new(key, &opening.opens_at.to_string(), accepted))
    };
    file.openings.iter().enumerate().filter(is_first).find_map(earlier)
}

/// Rounds that are named when what they gave can be known already: whoever names one of them chooses the key.
fn rounds_over(file: &CampaignFile, stored: &[StoredOpening], now: Timestamp) -> Vec<Problem> {
    let is_named = |one: &FileOpening| {
        let known = stored.iter().find(|known| known.opening.code == one.opening.code);
        known.is_some_and(|known| known.draw.beacon == one.beacon)
    };
    let over = |(index, one): (usize, &FileOpening)| {
        let round = one.beacon.as_ref().filter(|round| round.at <= now && !is_named(one))?;
        let key = format!("campaign.openings[{}].beacon_at", index + 1);
        let accepted = format!("a time after now, {now}: nobody may know yet what the beacon gives");
        Some(Problem::new(key, &round.at.to_string(), accepted))
    };
    file.openings.iter().enumerate().filter_map(over).collect()
}

fn shown(beacon: &Option<BeaconRound>) -> String {
    beacon.as_ref().map_or("no beacon".to_owned(), |round| format!("{:?} at {}", round.name, round.at))
}

/// The openings of the file as the report names them. Whoever forgets the draw keeps everybody out.
pub(super) fn told(file: &CampaignFile, stored: &[StoredOpening]) -> Vec<String> {
    let is_drawn =
        |code: &OpeningCode| stored.iter().any(|known| known.opening.code == *code && known.key.is_some());
    let told = |one: &FileOpening| match &one.opening.code {
        code if one.opening.places == Places::InLine => format!("{code}, a line"),
        code if is_drawn(code) => format!("{code}, drawn"),
        code => format!("{code}, not drawn yet"),
    };
    file.openings.iter().map(told).collect()
}

/// What may be meant otherwise: openings that the file leaves out, and people who need not wait for theirs.
pub(super) fn warnings(
    file: &CampaignFile,
    stored: &[StoredOpening],
    campaign: Option<CampaignId>,
    codes_per_hour: u32,
) -> Vec<String> {
    let few = file.openings.iter().filter_map(|one| few_codes(&one.opening, codes_per_hour));
    let others = file.openings.iter().filter_map(|one| other_times(&file.campaign, &one.opening));
    let late = file.openings.iter().filter_map(drawn_late);
    left_out(file, stored, campaign).into_iter().chain(others).chain(late).chain(few).collect()
}

/// Openings to which more people come than could be sent a code.
fn few_codes(opening: &Opening, codes_per_hour: u32) -> Option<String> {
    let hours = opening.ends_at.duration_since(opening.opens_at).as_secs_f64() / 3_600.0;
    let (expected, sessions) = (f64::from(opening.expected), f64::from(opening.sessions));
    let people = (expected / hours).max(expected.min(sessions * SESSIONS_AN_HOUR));
    (people > f64::from(codes_per_hour)).then(|| {
        let code = &opening.code;
        format!(
            "{people:.0} people an hour are to enter the opening {code}, each with a code, but codes.per_hour is \
             {codes_per_hour}; raise it for the evening"
        )
    })
}

/// Draws that can't be made before people ask for their turn.
fn drawn_late(one: &FileOpening) -> Option<String> {
    let round = one.beacon.as_ref().filter(|round| round.at > one.opening.joins_from)?;
    let code = &one.opening.code;
    Some(format!(
        "the opening {code} can be drawn after beacon_at, {}: nobody sees their turn before",
        round.at
    ))
}

/// When booking begins for some of those for whom a draw is, if not when its door opens: lots are drawn so that all begin
/// together. The earliest such time.
fn other_time(campaign: &Campaign, opening: &Opening) -> Option<Timestamp> {
    if opening.places == Places::InLine {
        return None;
    }
    let (from, to) = opening.born.unwrap_or((*BIRTH_YEARS.start() as i16, *BIRTH_YEARS.end() as i16));
    let times = (from..=to).filter_map(|year| campaign.opening_for(year));
    times.filter(|at| *at != opening.opens_at).min()
}

/// Whose booking begins only after people came in.
fn other_times(campaign: &Campaign, opening: &Opening) -> Option<String> {
    let other = other_time(campaign, opening)?;
    let (code, opens) = (&opening.code, opening.opens_at);
    Some(format!(
        "the opening {code} lets people in from {opens} on, but some of them may book from {other} on"
    ))
}

/// Openings that the file leaves out stay as they are.
fn left_out(file: &CampaignFile, stored: &[StoredOpening], campaign: Option<CampaignId>) -> Vec<String> {
    let is_left_out = |known: &&StoredOpening| {
        let names = |one: &FileOpening| one.opening.code == known.opening.code;
        Some(known.opening.campaign) == campaign && !file.openings.iter().any(names)
    };
    let left_out = stored.iter().filter(is_left_out);
    left_out
        .map(|known| format!("the opening {} is not in the file; it stays as it is", known.opening.code))
        .collect()
}
