//! What is published about a draw, and how anybody checks it: the document at `/draw/{opening}.json`, and the proof of an
//! admission at `/draw/{opening}/proof`.

use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::admission_list::Entry;
use super::digest::Digest;
use super::draw::{Draw, Origin};
use super::draw_key::DrawKey;
use super::merkle;
use super::opening::OpeningCode;
use super::seed::{Commitment, Seed};
use crate::domain::phone::PhoneNumber;

/// Everything that is public about a draw. Bytes are hexadecimal digits, times as in RFC 3339.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The opening's code.
    pub opening: String,
    /// When all of this was so.
    #[serde(default)]
    pub as_of: Option<String>,
    /// From when on people could see their turn.
    pub joins_from: String,
    /// When the first were let in.
    pub opens_at: String,
    /// From when on nobody waited any more.
    pub ends_at: String,
    /// Who takes part, in the order of committing, which is the order in the key.
    pub parties: Vec<DocumentParty>,
    /// Which round of which beacon was named beforehand; empty for none.
    pub beacon: String,
    /// When it was named; `null` for none, and before such times were kept.
    #[serde(default)]
    pub beacon_named_at: Option<String>,
    /// When that round gives its number: seeds count only when they were revealed before.
    #[serde(default)]
    pub beacon_at: Option<String>,
    /// What it gave, once published.
    pub beacon_value: Option<String>,
    /// When it was drawn; `null` before.
    pub drawn_at: Option<String>,
    /// SHA-256 of the key, public as soon as it was drawn.
    pub fingerprint: Option<String>,
    /// Whether at least two outside parties revealed a seed and a beacon took part; `null` before the draw.
    pub verifiable: Option<bool>,
    /// Since when seeds, beacon and key are public.
    pub published_at: Option<String>,
    /// The key, once published.
    pub key: Option<String>,
    /// The roots of the list of admissions.
    pub minutes: Vec<DocumentMinute>,
}

/// A party of a draw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentParty {
    /// What it is called in Korean.
    pub name_ko: String,
    /// What it is called in English.
    pub name_en: String,
    /// Whether it is independent of the service.
    pub outside: bool,
    /// SHA-256 of its seed.
    pub commitment: String,
    /// When the commitment was taken in; `null` before such times were kept.
    #[serde(default)]
    pub committed_at: Option<String>,
    /// When the service was given the seed; `null` when it was not.
    #[serde(default)]
    pub revealed_at: Option<String>,
    /// Its seed, once published; `null` for one that was never revealed.
    pub seed: Option<String>,
}

/// The list of admissions at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentMinute {
    /// The moment.
    pub at: String,
    /// How many entries it had.
    pub size: u64,
    /// Its root.
    pub root: String,
}

/// What shows that an admission is in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The opening's code.
    pub opening: String,
    /// The entry.
    pub entry: String,
    /// Its number in the list, from 0.
    pub index: u64,
    /// How many entries the list had.
    pub size: u64,
    /// The list's root.
    pub root: String,
    /// The roots beside its way up.
    pub proof: Vec<String>,
}

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it must be.
    pub agrees: bool,
    /// What was found.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.agrees { "agrees:   " } else { "DISAGREES:" }, self.what)
    }
}

fn read(time: &Option<String>) -> Option<Timestamp> {
    time.as_ref()?.parse().ok()
}

pub(super) fn finding(agrees: bool, what: impl Into<String>) -> Finding {
    Finding { agrees, what: what.into() }
}

/// What a text could not be read as.
type Unread = String;

impl Document {
    /// Computes everything again that was published, and says what agrees.
    pub fn check(&self) -> Vec<Finding> {
        let Some(published) = &self.key else {
            return vec![finding(false, "seeds and key are not published yet, so nothing can be computed")];
        };
        let mut findings: Vec<Finding> = self.parties.iter().map(DocumentParty::check).collect();
        match self.draw() {
            Err(unread) => findings.push(finding(false, unread)),
            Ok(draw) => {
                let key = draw.key().map(|key| key.reveal()).unwrap_or_default();
                let is_same = key.eq_ignore_ascii_case(published);
                findings.push(finding(is_same, "the key is made of the seeds, the beacon and the opening"));
                let is_said = self.verifiable == Some(draw.is_verifiable());
                let what =
                    if draw.is_verifiable() { "it is" } else { "it is not independently verifiable, and" };
                findings.push(finding(is_said, format!("{what} called what it is")));
            }
        }
        let fingerprint = DrawKey::from_hex(published).map(|key| key.fingerprint().to_string());
        let is_same = fingerprint.ok() == self.fingerprint.as_ref().map(|text| text.to_ascii_lowercase());
        findings.push(finding(is_same, "the fingerprint is the key's"));
        let named = !self.beacon.is_empty() || self.beacon_value.is_none();
        findings.push(finding(named, "a beacon counts only when it was named beforehand"));
        findings.extend(self.check_times());
        findings
    }

