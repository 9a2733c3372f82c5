//! What the number in a carrier's answer means for the message (SMPP 5.0, 4.7.6).

use rusmpp::CommandStatus;

use crate::notify::{Obstacle, Outcome};

/// What an answer to a message means that is no success. Numbers of the carrier's own are refusals that may pass.
pub(super) fn outcome(status: CommandStatus) -> Outcome {
    use CommandStatus as Status;
    let why = format!("the carrier answered with its status {:#010x}", u32::from(status));
    let obstacle = match status {
        Status::EsmeRthrottled | Status::EsmeRmsgqful => Obstacle::Rate,
        Status::EsmeRsyserr | Status::EsmeRxTAppn | Status::EsmeRsubmitfail | Status::EsmeRunknownerr => {
            Obstacle::Gateway
        }
        status if is_about_us(status) => Obstacle::Account,
        Status::EsmeRinvdstadr
        | Status::EsmeRinvmsglen
        | Status::EsmeRinvcmdlen
        | Status::EsmeRxPAppn
        | Status::EsmeRxRAppn
        | Status::EsmeRdeliveryfailure => return Outcome::FailedForGood { why },
        _ => Obstacle::Message,
    };
    Outcome::retry(obstacle, why)
}

/// Whether somebody has to put our account in order: who we say that we are, and what we may send.
pub(super) fn is_about_us(status: CommandStatus) -> bool {
    use CommandStatus as Status;
    matches!(
        status,
        Status::EsmeRbindfail
            | Status::EsmeRinvpaswd
            | Status::EsmeRinvsysid
            | Status::EsmeRinvsystyp
            | Status::EsmeRinvbndsts
            | Status::EsmeRinvsrcadr
            | Status::EsmeRinvsrcton
            | Status::EsmeRinvsrcnpi
            | Status::EsmeRinvdstton
            | Status::EsmeRinvdstnpi
            | Status::EsmeRinvdcs
            | Status::EsmeRinvesmclass
            | Status::EsmeRinvsertyp
            | Status::EsmeRsertypunauth
            | Status::EsmeRsertypdenied
            | Status::EsmeRprohibited
    )
}
