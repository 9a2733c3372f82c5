//! What was sent, as the people of a story read it.

use std::io::BufRead;

use sunbeon::domain::phone::PhoneNumber;
use sunbeon::notify::spool::SpooledMessage;

use super::TestApp;
use super::running::wait_for;

impl TestApp {
    /// Every message so far, the oldest first.
    pub fn messages(&self) -> Vec<SpooledMessage> {
        let Ok(file) = std::fs::File::open(self.spool_file()) else { return Vec::new() };
        let lines = std::io::BufReader::new(file).lines().map(Result::unwrap);
        // The last line may be half written.
        lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
    }

    /// Every message so far to a phone number or e-mail address, the oldest first. Waits until all that are due were
    /// sent.
    pub fn messages_to(&self, contact: &str) -> Vec<SpooledMessage> {
        self.await_messages_sent();
        let to = address(contact);
        self.messages().into_iter().filter(|message| message.to == to).collect()
    }

    /// The next message of a kind (`"confirmation"`, see `MessageKind`) to a phone number or e-mail address that no
    /// earlier call gave. Waits for it.
    pub fn next_message(&self, contact: &str, kind: &str) -> SpooledMessage {
        let to = address(contact);
        let what = format!("a message {kind:?} to {contact}");
        let found = wait_for(&what, || {
            let read = self.read_messages.lock().unwrap();
            let is_new = |message: &SpooledMessage| {
                message.to == to && message.kind == kind && !read.contains(&message.id)
            };
            self.messages().into_iter().find(is_new)
        });
        self.read_messages.lock().unwrap().push(found.id);
        found
    }

    /// The six digits that were sent to a phone number last. Waits for a code that no earlier call gave.
    pub fn code_for(&self, phone: &str) -> String {
        digits(&self.next_message(phone, "code").text)
    }

    /// The six digits that were sent to an e-mail address. Waits as [`TestApp::code_for`] does.
    pub fn email_code_for(&self, email: &str) -> String {
        digits(&self.next_message(email, "email-check").text)
    }
}

fn address(contact: &str) -> String {
    if contact.contains('@') {
        contact.to_owned()
    } else {
        PhoneNumber::parse(contact).unwrap().as_e164().to_owned()
    }
}

/// The first six digits in a row.
fn digits(text: &str) -> String {
    let mut runs = text.split(|sign: char| !sign.is_ascii_digit());
    runs.find(|run| run.len() == 6).unwrap_or_else(|| panic!("no code in {text:?}")).to_owned()
}
