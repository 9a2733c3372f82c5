//! A page as a browser reads it: what it looks again after, where it leads, and what its forms send.
//!
//! Only what stands in `<main>` counts, as for somebody who came to do something; the frame's own forms are left alone.

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use jiff::Timestamp;

/// What a page says to a browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// After how many seconds it is to be asked for again.
    pub refresh: Option<u32>,
    /// The moment it tells of, as `<time datetime>` has it.
    pub moment: Option<Timestamp>,
    /// The links, in their order.
    pub links: Vec<Link>,
    /// The forms, in their order.
    pub forms: Vec<Form>,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// How it looks.
    pub class: String,
}

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Whether it is sent by POST.
    pub is_post: bool,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
}

/// A field of a form, or one of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is sent as.
    pub value: String,
    /// How it is filled in.
    pub kind: FieldKind,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// It is sent as it stands, whatever is typed.
    Plain,
    /// One of several, or one that stands alone: sent only when it is chosen.
    Choice {
        /// Whether it is chosen already.
        chosen: bool,
    },
    /// Sent only when it is pressed.
    Button,
}

/// A form as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl Page {
    /// Reads a page.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        // Nobody looks at the style sheet, which is half of a page.
        let (head, rest) = text.split_once("<style>").unwrap_or((text, ""));
        let body = rest.split_once("</style>").map_or("", |(_, body)| body);
        for part in [head, body] {
            let emitter = CallbackEmitter::new(&mut reader);
            let Ok(()) = Tokenizer::new_with_emitter(part, emitter).finish();
        }
        reader.page
    }

    /// The first link that looks like this.
    pub fn link(&self, class: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.class == class)
    }

    /// The links whose addresses hold this.
    pub fn links_to<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |link| link.href.contains(part))
    }

    /// The first form with a field of this name.
    pub fn form_with(&self, field: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.has(field))
    }

    /// The first form that is sent to an address with this in it.
    pub fn form_to(&self, part: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.action.contains(part))
    }
}

impl Form {
    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// The values to choose from, or the buttons to press, of this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let offered = move |field: &&Field| field.name == name && field.kind != FieldKind::Plain;
        self.fields.iter().filter(offered).map(|field| field.value.as_str())
    }

    /// What would be sent if nothing was typed and no button with a name was pressed.
    pub fn untouched(&self) -> Filled {
        let is_sent = |field: &&Field| {
            matches!(field.kind, FieldKind::Plain | FieldKind::Choice { chosen: true })
                && !field.name.is_empty()
        };
        let pair = |field: &Field| (field.name.clone(), field.value.clone());
        Filled { fields: self.fields.iter().filter(is_sent).map(pair).collect() }
    }
}

impl Filled {
    /// Types into a field, or chooses one of its values instead of another.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Chooses one more value of a name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        let pair = (name.to_owned(), value.to_owned());
        if !self.fields.contains(&pair) {
            self.fields.push(pair);
        }
        self
    }

    /// The form as it goes into a body or a query.
    pub fn encoded(&self) -> String {
        // Pairs of texts can always be written.
        serde_html_form::to_string(&self.fields).unwrap_or_default()
    }
}

/// Reads a page tag by tag.
#[derive(Default)]
struct Reader {
    page: Page,
    is_in_main: bool,
    tag: String,
    attributes: Vec<(String, String)>,
    form: Option<Form>,
    /// The name of the list that is open.
    list: String,
}

impl Callback<std::convert::Infallible, ()> for &mut Reader {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _: Span<()>) -> Option<std::convert::Infallible> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = text(name);
                self.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => self.attributes.push((text(name), String::new())),
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, last)) = self.attributes.last_mut() {
                    *last = text(value);
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name } => self.end(name),
            _ => {}
        }
        None
    }
}

impl Reader {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn owned(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().to_owned()
    }