    /// Whether a beacon counts, or was to count.
    fn has_beacon(&self) -> bool {
        !self.beacon.is_empty() || self.beacon_value.is_some()
    }

    /// Whether everything came in its order: all commitments, then the seeds, then the beacon's round, then the draw. Whether
    /// the times are true knows whoever kept an [earlier](Self::check_earlier) document.
    fn check_times(&self) -> Vec<Finding> {
        let drawn = read(&self.drawn_at);
        let revealed: Vec<_> = self
            .parties
            .iter()
            .filter(|party| party.seed.is_some())
            .map(|party| read(&party.revealed_at))
            .collect();
        let first = revealed.iter().min().copied().flatten();
        let no_later = |at: Option<Timestamp>, than| at.is_some() && at <= than;
        let is_committed = |party: &DocumentParty| no_later(read(&party.committed_at), first);
        let all_committed = self.parties.iter().all(is_committed);
        let mut findings = vec![finding(all_committed, "all commitments came before the first seed")];
        if !self.has_beacon() {
            let all_revealed = revealed.iter().all(|at| no_later(*at, drawn));
            findings.push(finding(all_revealed, "all seeds came before the draw"));
            return findings;
        }
        let (named, round) = (read(&self.beacon_named_at), read(&self.beacon_at));
        let is_earlier = |at: Option<Timestamp>| at.is_some() && at < round;
        let is_named = is_earlier(named) && no_later(named, first);
        findings.extend([
            finding(is_named, "the beacon's round was named before the first seed, and before it came"),
            finding(revealed.iter().all(|at| is_earlier(*at)), "all seeds came before the beacon's round"),
            finding(no_later(round, drawn), "it was drawn after the beacon's round"),
        ]);
        findings
    }

    /// Whether this document only adds to one that somebody kept from before: what was said then still stands, and what is new
    /// came later.
    pub fn check_earlier(&self, earlier: &Self) -> Vec<Finding> {
        let then = read(&earlier.as_of);
        let is_later = |at: &Option<String>| then.is_some() && read(at) >= then;
        let stands = |before: &Option<String>, now: &Option<String>| match before {
            Some(_) => before == now,
            None => now.is_none() || is_later(now),
        };
        let was_revealed = earlier.parties.iter().any(|party| party.revealed_at.is_some());
        let same_party = |(before, now): (&DocumentParty, &DocumentParty)| {
            let said =
                |party: &DocumentParty| (party.commitment.clone(), party.committed_at.clone(), party.outside);
            said(before) == said(now) && stands(&before.revealed_at, &now.revealed_at)
        };
        let (known, new) = self.parties.split_at(earlier.parties.len().min(self.parties.len()));
        let parties = known.len() == earlier.parties.len()
            && earlier.parties.iter().zip(known).all(same_party)
            && new.iter().all(|party| !was_revealed && is_later(&party.committed_at));
        let round = |one: &Self| (one.beacon.clone(), one.beacon_at.clone(), one.beacon_named_at.clone());
        let is_renamed = !was_revealed && (!self.has_beacon() || is_later(&self.beacon_named_at));
        let key = (earlier.fingerprint.is_none() || earlier.fingerprint == self.fingerprint)
            && stands(&earlier.drawn_at, &self.drawn_at);
        vec![
            finding(earlier.opening == self.opening, "the earlier file is of this opening"),
            finding(parties, "the parties are those of the earlier file, and what they did since came later"),
            finding(
                round(earlier) == round(self) || is_renamed,
                "the beacon's round is the one of the earlier file, or was named later and before any seed",
            ),
            finding(key, "the key is the one of the earlier file, or was drawn later"),
            finding(self.minutes.starts_with(&earlier.minutes), "the list has only grown since"),
        ]
    }

    fn code(&self) -> Result<OpeningCode, Unread> {
        self.opening.parse().map_err(|error| format!("the opening {:?}: {error}", self.opening))
    }

