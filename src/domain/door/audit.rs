//! What an auditor checks with the sealed list of admissions: that it is the one whose roots were published minute by minute,
//! and that nobody in it came in above the threshold of the published log.

use std::collections::HashSet;

use jiff::Timestamp;

use super::admission_list::Entry;
use super::digest::Digest;
use super::merkle::{self, GrowingTree};
use super::place::{Place, Threshold};
use super::published::{Document, Finding, finding};

/// The first line of the log at `/draw/{opening}/log.csv`.
pub const LOG_HEADING: &str = "time,threshold,admitted,booked,alive,list_size,list_root";

/// How many entries a list had at a moment, and its root then.
pub type Root = (u64, Digest);

/// A second of the published log, as far as it can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLine {
    /// Which second.
    pub at: Timestamp,
    /// Who could enter.
    pub threshold: Threshold,
    /// The list at the minute that began then.
    pub listed: Option<Root>,
}

/// The line can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a line of the log has a time, a threshold, three counts, and the size and root of the list or nothing"
)]
pub struct LogLineError;

impl LogLine {
    /// Reads a line after the [heading](LOG_HEADING).
    ///
    /// # Errors
    /// [`LogLineError`] when it is not one.
    pub fn read(line: &str) -> Result<Self, LogLineError> {
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        let &[at, threshold, _, _, _, size, root] = cells.as_slice() else { return Err(LogLineError) };
        let threshold = if threshold.is_empty() {
            Threshold::CLOSED
        } else {
            Threshold::up_to(threshold.parse().ok().ok_or(LogLineError)?)
        };
        let listed = if size.is_empty() && root.is_empty() {
            None
        } else {
            let root = size.parse().ok().zip(root.parse().ok());
            Some(root.ok_or(LogLineError)?)
        };
        Ok(Self { at: at.parse().ok().ok_or(LogLineError)?, threshold, listed })
    }
}

/// Whether a log shows that somebody with this place could come in at this moment. Within a second the door may move after
/// it was written down, so that the next second counts; after the last one, the last one.
pub fn could_enter(log: &[(Timestamp, Threshold)], place: Place, at: Timestamp) -> bool {
    let later = log.partition_point(|(second, _)| *second <= at);
    let threshold = log.get(later).or(log.last()).map(|(_, threshold)| *threshold);
    threshold.unwrap_or(Threshold::CLOSED).admits(place)
}

/// The roots that a document publishes; `None` when one can't be read.
pub fn roots(document: &Document) -> Option<Vec<Root>> {
    document.minutes.iter().map(|minute| Some((minute.size, minute.root.parse().ok()?))).collect()
}

/// Goes through a list, entry by entry, in its order.
#[derive(Debug)]
pub struct Audit<'a> {
    roots: &'a [Root],
    log: &'a [(Timestamp, Threshold)],
    tree: GrowingTree,
    phones: HashSet<[u8; 32]>,
    unreadable: u64,
    twice: u64,
    above: u64,
    wrong_roots: usize,
    compared: usize,
}

impl<'a> Audit<'a> {
    /// Begins with the first entry. `roots` are those that were published, in their order; without a `log` nobody's
    /// threshold is looked at.
    pub fn new(roots: &'a [Root], log: &'a [(Timestamp, Threshold)]) -> Self {
        Self {
            roots,
            log,
            tree: GrowingTree::default(),
            phones: HashSet::new(),
            unreadable: 0,
            twice: 0,
            above: 0,
            wrong_roots: 0,
            compared: 0,
        }
    }

    /// Takes the next entry, as it is hashed.
    pub fn take(&mut self, bytes: &[u8]) {
        match Entry::from_bytes(bytes) {
            Ok(entry) => {
                self.twice += u64::from(!self.phones.insert(entry.phone));
                let is_above = !self.log.is_empty() && !could_enter(self.log, entry.place, entry.at);
                self.above += u64::from(is_above);
            }
            Err(_) => self.unreadable += 1,
        }
        self.tree.push(merkle::leaf(bytes));
        self.compare();
    }

    /// Compares the roots that were published for a list of the present size: one for each minute in which it didn't grow.
    fn compare(&mut self) {
        while let Some((size, root)) = self.roots.get(self.compared)
            && *size == self.tree.size()
        {
            self.wrong_roots += usize::from(*root != self.tree.root());
            self.compared += 1;
        }
    }

    /// What was found.
    pub fn findings(self) -> Vec<Finding> {
        let (size, all) = (self.tree.size(), self.roots.len());
        let sealed = self.roots.last().map_or(0, |(size, _)| *size);
        let none = |count: u64, what: &str| finding(count == 0, format!("{what}: {count}"));
        let mut findings = vec![
            none(self.unreadable, "entries of the list that can't be read"),
            finding(
                self.wrong_roots == 0 && self.compared == all,
                format!(
                    "the list has the roots that were published: {} of {all}",
                    self.compared - self.wrong_roots
                ),
            ),
            finding(size == sealed, format!("the last root is over all entries: {sealed} of {size}")),
            none(self.twice, "entries of a phone that came in before"),
        ];
        if !self.log.is_empty() {
            findings.push(none(self.above, "entries above the threshold of their second"));
        }
        findings
    }
}