    fn start(&mut self) {
        match self.tag.as_str() {
            "meta" if self.attribute("http-equiv") == Some("refresh") => {
                let seconds = self.attribute("content").and_then(|content| content.split(';').next());
                self.page.refresh = seconds.and_then(|seconds| seconds.trim().parse().ok());
            }
            "main" => self.is_in_main = true,
            _ if !self.is_in_main => {}
            "a" => {
                let link = Link { href: self.owned("href"), class: self.owned("class") };
                self.page.links.push(link);
            }
            "time" => {
                self.page.moment = self.attribute("datetime").and_then(|moment| moment.parse().ok());
            }
            "form" => {
                let is_post =
                    self.attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                self.form = Some(Form { action: self.owned("action"), is_post, fields: Vec::new() });
            }
            "select" => self.list = self.owned("name"),
            "input" | "button" | "option" => self.field(),
            _ => {}
        }
    }

    fn field(&mut self) {
        let (mut name, kind) = (self.owned("name"), self.attribute("type").unwrap_or_default());
        let kind = match (self.tag.as_str(), kind) {
            ("button", _) => FieldKind::Button,
            ("option", _) => {
                name.clone_from(&self.list);
                FieldKind::Choice { chosen: self.attribute("selected").is_some() }
            }
            (_, "checkbox" | "radio") => FieldKind::Choice { chosen: self.attribute("checked").is_some() },
            _ => FieldKind::Plain,
        };
        let field = Field { name, value: self.owned("value"), kind };
        if let Some(form) = &mut self.form {
            form.fields.push(field);
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"main" => self.is_in_main = false,
            b"form" => self.page.forms.extend(self.form.take()),
            b"select" => self.list.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><html lang="ko"><head>
        <meta http-equiv="refresh" content="42"><style>a{content:"<a href=no>"}</style></head>
        <body><form action="/language"><input name="csrf" value="frame"></form><main id="main">
        <p><time datetime="2026-11-29T20:38:00+09:00">8:38</time></p>
        <a class="button" href="/door/flu?a=1&amp;b=2">In</a> <a href="/draw/flu">Draw</a>
        <form method="post" action="/people/new">
        <input type="hidden" name="csrf" value="a&quot;b"><input id="name" name="name" value="">
        <input type="radio" name="relation" value="mother"><input type="radio" name="relation" value="me" checked>
        <input type="checkbox" name="p" value="1"><input type="checkbox" name="p" value="2" checked>
        <button name="slot" value="7">7</button><button class="button">Save</button></form>
        <form method="get" action="/book/flu/where"><select name="in"><option value="seoul" selected>S</option>
        <option value="busan">B</option></select></form></main><a class="button" href="/foot">x</a></body></html>"#;

    #[test]
    fn a_page_says_where_it_leads_and_when_it_looks_again() {
        let page = Page::read(PAGE);
        assert_eq!(page.refresh, Some(42));
        assert_eq!(page.moment, Some("2026-11-29T11:38:00Z".parse().unwrap()));
        assert_eq!(page.link("button").unwrap().href, "/door/flu?a=1&b=2");
        assert_eq!(page.links.len(), 2, "the frame's links are no way on");
        assert_eq!(page.links_to("/draw/").count(), 1);
        assert_eq!(Page::read(""), Page::default());
    }

    #[test]
    fn a_form_sends_what_is_in_it() {
        let page = Page::read(PAGE);
        let form = page.form_with("name").unwrap();
        assert!(form.is_post);
        assert_eq!(form.untouched().encoded(), "csrf=a%22b&name=&relation=me&p=2");
        let filled =
            form.untouched().with("relation", "mother").with("name", "김").and("p", "1").and("p", "2");
        assert_eq!(filled.encoded(), "csrf=a%22b&p=2&relation=mother&name=%EA%B9%80&p=1");
        assert_eq!(form.values("relation").collect::<Vec<_>>(), ["mother", "me"]);
        assert_eq!(form.values("slot").collect::<Vec<_>>(), ["7"]);
        let list = page.form_to("/where").unwrap();
        assert_eq!((list.is_post, list.untouched().encoded().as_str()), (false, "in=seoul"));
        assert_eq!(list.untouched().with("in", "busan").encoded(), "in=busan");
        assert_eq!(page.forms.len(), 2);
    }
}