    fn draw(&self) -> Result<Draw, Unread> {
        let mut draw = Draw::new(self.code()?);
        for party in &self.parties {
            let told = |error: &dyn fmt::Display| format!("the party {}: {error}", party.name_en);
            let commitment = party.commitment.parse().map_err(|error| told(&error))?;
            let origin = if party.outside { Origin::Outside } else { Origin::Inside };
            draw.commit(Commitment(commitment), origin).map_err(|error| told(&error))?;
            if let Some(seed) = &party.seed {
                let seed = Seed::from_hex(seed).map_err(|error| told(&error))?;
                draw.reveal(seed).map_err(|error| told(&error))?;
            }
        }
        if let Some(beacon) = &self.beacon_value {
            draw.set_beacon(beacon.parse().map_err(|error| format!("the beacon: {error}"))?);
        }
        Ok(draw)
    }

    /// The place of a phone by the published key.
    pub fn place(&self, phone: &PhoneNumber) -> Option<super::place::Place> {
        let key = DrawKey::from_hex(self.key.as_ref()?).ok()?;
        Some(key.place(&self.code().ok()?, phone))
    }

    /// Whether a proof shows an admission in this list; and, with a phone, whether the place in it is the phone's.
    pub fn check_proof(&self, proof: &Proof, phone: Option<&PhoneNumber>) -> Vec<Finding> {
        let mut findings = vec![finding(proof.opening == self.opening, "the proof is of this opening")];
        let is_listed = |minute: &DocumentMinute| {
            minute.size == proof.size && minute.root.eq_ignore_ascii_case(&proof.root)
        };
        let listed = self.minutes.iter().any(is_listed);
        findings.push(finding(listed, format!("the root over {} entries was published", proof.size)));
        let Some((entry, includes)) = proof.includes() else {
            findings.push(finding(false, "the proof can't be read"));
            return findings;
        };
        findings.push(finding(
            includes,
            format!("entry {} is under the root: came in at {}", proof.index, entry.at),
        ));
        if let Some(own) = phone.and_then(|phone| self.place(phone)) {
            findings.push(finding(own == entry.place, format!("its place {} is the phone's", entry.place)));
        }
        findings
    }
}

impl DocumentParty {
    fn check(&self) -> Finding {
        let Some(seed) = &self.seed else {
            let what = format!("{} revealed nothing, and its commitment stands in", self.name_en);
            return finding(self.revealed_at.is_none(), what);
        };
        let commitment = Seed::from_hex(seed).map(|seed| seed.commitment().0.to_string());
        let is_same = commitment.is_ok_and(|own| own.eq_ignore_ascii_case(&self.commitment));
        finding(is_same, format!("{} revealed the seed that it had committed to", self.name_en))
    }
}