/// Whether the log says of the list what the document says.
pub fn check_log(log: &[LogLine], roots: &[Root]) -> Vec<Finding> {
    let grows = |pair: &[LogLine]| {
        pair.first()
            .zip(pair.last())
            .is_some_and(|(one, next)| one.at < next.at && one.threshold <= next.threshold)
    };
    let said = log.iter().filter_map(|line| line.listed);
    vec![
        finding(log.windows(2).all(grows), "the log goes on second by second, and the threshold never falls"),
        finding(said.into_iter().all(|root| roots.contains(&root)), "the log's roots are the document's"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: u64 = 6;

    fn second(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    fn entry(number: u64) -> Entry {
        let phone = [number as u8; 32];
        Entry { at: second(100 + number.cast_signed()), place: Place(number * 10), phone, random: [0; 16] }
    }

    fn list() -> Vec<Entry> {
        (0..ENTRIES).map(entry).collect()
    }

    /// The roots after two entries, twice, and after all.
    fn published(list: &[Entry]) -> Vec<Root> {
        let leaves: Vec<Digest> = list.iter().map(|entry| merkle::leaf(&entry.to_bytes())).collect();
        [2, 2, leaves.len()].map(|size| (size as u64, merkle::root(&leaves[..size]))).to_vec()
    }

    fn log() -> Vec<(Timestamp, Threshold)> {
        (0..ENTRIES)
            .map(|number| (second(100 + number.cast_signed()), Threshold::up_to(Place(number * 10))))
            .collect()
    }

    /// How many findings disagree for a list.
    fn wrong(list: &[Entry], roots: &[Root]) -> usize {
        let log = log();
        let mut audit = Audit::new(roots, &log);
        list.iter().for_each(|entry| audit.take(&entry.to_bytes()));
        audit.findings().iter().filter(|finding| !finding.agrees).count()
    }

    #[test]
    fn a_list_as_it_was_published_agrees() {
        assert_eq!(wrong(&list(), &published(&list())), 0);
        assert_eq!(wrong(&[], &[]), 0, "an evening on which nobody came");
    }

    #[test]
    fn a_changed_list_is_noticed() {
        let roots = published(&list());
        let changed = |change: &dyn Fn(&mut Vec<Entry>)| {
            let mut list = list();
            change(&mut list);
            wrong(&list, &roots)
        };
        assert_eq!(changed(&|list| list[5].place = Place(0)), 1, "another place, and so another root");
        assert_eq!(
            changed(&|list| list.truncate(5)),
            2,
            "one less: a root is missing, and the last is over more"
        );
        assert_eq!(
            changed(&|list| list.push(entry(6))),
            2,
            "one more than was sealed, above the last threshold"
        );
        assert_eq!(changed(&|list| list.swap(0, 5)), 1, "another order");
        assert_eq!(changed(&|list| list[5].phone = list[0].phone), 2, "somebody came in twice");
    }

    /// Whoever may write the roots could make them fit; the log tells all the same.
    #[test]
    fn somebody_above_the_threshold_is_noticed_whatever_the_roots_say() {
        let mut list = list();
        // The next second counts as well.
        list[2].place = Place(30);
        assert_eq!(wrong(&list, &published(&list)), 0);
        list[2].place = Place(31);
        assert_eq!(wrong(&list, &published(&list)), 1);
        assert!(!could_enter(&[], Place(0), second(1)), "without a log nobody could");
    }

    #[test]
    fn bytes_that_are_no_entry_are_noticed() {
        let mut audit = Audit::new(&[], &[]);
        audit.take(b"nothing");
        let wrong = audit.findings().into_iter().filter(|finding| !finding.agrees).count();
        assert_eq!(wrong, 2, "it can't be read, and no root is over it");
    }

    #[test]
    fn a_line_of_the_log_reads_back() {
        let root = merkle::root(&[]);
        let line = format!("2026-11-25T11:00:00Z,00000000000000ff,1,2,3,4,{root}\r\n");
        let read = LogLine::read(&line).unwrap();
        assert_eq!((read.threshold, read.listed), (Threshold::up_to(Place(255)), Some((4, root))));
        let closed = LogLine::read("2026-11-25T11:00:00Z,,0,0,0,,").unwrap();
        assert_eq!((closed.threshold, closed.listed), (Threshold::CLOSED, None));
        for bad in
            ["", "time", LOG_HEADING, "2026-11-25T11:00:00Z,x,0,0,0,,", "2026-11-25T11:00:00Z,,0,0,0,1,"]
        {
            assert_eq!(LogLine::read(bad), Err(LogLineError), "{bad}");
        }
    }

    #[test]
    fn a_log_whose_threshold_falls_or_that_names_other_roots_is_noticed() {
        let line =
            |at, place, listed| LogLine { at: second(at), threshold: Threshold::up_to(Place(place)), listed };
        let wrong = |log: &[LogLine], roots: &[Root]| {
            check_log(log, roots).iter().filter(|finding| !finding.agrees).count()
        };
        let root = merkle::root(&[]);
        assert_eq!(wrong(&[line(1, 5, None), line(2, 5, Some((0, root)))], &[(0, root)]), 0);
        assert_eq!(wrong(&[line(1, 5, None), line(2, 4, None)], &[]), 1);
        assert_eq!(wrong(&[line(2, 5, None), line(2, 5, None)], &[]), 1);
        assert_eq!(wrong(&[line(1, 5, Some((1, root)))], &[(0, root)]), 1);
    }
}
