//! Frames of SMPP, each read by itself: one that can't be understood costs one message, and not the connection.

use bytes::{Buf, BufMut, BytesMut};
use rusmpp::decode::DecodeWithLength;
use rusmpp::encode::Length;
use rusmpp::encode::owned::Encode;
use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::TlvValue;
use rusmpp::{Command, CommandId, CommandStatus};

/// The length, what it is, how it went, and its number.
const HEAD_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;

/// No frame is longer: a text of 2,000 bytes is the most that anybody sends.
const FRAME_MAX_BYTES: usize = 16 * 1024;

/// What was read.
#[derive(Debug)]
pub(super) enum Frame {
    /// Something that was understood.
    Command(Box<Command>),
    /// Something that was not, but its head was.
    Unreadable {
        /// What it claims to be.
        id: CommandId,
        /// How it says that it went.
        status: CommandStatus,
        /// Its number.
        sequence: u32,
    },
}

/// The bits of `esm_class` that say what a message from the carrier is: none of them for a person's text.
const KIND_BITS: u8 = 0b0011_1100;

/// What a message from the carrier is.
pub(super) fn kind_of(deliver: &DeliverSm) -> u8 {
    u8::from(deliver.esm_class) & KIND_BITS
}

/// What a message from the carrier says, in whichever of its two places that stands.
pub(super) fn payload(deliver: &DeliverSm) -> &[u8] {
    let payload = deliver.tlvs().iter().filter_map(|tlv| tlv.value()).find_map(|value| match value {
        TlvValue::MessagePayload(payload) => Some(payload.value.as_ref()),
        _ => None,
    });
    payload.unwrap_or(deliver.short_message().as_ref())
}

/// The stream is not SMPP, or out of step: there is no way back into it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a frame of {0} bytes")]
pub(super) struct OutOfStep(usize);

/// Takes the next frame out of what has arrived; `None` until all of it has.
///
/// # Errors
/// [`OutOfStep`] when its length can't be one.
pub(super) fn take(arrived: &mut BytesMut) -> Result<Option<Frame>, OutOfStep> {
    let Some(mut head) = arrived.get(..HEAD_BYTES) else { return Ok(None) };
    let [length, id, status, sequence] = [(); 4].map(|()| head.get_u32());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(HEAD_BYTES..=FRAME_MAX_BYTES).contains(&length) {
        return Err(OutOfStep(length));
    }
    if arrived.len() < length {
        arrived.reserve(length - arrived.len());
        return Ok(None);
    }
    let mut frame = arrived.split_to(length);
    frame.advance(LENGTH_BYTES);
    Ok(Some(match Command::decode(&mut frame, length - LENGTH_BYTES) {
        Ok((command, _)) => Frame::Command(Box::new(command)),
        Err(_) => {
            let (id, status) = (CommandId::from(id), CommandStatus::from(status));
            Frame::Unreadable { id, status, sequence }
        }
    }))
}

/// Writes a frame.
pub(super) fn put(command: &Command, into: &mut BytesMut) {
    let length = LENGTH_BYTES + command.length();
    // A frame of ours is a few kilobytes at most.
    into.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    command.encode(into);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusmpp::Pdu;

    use super::*;

    #[test]
    fn frames_are_taken_when_they_are_whole() {
        let (mut written, mut arrived) = (BytesMut::new(), BytesMut::new());
        put(&Command::new(CommandStatus::EsmeRok, 7, Pdu::EnquireLink), &mut written);
        put(&Command::new(CommandStatus::EsmeRthrottled, 8, Pdu::GenericNack), &mut written);
        for byte in written {
            assert!(arrived.len() < 16);
            arrived.extend([byte]);
            if arrived.len() < 16 {
                assert!(take(&mut arrived).unwrap().is_none());
            } else {
                assert!(matches!(take(&mut arrived), Ok(Some(Frame::Command(_)))));
            }
        }
    }

    #[test]
    fn a_frame_that_is_not_understood_spoils_no_other() {
        // A receipt (0x00000005) whose fields never end, and a question whether we are there.
        let mut arrived = BytesMut::from(&[0, 0, 0, 18, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF][..]);
        put(&Command::new(CommandStatus::EsmeRok, 4, Pdu::EnquireLink), &mut arrived);
        let first = take(&mut arrived).unwrap();
        assert!(
            matches!(first, Some(Frame::Unreadable { id: CommandId::DeliverSm, sequence: 3, .. })),
            "{first:?}"
        );
        assert!(matches!(take(&mut arrived), Ok(Some(Frame::Command(_)))));
        assert!(arrived.is_empty());
    }

    #[test]
    fn lengths_that_cannot_be_end_the_conversation() {
        for length in [0_u32, 15, 16_385, u32::MAX] {
            let mut arrived = BytesMut::from(&length.to_be_bytes()[..]);
            arrived.extend([0; 12]);
            assert_eq!(take(&mut arrived).unwrap_err(), OutOfStep(length as usize));
        }
    }

    proptest! {
        #[test]
        fn whatever_arrives_is_read_or_refused(
            id in prop::sample::select(vec![4_u32, 5, 9, 0x8000_0004, 0x8000_0009, 0x15, 6, 0x103, 77]),
            body in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let length = u32::try_from(body.len() + 16).unwrap();
            let mut arrived = BytesMut::new();
            for number in [length, id, 0, 1] {
                arrived.extend(number.to_be_bytes());
            }
            arrived.extend(&body);
            prop_assert!(take(&mut arrived).unwrap().is_some());
            prop_assert!(arrived.is_empty());
        }
    }
}