impl Proof {
    /// The entry, and whether it is under the root; `None` when something can't be read.
    fn includes(&self) -> Option<(Entry, bool)> {
        let bytes = HEXLOWER_PERMISSIVE.decode(self.entry.as_bytes()).ok()?;
        let entry = Entry::from_bytes(&bytes).ok()?;
        let root = self.root.parse().ok()?;
        let proof: Option<Vec<Digest>> = self.proof.iter().map(|hash| hash.parse().ok()).collect();
        let leaf = merkle::leaf(&bytes);
        Some((entry, merkle::proves_inclusion(&root, self.size, self.index, &leaf, &proof?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let seeds = [Seed::new([1; 32]), Seed::new([2; 32]), Seed::new([3; 32])];
        let party = |seed: &Seed, outside, revealed: bool| DocumentParty {
            name_ko: "감사원".to_owned(),
            name_en: "Auditor".to_owned(),
            outside,
            commitment: seed.commitment().0.to_string(),
            committed_at: Some("2026-11-20T01:00:00Z".to_owned()),
            revealed_at: revealed.then(|| "2026-11-20T02:00:00Z".to_owned()),
            seed: revealed.then(|| seed.reveal()),
        };
        let mut document = Document {
            opening: "flu-2026".to_owned(),
            as_of: None,
            joins_from: String::new(),
            opens_at: String::new(),
            ends_at: String::new(),
            parties: vec![
                party(&seeds[0], true, true),
                party(&seeds[1], true, true),
                party(&seeds[2], false, false),
            ],
            beacon: "a round".to_owned(),
            beacon_named_at: Some("2026-11-20T01:00:00Z".to_owned()),
            beacon_at: Some("2026-11-20T03:00:00Z".to_owned()),
            beacon_value: Some("0b".repeat(32)),
            drawn_at: Some("2026-11-20T04:00:00Z".to_owned()),
            fingerprint: None,
            verifiable: Some(true),
            published_at: None,
            key: None,
            minutes: Vec::new(),
        };
        let key = document.draw().unwrap().key().unwrap();
        document.fingerprint = Some(key.fingerprint().to_string());
        document.key = Some(key.reveal());
        document
    }

    fn wrong(document: &Document) -> usize {
        document.check().iter().filter(|finding| !finding.agrees).count()
    }

    #[test]
    fn what_was_published_agrees_and_what_was_changed_does_not() {
        let whole = document();
        assert_eq!(wrong(&whole), 0, "{:?}", whole.check());
        let changes: [fn(&mut Document); 18] = [
            |one| one.opening = "flu-2027".to_owned(),
            |one| one.parties[1].seed = Some("09".repeat(32)),
            |one| one.parties[1].seed = None,
            |one| one.parties[2].commitment = "09".repeat(32),
            |one| one.parties.swap(0, 1),
            |one| one.beacon_value = Some("0c".repeat(32)),
            |one| one.beacon = String::new(),
            |one| one.fingerprint = Some("0c".repeat(32)),
            |one| one.verifiable = Some(false),
            |one| one.parties[2].committed_at = Some("2026-11-20T02:00:01Z".to_owned()),
            |one| one.parties[2].revealed_at = Some("2026-11-20T02:00:01Z".to_owned()),
            |one| one.parties[1].revealed_at = Some("2026-11-20T03:00:00Z".to_owned()),
            |one| one.beacon_named_at = Some("2026-11-20T03:00:00Z".to_owned()),
            |one| one.beacon_named_at = None,
            |one| one.beacon_named_at = Some("2026-11-20T02:30:00Z".to_owned()),
            |one| one.beacon_at = None,
            |one| one.parties[1].revealed_at = None,
            |one| one.drawn_at = Some("2026-11-20T02:59:59Z".to_owned()),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = whole.clone();
            change(&mut changed);
            assert!(wrong(&changed) > 0, "change {number} is not noticed");
        }
        let unpublished = Document { key: None, ..whole };
        assert_eq!(wrong(&unpublished), 1);
    }

    /// How many findings about an earlier document are wrong, after a change of the present one.
    fn wrong_since(earlier: &Document, change: fn(&mut Document)) -> usize {
        let mut now = document();
        change(&mut now);
        now.check_earlier(earlier).iter().filter(|one| !one.agrees).count()
    }

    fn kept(at: &str) -> Document {
        let mut earlier = Document {
            as_of: Some(at.to_owned()),
            fingerprint: None,
            key: None,
            drawn_at: None,
            ..document()
        };
        earlier.parties.iter_mut().for_each(|party| party.seed = None);
        earlier
    }

    #[test]
    fn whoever_kept_an_earlier_document_sees_what_was_changed_since() {
        let before_the_round = kept("2026-11-20T02:59:00Z");
        assert_eq!(wrong_since(&before_the_round, |_| ()), 0);
        let changes: [fn(&mut Document); 10] = [
            |one| one.opening = "flu-2027".to_owned(),
            |one| one.parties[1].revealed_at = None,
            |one| one.parties[2].revealed_at = Some("2026-11-20T02:30:00Z".to_owned()),
            |one| one.parties[2].commitment = "09".repeat(32),
            |one| one.parties.truncate(2),
            |one| one.parties.swap(0, 1),
            |one| one.parties.push(one.parties[2].clone()),
            |one| one.beacon_at = Some("2026-11-20T03:30:00Z".to_owned()),
            |one| {
                one.beacon = "another round".to_owned();
                one.beacon_named_at = Some("2026-11-20T03:00:00Z".to_owned());
            },
            |one| one.drawn_at = Some("2026-11-20T02:58:00Z".to_owned()),
        ];
        for (number, change) in changes.iter().enumerate() {
            assert_eq!(wrong_since(&before_the_round, *change), 1, "change {number}");
        }
    }

    #[test]
    fn as_long_as_no_seed_is_known_parties_come_and_rounds_change() {
        let mut early = kept("2026-11-20T00:30:00Z");
        early.parties.clear();
        (early.beacon, early.beacon_at, early.beacon_named_at) = (String::new(), None, None);
        assert_eq!(wrong_since(&early, |_| ()), 0);
        let mut late = early.clone();
        late.as_of = Some("2026-11-20T01:30:00Z".to_owned());
        assert_eq!(wrong_since(&late, |_| ()), 2, "they were not there then, whatever they say now");
    }

    #[test]
    fn another_key_is_noticed_even_with_its_own_fingerprint() {
        let mut changed = document();
        let other = DrawKey::new([9; 32]);
        changed.key = Some(other.reveal());
        changed.fingerprint = Some(other.fingerprint().to_string());
        assert_eq!(wrong(&changed), 1);
    }
}
