//! What happens to a booking at the clinic: who somebody is, the vaccination, and what staff need to be told instead.

use jiff::civil::Date;

use super::booking::{BookingState, BookingStep};
use super::person::words;

words! {
    /// What staff did.
    Act {
        /// The person is here, and is who they say.
        CheckIn = "check-in",
        /// The vaccination was given.
        Record = "record",
        /// The person did not come.
        NoShow = "no-show",
        /// The act before was a mistake.
        Undo = "undo",
        /// What was recorded was wrong.
        Correct = "correct",
    }
}

impl Act {
    /// The step of the booking; a correction leaves it where it stands.
    pub fn step(self) -> Option<BookingStep> {
        match self {
            Self::CheckIn => Some(BookingStep::CheckIn),
            Self::Record => Some(BookingStep::Record),
            Self::NoShow => Some(BookingStep::MarkNoShow),
            Self::Undo => Some(BookingStep::Undo),
            Self::Correct => None,
        }
    }
}

words! {
    /// How somebody showed who they are.
    Identified {
        /// By an identity card, a passport or the like.
        Document = "document",
        /// They told name and birth date when they were asked.
        Told = "told",
        /// Somebody who cares for them knows them.
        Carer = "carer",
    }
}

words! {
    /// Where the vaccine was given.
    BodySite {
        /// The left upper arm.
        LeftArm = "left-arm",
        /// The right upper arm.
        RightArm = "right-arm",
        /// The left thigh.
        LeftThigh = "left-thigh",
        /// The right thigh.
        RightThigh = "right-thigh",
    }
}

/// Why an act was not done. Nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisitError {
    /// A colleague did something meanwhile.
    #[error("the booking was changed meanwhile")]
    ChangedMeanwhile,
    /// The booking does not stand where this can be done.
    #[error("this can't be done with a booking that is {0:?}")]
    NotNow(BookingState),
    /// It can be done only on the day of the appointment.
    #[error("the appointment is on {0}")]
    OtherDay(Date),
    /// The appointment has not begun, so that nobody can have missed it.
    #[error("the appointment is still to come")]
    StillToCome,
    /// The person has another seat for this dose by now.
    #[error("the person has another booking for this dose")]
    BookedAgain,
    /// There is no such lot at the site.
    #[error("the site has no such lot")]
    NoSuchLot,
    /// The lot must not be given any more.
    #[error("the lot expired on {0}")]
    LotExpired(Date),
    /// The lot was called back.
    #[error("the lot was recalled")]
    LotRecalled,
    /// The vaccine is not for this campaign, this age, or what was given before.
    #[error("the vaccine does not suit this person")]
    WrongVaccine,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_but_a_correction_is_a_step_of_the_booking() {
        let path = [Act::CheckIn, Act::Record].map(|act| act.step().unwrap());
        let end = path.into_iter().try_fold(BookingState::Booked, BookingState::after);
        assert_eq!(end, Some(BookingState::Vaccinated));
        assert_eq!(BookingState::NoShow.after(Act::CheckIn.step().unwrap()), Some(BookingState::Arrived));
        assert_eq!(Act::Correct.step(), None);
        for act in Act::ALL {
            assert_eq!(Act::from_word(act.as_str()), Some(*act));
        }
    }
}
