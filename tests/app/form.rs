//! A form, filled in and sent as a browser without JavaScript does it.

use reqwest::Method;
use scraper::{ElementRef, Html};

use super::page::{css, words};
use super::{Browser, Page};

/// A form of a page, as far as it was filled in.
#[derive(Clone)]
pub struct Form {
    /// Where it goes, as the page writes it; the page's own address when it says nothing.
    pub action: String,
    is_post: bool,
    fields: Vec<Field>,
    path: String,
    browser: Browser,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Hidden fields, lines and areas of text: always sent.
    Text,
    /// Sent when ticked or chosen.
    Box,
    Radio,
    /// A list to choose from: values and words.
    List(Vec<(String, String)>),
    /// Sent when pressed; may send the form elsewhere.
    Button {
        action: Option<String>,
        method: Option<String>,
    },
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    label: String,
    kind: Kind,
    /// Ticked, chosen, or of a kind that is always sent.
    is_on: bool,
    /// Nobody can type in it.
    is_hidden: bool,
}

impl Form {
    pub(super) fn read(page: &Page, html: &Html, form: ElementRef<'_>) -> Self {
        assert_ne!(form.attr("enctype"), Some("multipart/form-data"), "no form of ours sends files");
        let controls = "input, select, textarea, button";
        let own = |control: &ElementRef<'_>| match control.attr("form") {
            Some(id) => Some(id) == form.attr("id"),
            None => control.ancestors().any(|above| above.id() == form.id()),
        };
        let fields = html
            .select(&css(controls))
            .filter(own)
            .filter(|control| control.attr("disabled").is_none())
            .map(|control| field(html, control))
            .collect();
        Self {
            action: form.attr("action").unwrap_or(&page.path).to_owned(),
            is_post: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            fields,
            path: page.path.clone(),
            browser: page.browser().clone(),
        }
    }

    /// Types into a line or area of text, or chooses from a list by value or words. The field is named by its `name` or
    /// by a part of its label.
    ///
    /// # Panics
    /// When there is no such field; the message names those there are.
    #[track_caller]
    pub fn fill(mut self, name_or_label: &str, value: &str) -> Self {
        let is_open = |field: &Field| !field.is_hidden && matches!(field.kind, Kind::Text | Kind::List(_));
        let place = self.find(name_or_label, is_open);
        let field = &mut self.fields[place];
        field.value = match &field.kind {
            Kind::List(options) => {
                let fits = |(known, words): &&(String, String)| known == value || words.contains(value);
                let found = options.iter().find(fits);
                found.unwrap_or_else(|| panic!("{value:?} is none of {options:?}")).0.clone()
            }
            _ => value.to_owned(),
        };
        self
    }

    /// Ticks a box or chooses one of several, by `name` and `value`.
    ///
    /// # Panics
    /// When there is none; the message names those there are.
    #[track_caller]
    pub fn check(self, name: &str, value: &str) -> Self {
        let place = self.fields.iter().position(|field| {
            matches!(field.kind, Kind::Box | Kind::Radio) && field.name == name && field.value == value
        });
        let place =
            place.unwrap_or_else(|| panic!("nothing to check {name}={value:?} among {:?}", self.fields));
        self.switch_on(place)
    }

    /// Ticks a box or chooses one of several, by `value` or by a part of its label.
    ///
    /// # Panics
    /// When there is none; the message names those there are.
    #[track_caller]
    pub fn choose(self, words_or_value: &str) -> Self {
        let is_choice = |field: &Field| matches!(field.kind, Kind::Box | Kind::Radio);
        let exact = self.fields.iter().position(|field| {
            is_choice(field) && (field.value == words_or_value || field.label == words_or_value)
        });
        let place = exact.unwrap_or_else(|| self.find(words_or_value, is_choice));
        self.switch_on(place)
    }

    /// Takes the tick from a box.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn uncheck(mut self, name: &str, value: &str) -> Self {
        let place = self
            .fields
            .iter()
            .position(|field| field.kind == Kind::Box && field.name == name && field.value == value);
        self.fields[place.unwrap_or_else(|| panic!("no box {name}={value:?}"))].is_on = false;
        self
    }

    /// What a field holds now: the text, the chosen value; `None` when it would not be sent.
    pub fn value(&self, name: &str) -> Option<&str> {
        let sent = self.fields.iter().find(|field| field.is_on && field.name == name);
        sent.map(|field| field.value.as_str())
    }

    /// The values that can be chosen under a name, or from a list.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let of = |field: &Field| match &field.kind {
            Kind::List(options) => options.iter().map(|(value, _)| value.clone()).collect(),
            Kind::Box | Kind::Radio => vec![field.value.clone()],
            _ => Vec::new(),
        };
        self.fields.iter().filter(|field| field.name == name).flat_map(of).collect()
    }

    /// Presses the button with these words or this value; `""` is the form's first button. Follows redirects.
    ///
    /// # Panics
    /// When there is no such button.
    #[track_caller]
    pub fn press(&self, words_or_value: &str) -> Page {
        let page = self.press_once(words_or_value);
        self.browser.follow(page)
    }

    /// Like [`Form::press`], and stays at the answer, redirect or not.
    ///
    /// # Panics
    /// When there is no such button.
    #[track_caller]
    pub fn press_once(&self, words_or_value: &str) -> Page {
        let pressed = self.button(words_or_value).unwrap_or_else(|| {
            panic!("no button {words_or_value:?} in {} among {:?}", self.action, self.fields)
        });
        let Kind::Button { action, method } = &self.fields[pressed].kind else { unreachable!() };
        let is_post = method.as_ref().map_or(self.is_post, |method| method.eq_ignore_ascii_case("post"));
        let to = self.browser.resolve(&self.path, action.as_ref().unwrap_or(&self.action));
        let sent: Vec<(String, String)> = self
            .fields
            .iter()
            .enumerate()
            .filter(|(place, field)| !field.name.is_empty() && (field.is_on || *place == pressed))
            .map(|(_, field)| (field.name.clone(), field.value.clone()))
            .collect();
        if !is_post {
            return self.browser.send(Method::GET, &self.browser.with_query(&to, &sent), &[], None);
        }
        let page = self.browser.send(Method::POST, &to, &[], Some(&sent));
        if let Some((_, code)) = sent.iter().find(|(name, _)| name == "to" && to == "/language") {
            self.browser.expect_language(super::Language::from_code(code).unwrap());
        }
        page
    }

    /// Whether it has a button with these words or this value.
    pub fn has_button(&self, words_or_value: &str) -> bool {
        self.button(words_or_value).is_some()
    }

    fn button(&self, words_or_value: &str) -> Option<usize> {
        let buttons = || {
            let is_button = |(_, field): &(usize, &Field)| matches!(field.kind, Kind::Button { .. });
            self.fields.iter().enumerate().filter(is_button)
        };
        let exact = buttons().find(|(_, field)| {
            !words_or_value.is_empty() && (field.label == words_or_value || field.value == words_or_value)
        });
        exact
            .or_else(|| buttons().find(|(_, field)| field.label.contains(words_or_value)))
            .map(|(place, _)| place)
    }

    #[track_caller]
    fn find(&self, name_or_label: &str, fits: impl Fn(&Field) -> bool) -> usize {
        let by_name = self.fields.iter().position(|field| fits(field) && field.name == name_or_label);
        let by_label =
            || self.fields.iter().position(|field| fits(field) && field.label.contains(name_or_label));
        by_name.or_else(by_label).unwrap_or_else(|| {
            panic!("no field {name_or_label:?} in {} among {:?}", self.action, self.fields)
        })
    }

    fn switch_on(mut self, place: usize) -> Self {
        if self.fields[place].kind == Kind::Radio {
            let name = self.fields[place].name.clone();
            for field in
                self.fields.iter_mut().filter(|field| field.kind == Kind::Radio && field.name == name)
            {
                field.is_on = false;
            }
        }
        self.fields[place].is_on = true;
        self
    }
}

