//! A message before it is put on paper: the same parts become a short text, a long text and a simple page.

use askama::Template;

use crate::language::Language;

/// The parts of a message in the order they are read.
pub(super) struct Draft {
    pub(super) language: Language,
    pub(super) subject: String,
    /// The first sentence, which says what the message is about.
    pub(super) lead: String,
    pub(super) parts: Vec<Part>,
}

/// One part, set off from the others.
pub(super) enum Part {
    /// A few sentences.
    Words(String),
    /// A site with what happens there, a line each; the first line stands out.
    Place(Vec<String>),
    /// A page to go to.
    Link { label: String, url: String },
}

#[derive(Template)]
#[template(path = "messages/letter.html")]
struct LetterPage<'a> {
    draft: &'a Draft,
    code: &'static str,
    footer: String,
}

impl Draft {
    /// As a text message: our name first, because carriers show only a number as the sender.
    pub(super) fn as_text_message(&self) -> String {
        let brand = self.language.say("message-brand").to_string();
        format!("{brand} {}", self.body("\n"))
    }

    /// As the plain text of an e-mail.
    pub(super) fn as_letter(&self) -> String {
        format!("{}\n\n{}\n", self.body("\n\n"), self.footer())
    }

    /// As the HTML of an e-mail. `None` if the page can't be written; the plain text says it all.
    pub(super) fn as_page(&self) -> Option<String> {
        LetterPage { draft: self, code: self.language.code(), footer: self.footer() }.render().ok()
    }

    fn footer(&self) -> String {
        self.language.say("message-letter-footer").to_string()
    }

    fn body(&self, between: &str) -> String {
        let mut body = self.lead.clone();
        for part in &self.parts {
            body.push_str(between);
            match part {
                Part::Words(words) => body.push_str(words),
                Part::Place(lines) => body.push_str(&lines.join("\n")),
                Part::Link { label, url } => body.push_str(&format!("{label}: {url}")),
            }
        }
        body
    }
}
