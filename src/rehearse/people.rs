//! The population. What somebody is like follows from the seed and their number, so that only what happens to them is kept.

use std::net::Ipv6Addr;

use super::plan::{NUMBERS, Plan};
use super::wheel::Due;

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// They have not come yet.
    Away,
    /// They look at the page of their group now and then.
    Waiting,
    /// Their turn has come, and they are booking.
    Inside,
    /// They are done, whether or not they have a seat.
    Gone,
}

/// A device with its owner's number, from when it comes to the door. Twenty-four bytes; what it looks at is kept once for all.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    next: u32,
    /// When it does something next, in milliseconds since the start.
    pub due: u32,
    /// Which of the known pages it shows; [`NO_PAGE`](super::waits::NO_PAGE) before the first.
    pub page: u32,
    /// When it was told that its turn would be, in seconds since the start; 0 when that was never told.
    pub told: u32,
    /// Which of the known addresses of waiting pages it looks at.
    pub address: u16,
    /// How often it looked at its waiting page.
    pub looks: u16,
    /// How far it has come.
    pub stage: Stage,
}

impl Visitor {
    /// Whether it came to the door, also when it had to try again or never had to wait.
    pub fn has_come(&self) -> bool {
        self.stage != Stage::Away || self.looks > 0
    }

    /// Somebody who has not come yet.
    pub const AWAY: Self = Self {
        next: 0,
        due: 0,
        page: super::waits::NO_PAGE,
        told: 0,
        address: 0,
        looks: 0,
        stage: Stage::Away,
    };
}

impl Due for Visitor {
    fn due(&mut self) -> (&mut u32, &mut u32) {
        (&mut self.next, &mut self.due)
    }
}

/// What chance decides about somebody; each has a stream of its own.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub enum Question {
    /// Whether they come before the opening.
    Early,
    /// Whether they prepared in the days before.
    Prepared,
    /// When they come.
    Arrival,
    /// Whose device it is.
    Owner,
    /// Whether they book for others, and for how many.
    Family,
    /// Whether they are there when their turn comes.
    NoShow,
    /// Whether they reload the page all the time.
    Impatient,
    /// Their language.
    Language,
    /// What they are called and when they were born.
    Name,
    /// Whatever they choose on the way.
    Choice,
}

/// Everybody's qualities.
#[derive(Debug, Clone, Copy)]
pub struct Population {
    seed: u64,
    /// Phones.
    pub people: u32,
    early: f64,
    prepared: f64,
    families: f64,
    no_shows: f64,
    impatient: f64,
}

/// Somebody who is to be vaccinated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their name.
    pub name: String,
    /// Year, month and day of birth.
    pub birth: (u16, u8, u8),
}

const FAMILY_NAMES: [&str; 20] = [
    "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황", "안",
    "송", "류", "홍",
];

const SYLLABLES: [&str; 32] = [
    "민", "서", "지", "현", "수", "영", "준", "하", "은", "우", "진", "연", "호", "윤", "재", "희", "경",
    "정", "성", "주", "미", "동", "선", "아", "유", "태", "혜", "원", "인", "규", "나", "훈",
];

