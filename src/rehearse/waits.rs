//! Waiting pages as they are known by now: those with the same tag are the same bytes, and are read once for all.

use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;

use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, ETAG, HeaderValue};

use super::lines::Answer;
use super::page::Page;
use jiff::Timestamp;

/// The page of somebody who has seen none yet.
pub const NO_PAGE: u32 = u32::MAX;

/// How the link looks that leads in. A page that says to wait has none.
const WAY_IN: &str = "button";

/// After how many seconds a page is looked at again that says nothing about it.
const REFRESH_SECONDS: u32 = 60;

/// An address that people wait at.
#[derive(Debug)]
pub struct Address {
    /// The path, as the server sent people there.
    pub path: Box<str>,
    /// The group in it.
    pub group: u16,
}

/// What a waiting page says.
#[derive(Debug)]
pub struct WaitingPage {
    /// What a browser asks with whether it is still the same.
    pub tag: Option<HeaderValue>,
    /// Seconds until it looks again.
    pub refresh: u32,
    /// Where it leads when the turn has come.
    pub way_in: Option<Box<str>>,
    /// When the turn is to come.
    pub turn: Option<Timestamp>,
}

/// All that is known of waiting pages.
#[derive(Debug, Default)]
pub struct Waits {
    addresses: Vec<Address>,
    by_path: HashMap<Box<str>, u16>,
    pages: Vec<WaitingPage>,
    by_tag: HashMap<HeaderValue, u32>,
}

impl Waits {
    /// The number of an address, when it is one of a group.
    pub fn address_at(&mut self, path: &str) -> Option<u16> {
        if let Some(known) = self.by_path.get(path) {
            return Some(*known);
        }
        let group = path.strip_prefix("/wait/")?.split('/').nth(1)?.parse().ok()?;
        let number = u16::try_from(self.addresses.len()).ok()?;
        self.addresses.push(Address { path: path.into(), group });
        self.by_path.insert(path.into(), number);
        Some(number)
    }

    /// An address by its number.
    pub fn address(&self, number: u16) -> Option<&Address> {
        self.addresses.get(usize::from(number))
    }

    /// A page by its number.
    pub fn page(&self, number: u32) -> Option<&WaitingPage> {
        self.pages.get(number as usize)
    }

    /// Reads the page in an answer, unless its like was read before. Returns its number.
    ///
    /// # Errors
    /// When the body can't be unpacked, or is no text.
    pub fn read(&mut self, answer: &Answer) -> io::Result<u32> {
        let tag = answer.headers.get(ETAG).cloned();
        if let Some(known) = tag.as_ref().and_then(|tag| self.by_tag.get(tag)) {
            return Ok(*known);
        }
        let page = Page::read(&unpacked(answer)?);
        Ok(self.keep(tag, &page))
    }

    /// Keeps a page that was read, unless its like was kept before. Returns its number.
    pub fn keep_once(&mut self, tag: Option<HeaderValue>, page: &Page) -> u32 {
        match tag.as_ref().and_then(|tag| self.by_tag.get(tag)) {
            Some(known) => *known,
            None => self.keep(tag, page),
        }
    }

    fn keep(&mut self, tag: Option<HeaderValue>, page: &Page) -> u32 {
        let number = u32::try_from(self.pages.len()).unwrap_or(NO_PAGE);
        let way_in = page.link(WAY_IN).map(|link| link.href.as_str().into());
        self.pages.push(WaitingPage {
            tag: tag.clone(),
            refresh: page.refresh.unwrap_or(REFRESH_SECONDS),
            way_in,
            turn: page.moment,
        });
        self.by_tag.extend(tag.map(|tag| (tag, number)));
        number
    }

    /// How many different pages were seen.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }
}

/// How many pages are known at most: enough for what all groups see within some seconds.
const READ_MAX: usize = 4_096;

/// Pages that came compressed. Many get those in the same bytes, and they are read once for all.
#[derive(Default)]
pub struct ReadPages(HashMap<Bytes, Rc<Page>>);

impl ReadPages {
    /// The page in an answer.
    ///
    /// # Errors
    /// When the body can't be unpacked, or is no text.
    pub fn read(&mut self, answer: &Answer) -> io::Result<Rc<Page>> {
        if !answer.headers.contains_key(CONTENT_ENCODING) {
            return Ok(Rc::new(Page::read(&unpacked(answer)?)));
        }
        if let Some(known) = self.0.get(&answer.body) {
            return Ok(known.clone());
        }
        let page = Rc::new(Page::read(&unpacked(answer)?));
        if self.0.len() >= READ_MAX {
            self.0.clear();
        }
        self.0.insert(answer.body.clone(), page.clone());
        Ok(page)
    }
}

/// The text of an answer.
///
/// # Errors
/// When the body can't be unpacked, or is no text.
fn unpacked(answer: &Answer) -> io::Result<String> {
    let mut text = String::new();
    let encoding = answer.headers.get(CONTENT_ENCODING).map_or(&b""[..], HeaderValue::as_bytes);
    match encoding {
        b"br" => brotli::Decompressor::new(&*answer.body, 4_096).read_to_string(&mut text)?,
        b"gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text)?,
        _ => (&*answer.body).read_to_string(&mut text)?,
    };
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use hyper::StatusCode;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    use super::*;

    fn answer(tag: &'static str, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_static(tag));
        Answer { status: StatusCode::OK, headers, body: Bytes::from_static(body.as_bytes()), bytes: 0 }
    }

    #[test]
    fn the_same_bytes_are_read_once() {
        let mut waits = Waits::default();
        let waiting = r#"<meta http-equiv="refresh" content="9"><style></style><main><a class="button-plain" href="/x">x</a>"#;
        let first = waits.read(&answer("\"a\"", waiting)).unwrap();
        assert_eq!(waits.read(&answer("\"a\"", "something else")).unwrap(), first);
        let page = waits.page(first).unwrap();
        assert_eq!((page.refresh, page.way_in.is_none()), (9, true));
        let come = r#"<style></style><main><a class="button" href="/door/flu">In</a></main>"#;
        let come = waits.read(&answer("\"b\"", come)).unwrap();
        assert_eq!(waits.page(come).unwrap().way_in.as_deref(), Some("/door/flu"));
        assert_eq!(waits.pages(), 2);
    }

    #[test]
    fn an_address_tells_its_group() {
        let mut waits = Waits::default();
        let one = waits.address_at("/wait/flu/412/ko").unwrap();
        assert_eq!(waits.address_at("/wait/flu/412/ko"), Some(one));
        assert_ne!(waits.address_at("/wait/flu/412/en"), Some(one));
        assert_eq!(waits.address(one).unwrap().group, 412);
        assert_eq!(waits.address_at("/sign-in/code"), None);
    }
}