fn field(html: &Html, control: ElementRef<'_>) -> Field {
    let text = |name: &str| control.attr(name).unwrap_or_default().to_owned();
    let (tag, kind) = (control.value().name(), text("type").to_ascii_lowercase());
    let mut field = Field {
        name: text("name"),
        value: text("value"),
        label: label(html, control),
        kind: Kind::Text,
        is_on: true,
        is_hidden: kind == "hidden",
    };
    match (tag, kind.as_str()) {
        ("button", "button" | "reset") | ("input", "button" | "reset") => field.is_on = false,
        ("button", _) | ("input", "submit") => {
            let own = |name: &str| control.attr(name).map(str::to_owned);
            field.kind = Kind::Button { action: own("formaction"), method: own("formmethod") };
            field.label = if tag == "button" { words(control) } else { text("value") };
            field.is_on = false;
        }
        ("input", "checkbox" | "radio") => {
            field.kind = if kind == "radio" { Kind::Radio } else { Kind::Box };
            field.is_on = control.attr("checked").is_some();
            if control.attr("value").is_none() {
                field.value = "on".into();
            }
        }
        ("textarea", _) => field.value = control.text().collect(),
        ("select", _) => choose_as_written(control, &mut field),
        _ => {}
    }
    field
}

fn choose_as_written(control: ElementRef<'_>, field: &mut Field) {
    let value = |option: ElementRef<'_>| option.attr("value").map_or_else(|| words(option), str::to_owned);
    let options: Vec<_> = control.select(&css("option")).collect();
    let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
    field.is_on = chosen.is_some();
    field.value = chosen.map(|option| value(*option)).unwrap_or_default();
    field.kind = Kind::List(options.iter().map(|option| (value(*option), words(*option))).collect());
}

/// The words of the label: one that names the field's id, or one around it.
fn label(html: &Html, control: ElementRef<'_>) -> String {
    let around =
        control.ancestors().filter_map(ElementRef::wrap).find(|above| above.value().name() == "label");
    let named = control
        .attr("id")
        .and_then(|id| html.select(&css("label[for]")).find(|label| label.attr("for") == Some(id)));
    named.or(around).map(words).unwrap_or_default()
}