impl Population {
    /// The people of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            seed: plan.seed,
            people: plan.people,
            early: plan.early,
            prepared: plan.prepared,
            families: plan.families,
            no_shows: plan.no_shows,
            impatient: plan.impatient,
        }
    }

    /// A number that chance gives somebody.
    pub fn draw(&self, index: u32, question: Question) -> u64 {
        mixed(mixed(self.seed ^ (question as u64) << 40) ^ u64::from(index))
    }

    /// The same as a fraction, from 0 to below 1.
    pub fn fraction(&self, index: u32, question: Question) -> f64 {
        // 53 bits are what a fraction holds.
        (self.draw(index, question) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whose device it is. The first devices are everybody's own, in their order.
    pub fn owner(&self, visitor: u32) -> u32 {
        if visitor < self.people {
            return visitor;
        }
        // Smaller than the number of people.
        (self.draw(visitor, Question::Owner) % u64::from(self.people.max(1))) as u32
    }

    /// Whether the owner books with this device; with another one they only look.
    pub fn is_main(&self, visitor: u32) -> bool {
        visitor < self.people
    }

    /// Whether they come before the opening.
    pub fn is_early(&self, visitor: u32) -> bool {
        self.fraction(visitor, Question::Early) < self.early
    }

    /// Whether they have an account and a list of people before the evening.
    pub fn is_prepared(&self, person: u32) -> bool {
        self.fraction(person, Question::Prepared) < self.prepared
    }

    /// Whether they are away when their turn comes.
    pub fn is_no_show(&self, person: u32) -> bool {
        self.fraction(person, Question::NoShow) < self.no_shows
    }

    /// Whether they reload the page all the time.
    pub fn is_impatient(&self, visitor: u32) -> bool {
        self.fraction(visitor, Question::Impatient) < self.impatient
    }

    /// Whether they read English; one in twenty does.
    pub fn reads_english(&self, visitor: u32) -> bool {
        self.draw(visitor, Question::Language).is_multiple_of(20)
    }

    /// For how many others they book.
    pub fn others(&self, person: u32) -> u32 {
        let is_family = self.fraction(person, Question::Family) < self.families;
        if is_family { 1 + (self.draw(person, Question::Family) % 3) as u32 } else { 0 }
    }

    /// Somebody's own data, number 0, or those of the others they book for.
    pub fn member(&self, person: u32, number: u32) -> Member {
        let mut chance = mixed(self.draw(person, Question::Name) ^ u64::from(number));
        let mut below = |limit: usize| {
            chance = mixed(chance);
            (chance % limit as u64) as usize
        };
        let family = FAMILY_NAMES[below(FAMILY_NAMES.len())];
        let given = [SYLLABLES[below(SYLLABLES.len())], SYLLABLES[below(SYLLABLES.len())]];
        // Everybody is an adult, so that every vaccine suits them. Each fits, being below 100.
        let birth = (1_930 + below(77) as u16, 1 + below(12) as u8, 1 + below(28) as u8);
        Member { name: format!("{family}{}{}", given[0], given[1]), birth }
    }
}

/// Somebody's number, from 0 to 9,999,999: each has another, in no order.
pub fn number_of(person: u32) -> u32 {
    // Prime to ten million, so that it is a permutation.
    ((u64::from(person) * 7_368_787 + 1_234_567) % u64::from(NUMBERS)) as u32
}

/// A number as it is typed: `010-0000-1234`. Those from ten million on begin with 010-1.
pub fn phone(number: u32) -> String {
    format!("010-{:04}-{:04}", number / 10_000, number % 10_000)
}

/// The number behind `+8210`, when it is one of those that nobody can have.
pub fn number_in(to: &str) -> Option<u32> {
    to.strip_prefix("+8210")?.parse().ok().filter(|number| *number < 2 * NUMBERS)
}

/// The network of a device: from the block of IPv6 addresses that RFC 3849 keeps for examples.
pub fn network(device: u32) -> Ipv6Addr {
    let [a, b] = [(device >> 16) as u16, device as u16];
    Ipv6Addr::new(0x2001, 0xdb8, a, b, 0, 0, 0, 1)
}

/// The finishing step of SplitMix64: numbers that are near each other become far apart.
pub fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use super::super::plan::Arrivals;
    use super::*;
    use crate::domain::phone::PhoneNumber;

    fn population(people: u32) -> Population {
        Population::new(&Plan {
            people,
            arrivals: Arrivals::Evening,
            early: 0.3,
            prepared: 0.4,
            families: 0.2,
            no_shows: 0.1,
            devices: 1.5,
            impatient: 0.05,
            attackers: 0,
            minutes: 1,
            connections: 1,
            think_seconds: 0.0,
            seed: 7,
        })
    }

    #[test]
    fn ten_million_people_fit_into_a_quarter_of_a_gigabyte() {
        assert_eq!(size_of::<Visitor>(), 24);
    }

    #[test]
    fn everybody_has_a_phone_of_their_own_that_nobody_can_have() {
        let numbers: HashSet<u32> = (0..100_000).map(number_of).collect();
        assert_eq!(numbers.len(), 100_000);
        for number in [0, number_of(1), NUMBERS - 1, 2 * NUMBERS - 1] {
            let read = PhoneNumber::parse(&phone(number)).unwrap();
            assert!(read.is_mobile());
            assert_eq!(number_in(read.as_e164()), Some(number));
        }
        assert_eq!(number_in(&format!("+8210{}", 2 * NUMBERS)), None, "010-2 rings somewhere");
    }

    #[test]
    fn shares_are_what_the_plan_says() {
        let people = population(20_000);
        let share =
            |what: &dyn Fn(u32) -> bool| (0..20_000).filter(|one| what(*one)).count() as f64 / 20_000.0;
        for (wanted, got) in [
            (0.3, share(&|one| people.is_early(one))),
            (0.4, share(&|one| people.is_prepared(one))),
            (0.2, share(&|one| people.others(one) > 0)),
            (0.1, share(&|one| people.is_no_show(one))),
            (0.05, share(&|one| people.is_impatient(one))),
            (0.05, share(&|one| people.reads_english(one))),
        ] {
            assert!((wanted - got).abs() < 0.01, "{wanted} {got}");
        }
        assert!((0..20_000).all(|one| people.others(one) <= 3));
        assert_ne!(people.member(1, 0), people.member(1, 1));
        assert_eq!(people.member(1, 0), population(10).member(1, 0), "a seed repeats");
    }
}
