//! The gates of a channel: which of them take what is due, and how much.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::gate::{Gate, GatewayLook, Place, Room};
use crate::domain::clock::Chance;
use crate::domain::gateway::weight::choose;
use crate::domain::message::Channel;
use crate::notify::Gateway;
use crate::store::outbox::{Due, DueId, Load, Room as RoomOfChannel};

/// The weight of the first of a list; those after it only take over, unless the configuration says otherwise.
const FIRST_WEIGHT: u32 = 100;

/// The gates of one channel, in the configured order.
pub(super) struct Lane {
    channel: Channel,
    gates: Vec<Arc<Gate>>,
    /// There was more to take than there was room for.
    more: AtomicBool,
}

/// Which gates take messages now, and how many.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) room: RoomOfChannel,
    /// How long it is until a rate lets another one through, when rates are what there is to wait for.
    pub(super) wait: Option<Duration>,
    /// Gates that do well, each with how many it takes: the one that was chosen, and then the others in order, for what has
    /// just failed at the first.
    well: Vec<(Arc<Gate>, Room)>,
    /// Gates that are tried after trouble, with a message or a few each, and whether even a code may try them.
    tried: Vec<(Arc<Gate>, usize, bool)>,
}

impl Lane {
    pub(super) fn new(channel: Channel, gateways: &[Arc<dyn Gateway>], now: Timestamp) -> Self {
        let carriers = gateways.iter().filter(|one| one.channels().contains(&channel));
        let weights = std::iter::once(FIRST_WEIGHT).chain(std::iter::repeat(0));
        let mut gates: Vec<_> = carriers
            .zip(weights)
            .map(|(one, weight)| Arc::new(Gate::new(Some(one.clone()), weight, now)))
            .collect();
        if gates.is_empty() {
            gates.push(Arc::new(Gate::new(None, FIRST_WEIGHT, now)));
        }
        Self { channel, gates, more: AtomicBool::new(false) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.gates.iter().all(|gate| gate.taken() == 0)
    }

    /// Ends the connections of its gateways.
    pub(super) async fn stop(&self) {
        for gateway in self.gates.iter().filter_map(|gate| gate.gateway.as_ref()) {
            gateway.stop().await;
        }
    }

    /// Pauses the gates of these gateways, and lets the others go on. Whether that changes anything.
    pub(super) fn pause(&self, names: &[String]) -> bool {
        let mut changes = false;
        for gate in &self.gates {
            changes |= gate.pause(gate.name().is_some_and(|own| names.iter().any(|name| **name == *own)));
        }
        changes
    }

    /// How its gateways do.
    pub(super) fn looks(&self) -> impl Iterator<Item = GatewayLook> {
        self.gates.iter().filter_map(|gate| gate.look())
    }

    /// What may be taken now: for one gate that does well, by weight, and a little for each that is tried. A gate without room is
    /// not chosen; a spare without weight then takes codes, but no others.
    pub(super) fn opening(&self, now: Timestamp, chance: &dyn Chance) -> Opening {
        let rooms: Vec<(&Arc<Gate>, Room)> = self.gates.iter().map(|gate| (gate, gate.room(now))).collect();
        let mut well: Vec<(&Arc<Gate>, Room, f64)> =
            rooms.iter().filter_map(|(gate, room)| Some((*gate, *room, room.weight?))).collect();
        let bears_none = well.iter().all(|(.., weight)| *weight == 0.0);
        // What the first has lost goes to the next.
        if let [(one, first, _), (_, _, next @ 0.0), ..] = &mut well[..]
            && Arc::ptr_eq(one, &self.gates[0])
        {
            *next = first.lost;
        }
        well.retain(|(_, room, _)| room.codes > 0);
        let weights: Vec<f64> = well.iter().map(|(.., weight)| *weight).collect();
        let chosen = choose(&weights, chance).unwrap_or(0);
        let (codes, others) = match well.get(chosen) {
            Some((_, room, weight)) if *weight > 0.0 || bears_none => (room.codes, room.others),
            Some((_, room, _)) => (room.codes, 0),
            None => (0, 0),
        };
        let first = well.get(chosen).map(|(gate, room, _)| ((*gate).clone(), *room));
        let rest = well.iter().enumerate().filter(|(place, _)| *place != chosen);
        let rest = rest.map(|(_, (gate, room, _))| ((*gate).clone(), *room));
        let tried = rooms.iter().filter(|(_, room)| room.weight.is_none() && room.codes > 0);
        let tried: Vec<_> =
            tried.map(|(gate, room)| ((*gate).clone(), room.codes, room.is_untried)).collect();
        let trials: usize = tried.iter().map(|(_, free, _)| free).sum();
        let count = |places: usize| i64::try_from(places).unwrap_or(i64::MAX);
        let waits = rooms.iter().filter(|(_, room)| room.weight.is_some()).filter_map(|(_, room)| room.wait);
        Opening {
            room: RoomOfChannel {
                channel: self.channel,
                codes: count(codes + trials),
                others: count(others + trials),
            },
            wait: waits.min().filter(|_| others == 0),
            well: first.into_iter().chain(rest).collect(),
            tried,
        }
    }

    /// Notes how many were found for an opening.
    pub(super) fn note(&self, opening: &Opening, found: usize) {
        let is_full = i64::try_from(found).is_ok_and(|found| found >= opening.room.others);
        // Where nothing is on its way and nothing was found, gates are shut, and time opens them.
        let will_open = found > 0 || opening.wait.is_some() || !self.is_empty();
        self.more.store(is_full && will_open, Ordering::Relaxed);
    }

    /// Whether more waits, and enough have landed to take it together.
    pub(super) fn wants_more(&self) -> bool {
        let has_room = |gate: &Arc<Gate>| gate.taken() <= gate.places / 2;
        let mut chosen = self.gates.iter().filter(|gate| gate.is_chosen()).peekable();
        let has_room = match chosen.peek() {
            Some(_) => chosen.any(has_room),
            None => self.gates.iter().filter(|gate| gate.may_stand_in()).any(has_room),
        };
        self.more.load(Ordering::Relaxed) && has_room
    }
}

impl Opening {
    /// Deals messages out. A gate that is tried gets the least urgent of them, and a code only when it is the last hope or
    /// nobody has tried it for a while; what has just failed at a gate goes to another that has room.
    pub(super) fn deal(&self, due: Due) -> Vec<(Arc<Gate>, Vec<i64>)> {
        let Due { messages: mut left, codes } = due;
        let mut dealt: Vec<(Arc<Gate>, Vec<i64>)> = Vec::new();
        for (gate, free, is_untried) in &self.tried {
            let may_have = if self.well.is_empty() || *is_untried {
                left.len()
            } else {
                left.len().saturating_sub(codes)
            };
            let tries = left.split_off(left.len() - may_have.min(*free));
            dealt.push((gate.clone(), tries.into_iter().map(|one| one.id).collect()));
        }
        dealt.extend(self.deal_to_well(left, codes));
        dealt.retain(|(_, ids)| !ids.is_empty());
        for (gate, ids) in &dealt {
            gate.take(ids.len());
        }
        dealt
    }

