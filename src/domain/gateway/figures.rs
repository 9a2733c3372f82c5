//! What a gateway did, in figures: how many attempts ended how, and what those cost that went.

use std::ops::AddAssign;

/// How many attempts ended how, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GatewayFigures {
    /// The gateway took the message.
    pub sent: u64,
    /// It refused it for good.
    pub refused: u64,
    /// It is to be tried again.
    pub later: u64,
    /// Nobody knows.
    pub uncertain: u64,
    /// What the messages cost that it took, in thousandths of the operator's currency.
    pub cost: u64,
}

impl GatewayFigures {
    /// How many attempts there were.
    pub fn attempts(&self) -> u64 {
        self.sent + self.refused + self.later + self.uncertain
    }

    /// What has come since; figures only grow.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(before.sent),
            refused: self.refused.saturating_sub(before.refused),
            later: self.later.saturating_sub(before.later),
            uncertain: self.uncertain.saturating_sub(before.uncertain),
            cost: self.cost.saturating_sub(before.cost),
        }
    }
}

impl AddAssign for GatewayFigures {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.refused += other.refused;
        self.later += other.later;
        self.uncertain += other.uncertain;
        self.cost += other.cost;
    }
}

/// What a message costs, in thousandths of the operator's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prices {
    /// A short text message, or an e-mail.
    pub short: u32,
    /// A text message that is longer than a short one may be.
    pub long: u32,
}

/// An amount in thousandths: `"9.9"` is 9,900. As many as three places may stand behind the point.
pub fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 3 {
        return None;
    }
    let part: u32 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_to_the_thousandth() {
        for (text, amount) in
            [("9.9", 9_900), ("30", 30_000), ("0.075", 75), ("0", 0), ("4294967", 4_294_967_000)]
        {
            assert_eq!(thousandths(text), Some(amount), "{text}");
        }
        for text in ["", ".", "9.", ".9", "-1", "1,5", "9.9999", "1e3", "4294968", "９"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    #[test]
    fn what_has_come_since_is_told_apart() {
        let before = GatewayFigures { sent: 3, cost: 30, ..GatewayFigures::default() };
        let mut now = before;
        let more = GatewayFigures { sent: 2, later: 1, cost: 20, ..GatewayFigures::default() };
        now += more;
        assert_eq!((now.since(&before), more.attempts()), (more, 3));
    }
}
