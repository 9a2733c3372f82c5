//! A page as it came, and what stands on it.

use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap};
use scraper::{ElementRef, Html, Selector};

use super::{Browser, Form};

/// A page, or any other answer.
#[derive(Clone)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// Where it is: path and query.
    pub path: String,
    /// The paths that led here by redirects, the first one first.
    pub redirected_from: Vec<String>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its text, as it came.
    pub body: String,
    /// Bytes of the answer on the wire, without compression: status line, headers and body.
    pub bytes_on_wire: usize,
    browser: Browser,
}

impl Page {
    pub(super) fn new(
        browser: Browser,
        path: String,
        (status, headers, body): (StatusCode, HeaderMap, Vec<u8>),
    ) -> Self {
        let header_bytes: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let bytes_on_wire = "HTTP/1.1 200 OK\r\n\r\n".len() + header_bytes + body.len();
        let body = String::from_utf8_lossy(&body).into_owned();
        Self { status, path, redirected_from: Vec::new(), headers, body, bytes_on_wire, browser }
    }

    /// Whether it is an HTML page.
    pub fn is_html(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned())
    }

    /// The page as a tree.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// The words of everything that a CSS selector finds, in order, blanks folded.
    pub fn all(&self, selector: &str) -> Vec<String> {
        self.html().select(&css(selector)).map(words).collect()
    }

    /// An attribute of everything that a CSS selector finds and that has it.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let html = self.html();
        html.select(&css(selector)).filter_map(|found| found.attr(attribute)).map(str::to_owned).collect()
    }

    /// The question of the page.
    ///
    /// # Panics
    /// When it has no `h1`.
    pub fn h1(&self) -> String {
        self.all("h1").into_iter().next().unwrap_or_else(|| panic!("no h1 on {}: {}", self.path, self.body))
    }

    /// The title.
    pub fn title(&self) -> String {
        self.all("title").concat()
    }

    /// All words of its main part, blanks folded.
    pub fn text(&self) -> String {
        self.all("main").join(" ")
    }

    /// Whether these words stand in its main part.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Fails unless these words stand in its main part.
    #[track_caller]
    pub fn assert_says(&self, words: &str) -> &Self {
        assert!(self.says(words), "{} does not say {words:?} but: {}", self.path, self.text());
        self
    }

    /// The errors in the summary on top; empty when the form was accepted.
    pub fn errors(&self) -> Vec<String> {
        self.all(".error-summary a")
    }

    /// The address of the first link that has these words in its text or its address; the main part is searched first.
    ///
    /// # Panics
    /// When there is none; the message names those there are.
    #[track_caller]
    pub fn link(&self, words_or_part: &str) -> String {
        self.find_link(words_or_part).unwrap_or_else(|| {
            panic!("no link {words_or_part:?} on {}; there are {:?}", self.path, self.links())
        })
    }

    /// Like [`Page::link`], without failing.
    pub fn find_link(&self, words_or_part: &str) -> Option<String> {
        let links = self.links();
        let exact = links.iter().find(|(text, href)| text == words_or_part || href == words_or_part);
        let part =
            |(text, href): &&(String, String)| text.contains(words_or_part) || href.contains(words_or_part);
        exact.or_else(|| links.iter().find(part)).map(|(_, href)| href.clone())
    }

    /// All links: words and address, those of the main part first.
    pub fn links(&self) -> Vec<(String, String)> {
        let html = self.html();
        let link = |found: ElementRef<'_>| (words(found), found.attr("href").unwrap_or_default().to_owned());
        let main = select(&html, "main a[href]").into_iter().map(link);
        let frame = select(&html, "body a[href]").into_iter().map(link);
        let mut links: Vec<(String, String)> = Vec::new();
        for one in main.chain(frame) {
            if !links.contains(&one) {
                links.push(one);
            }
        }
        links
    }

    /// Clicks on a link, see [`Page::link`].
    #[track_caller]
    pub fn click(&self, words_or_part: &str) -> Page {
        let there = self.browser.resolve(&self.path, &self.link(words_or_part));
        self.browser.get(&there)
    }

    /// The first form whose action has this part; the main part is searched first. `""` is the first form of the main
    /// part.
    ///
    /// # Panics
    /// When there is none; the message names those there are.
    #[track_caller]
    pub fn form(&self, action_part: &str) -> Form {
        let forms = self.forms();
        let actions: Vec<String> = forms.iter().map(|form| form.action.clone()).collect();
        forms
            .into_iter()
            .find(|form| form.action.contains(action_part))
            .unwrap_or_else(|| panic!("no form {action_part:?} on {}; there are {actions:?}", self.path))
    }

    /// All forms, those of the main part first.
    pub fn forms(&self) -> Vec<Form> {
        let html = self.html();
        let main = select(&html, "main form");
        let frame = select(&html, "form").into_iter().filter(|form| !main.contains(form));
        main.iter().copied().chain(frame).map(|form| Form::read(self, &html, form)).collect()
    }

    /// Presses the first button with these words (or this value), in whichever form it stands.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn press(&self, words_or_value: &str) -> Page {
        let form = self.forms().into_iter().find(|form| form.has_button(words_or_value));
        let form =
            form.unwrap_or_else(|| panic!("no button {words_or_value:?} on {}: {}", self.path, self.text()));
        form.press(words_or_value)
    }

    /// Loads the page again, as the browser's button does for a page that was fetched by GET.
    pub fn reload(&self) -> Page {
        self.browser.get(&self.path)
    }

    /// The browser that shows it.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.status, self.path)
    }
}

pub(super) fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// Everything that a CSS selector finds, in order.
pub(super) fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&css(selector)).collect()
}

/// The words of an element, blanks folded.
pub(super) fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