    /// All go to the gate that was chosen, but what has just failed there goes to another that has room.
    fn deal_to_well(
        &self,
        messages: Vec<DueId>,
        codes: usize,
    ) -> impl Iterator<Item = (Arc<Gate>, Vec<i64>)> {
        let mut well: Vec<Hand> =
            self.well.iter().map(|(gate, room)| (gate.clone(), *room, Vec::new())).collect();
        let first = well.first().and_then(|(gate, ..)| gate.name());
        for (place, one) in messages.into_iter().enumerate() {
            // The first of the list were counted when they were looked for: a spare may take codes alone.
            let takes = |(_, room, ids): &&mut Hand| ids.len() < room.codes;
            let spares =
                |(_, room, ids): &&mut Hand| ids.len() < if place < codes { room.codes } else { room.others };
            let has_failed = one.failed_at.is_some() && one.failed_at.as_deref() == first.as_deref();
            let other = if has_failed { well.iter_mut().skip(1).find(spares) } else { None };
            let hand = match other {
                Some(other) => Some(other),
                None => well.iter_mut().next().filter(takes),
            };
            if let Some((_, _, ids)) = hand {
                ids.push(one.id);
            }
        }
        well.into_iter().map(|(gate, _, ids)| (gate, ids))
    }
}

/// A gate, how many messages it takes, and those that it was dealt.
type Hand = (Arc<Gate>, Room, Vec<i64>);

/// Messages for a gate, as they are leased.
pub(super) fn load((gate, ids): &(Arc<Gate>, Vec<i64>)) -> Load {
    Load { gateway: gate.name(), ids: ids.clone() }
}

/// Places for what was taken, by row.
pub(super) fn places(dealt: &[(Arc<Gate>, Vec<i64>)]) -> HashMap<i64, Place> {
    dealt.iter().flat_map(|(gate, ids)| ids.iter().map(|id| (*id, gate.enter()))).collect()
}

#[cfg(test)]
mod tests;
