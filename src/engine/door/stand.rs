//! How an opening's door stands, as far as it is known at a moment.

use jiff::{SignedDuration, Timestamp};

use super::flow_of;
use crate::domain::door::line::Line;
use crate::domain::door::opening::Opening;
use crate::domain::door::place::{Group, Place};
use crate::domain::door::waiting::Flow;
use crate::store::door_state::DoorState;

/// How an opening's door stands: who waits together, and when it is whose turn.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    opening: &'a Opening,
    state: Option<&'a DoorState>,
}

impl<'a> Stand<'a> {
    /// The door of an opening that stands so; `None` before its first turn.
    pub fn new(opening: &'a Opening, state: Option<&'a DoorState>) -> Self {
        Self { opening, state }
    }

    /// The line, as it began; `None` in a draw.
    pub(super) fn line(self) -> Option<Line> {
        self.state.map_or_else(|| self.opening.line(), |state| state.joined.line())
    }

    /// The group that waits with a place.
    pub fn group(self, place: Place) -> Group {
        self.line().map_or_else(|| place.group(), |line| line.group(place))
    }

    /// The first place of a group that anybody has: in a line, of those who came first in its minute.
    pub fn first_place(self, group: Group) -> Place {
        self.line().map_or_else(|| *group.places().start(), |line| line.first(group))
    }

    /// The last place of a group.
    pub fn last_place(self, group: Group) -> Place {
        self.line().map_or_else(|| *group.places().end(), |line| *line.places(group).end())
    }

    /// When those of a group of a line came, to the minute; `None` in a draw.
    pub fn came_at(self, group: Group) -> Option<Timestamp> {
        self.line()?.began().checked_add(SignedDuration::from_mins(i64::from(group.index()))).ok()
    }

    /// How the door opens at the moment.
    pub fn flow(self) -> Flow {
        flow_of(self.state)
    }

    /// How it opens for somebody with this place.
    pub fn flow_to(self, place: Place, now: Timestamp) -> Flow {
        let flow = self.flow();
        match self.state.and_then(|state| state.joined.arrivals()) {
            Some(line) => line.flow_to(place, flow.threshold, flow.rate, now),
            None => flow,
        }
    }
}
