//! Who asked for a place: what is counted of them, in a draw and in a line.

use jiff::Timestamp;

use super::arrivals::{Arrivals, ArrivalsError};
use super::crowd::{Crowd, CrowdError};
use super::line::Line;
use super::place::{Place, Threshold};

/// Those who asked for a place. Both kinds take 4 kilobytes, however many they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Joined {
    /// Phones of a draw, each counted once.
    Drawn(Crowd),
    /// Tickets of a line.
    InLine(Arrivals),
}

/// The bytes count nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinedError {
    /// They are no sketch.
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    /// They are no counts.
    #[error(transparent)]
    Arrivals(#[from] ArrivalsError),
}

impl Joined {
    /// Nobody yet, in a line or else in a draw.
    pub fn nobody(line: Option<Line>) -> Self {
        line.map_or_else(|| Self::Drawn(Crowd::new()), |line| Self::InLine(Arrivals::new(line)))
    }

    /// Those whom [`to_bytes`](Self::to_bytes) wrote down.
    pub fn from_bytes(line: Option<Line>, bytes: &[u8]) -> Result<Self, JoinedError> {
        match line {
            None => Ok(Self::Drawn(Crowd::from_bytes(bytes)?)),
            Some(line) => Ok(Self::InLine(Arrivals::from_bytes(line, bytes)?)),
        }
    }

    /// The bytes for the database.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Drawn(crowd) => crowd.as_bytes().to_vec(),
            Self::InLine(arrivals) => arrivals.to_bytes(),
        }
    }

    /// The line, where they stand in one.
    pub fn line(&self) -> Option<Line> {
        self.arrivals().map(Arrivals::line)
    }

    /// How many came to the line in each of its minutes; `None` in a draw.
    pub fn arrivals(&self) -> Option<&Arrivals> {
        match self {
            Self::Drawn(_) => None,
            Self::InLine(arrivals) => Some(arrivals),
        }
    }

    /// Takes in somebody: a phone that is in it already changes nothing, a ticket always counts.
    pub fn join(&mut self, place: Place) {
        match self {
            Self::Drawn(crowd) => crowd.join(place),
            Self::InLine(arrivals) => arrivals.join(place),
        }
    }

    /// Takes in all others. A draw and a line have nothing in common; then nobody is taken in.
    pub fn take_in(&mut self, others: &Self) {
        match (self, others) {
            (Self::Drawn(crowd), Self::Drawn(others)) => crowd.merge(others),
            (Self::InLine(arrivals), Self::InLine(others)) => arrivals.add(others),
            _ => {}
        }
    }

    /// About how many of them still wait.
    pub fn above(&self, threshold: Threshold, now: Timestamp) -> f64 {
        match self {
            Self::Drawn(crowd) => crowd.above(threshold),
            Self::InLine(arrivals) => arrivals.above(threshold, now),
        }
    }

    /// About how many they are.
    pub fn count(&self) -> f64 {
        match self {
            Self::Drawn(crowd) => crowd.joined(),
            Self::InLine(arrivals) => arrivals.all() as f64,
        }
    }
}

#[cfg(test)]
mod tests {

    use super::super::line::place_on_arrival;
    use super::*;

    #[test]
    fn a_phone_counts_once_and_a_ticket_each_time() {
        let line = Line::new(Timestamp::UNIX_EPOCH);
        for (line, count) in [(None, 1.0), (Some(line), 2.0)] {
            let mut joined = Joined::nobody(line);
            assert_eq!((joined.count(), joined.line()), (0.0, line));
            let place = place_on_arrival(Timestamp::UNIX_EPOCH, 7);
            joined.join(place);
            joined.join(place);
            assert_eq!(joined.count().round(), count);
            assert_eq!(Joined::from_bytes(line, &joined.to_bytes()), Ok(joined.clone()));
            joined.take_in(&joined.clone());
            assert_eq!(joined.count().round(), count * count);
            joined.take_in(&Joined::nobody(if line.is_some() {
                None
            } else {
                Some(Line::new(Timestamp::UNIX_EPOCH))
            }));
            assert_eq!(joined.count().round(), count * count);
            assert!(Joined::from_bytes(line, &[1]).is_err());
        }
    }
}
