//! A page that everybody gets in the same bytes: written once, compressed when the first browser asks for it so, and then
//! only copied.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use data_encoding::BASE64URL_NOPAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// Quality of brotli, of 11. The next one makes a page of this size 7 % smaller and clears four times as much memory for it.
const BROTLI_QUALITY: u32 = 4;

/// The window of brotli, as a power of two: larger than any page.
const BROTLI_WINDOW: u32 = 16;

/// How often a page is asked for before it is worth brotli, which takes several times as long as gzip and makes it a tenth
/// smaller: while few wait, nearly every look is the first at its page.
const WORTH_BROTLI: u32 = 16;

/// Any proxy may keep it for a second, any browser asks each time whether it is still the same.
const CACHING: &str = "public, max-age=0, s-maxage=1";

/// A page in all the forms that browsers ask for.
#[derive(Debug)]
pub struct SharedPage {
    tag: HeaderValue,
    kind: &'static str,
    plain: Bytes,
    gzip: Compressed,
    brotli: Compressed,
    /// How often it was sent.
    sent: AtomicU32,
}

/// A page in an encoding, once somebody has asked for it. `None` when it can't be compressed: it is sent as it is.
type Compressed = OnceLock<Option<Bytes>>;

impl SharedPage {
    /// Writes down a page of a media type.
    pub fn new(kind: &'static str, text: String) -> Self {
        let digest = BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())[..12]);
        // Base64 has no letter that a header may not have.
        let tag = HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        let [gzip, brotli] = [(); 2].map(|()| OnceLock::new());
        Self { tag, kind, plain: exactly(text.into_bytes()), gzip, brotli, sent: AtomicU32::new(0) }
    }

    /// Answers a request: with nothing when the browser has the page already.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let headers = request.headers();
        let has_it =
            headers.get_all(header::IF_NONE_MATCH).any(|tags| is_among(tags.as_bytes(), self.tag.as_bytes()));
        let mut answer = HttpResponse::build(if has_it { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        answer
            .insert_header((header::CACHE_CONTROL, HeaderValue::from_static(CACHING)))
            .insert_header((header::ETAG, self.tag.clone()))
            .insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
        if has_it { answer.finish() } else { self.send(answer, headers) }
    }

    /// Answers with the page where not everybody gets the same, so that nothing keeps it.
    pub fn copy(&self, request: &HttpRequest, status: StatusCode) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        self.send(answer, request.headers())
    }

    fn send(&self, mut answer: HttpResponseBuilder, headers: &HeaderMap) -> HttpResponse {
        answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(self.kind)));
        let is_popular = self.sent.fetch_add(1, Ordering::Relaxed) >= WORTH_BROTLI;
        let takes_gzip = accepts(headers, "gzip");
        let encoded = if (is_popular || !takes_gzip) && accepts(headers, "br") {
            self.brotli.get_or_init(|| brotli(&self.plain).ok()).as_ref().map(|body| ("br", body))
        } else if takes_gzip {
            self.gzip.get_or_init(|| gzip(&self.plain).ok()).as_ref().map(|body| ("gzip", body))
        } else {
            None
        };
        match encoded {
            Some((name, body)) => answer
                .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(name)))
                .body(body.clone()),
            None => answer.body(self.plain.clone()),
        }
    }
}

/// Whether a list of tags holds one, as proxies may have weakened it.
fn is_among(tags: &[u8], tag: &[u8]) -> bool {
    tags.split(|sign| *sign == b',').map(<[u8]>::trim_ascii).any(|one| {
        let one = one.strip_prefix(b"W/").unwrap_or(one);
        one == tag || one == b"*"
    })
}

/// Whether a browser takes an encoding: it names it, and not with the weight 0.
fn accepts(headers: &HeaderMap, name: &str) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|one| one.eq_ignore_ascii_case(name));
        let is_refused =
            parts.any(|weight| weight.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
        is_named && !is_refused
    })
}

fn gzip(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain)?;
    Ok(exactly(encoder.finish()?))
}

fn brotli(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut encoded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4096, BROTLI_QUALITY, BROTLI_WINDOW);
    encoder.write_all(plain)?;
    encoder.flush()?;
    drop(encoder);
    Ok(exactly(encoded))
}

/// Without the room that was left for more: a thousand groups wait, each in several languages and encodings.
fn exactly(bytes: Vec<u8>) -> Bytes {
    bytes.into_boxed_slice().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read;

    use actix_web::body::MessageBody;
    use actix_web::test::TestRequest;

    use super::*;

    fn page() -> SharedPage {
        SharedPage::new("text/html; charset=utf-8", "<p>순번</p>".repeat(200))
    }

    fn ask(headers: &[(&'static str, &str)]) -> (u16, String, Vec<u8>) {
        let request =
            headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
        let answer = page().answer(&request.to_http_request());
        let encoding = answer.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status().as_u16();
        (status, encoding, answer.into_body().try_into_bytes().unwrap().to_vec())
    }

    #[test]
    fn a_browser_gets_what_it_can_read() {
        let plain = "<p>순번</p>".repeat(200).into_bytes();
        assert_eq!(ask(&[]), (200, String::new(), plain.clone()));
        assert_eq!(ask(&[("accept-encoding", "br;q=0, identity")]).2, plain);
        let (_, encoding, body) = ask(&[("accept-encoding", "gzip, deflate")]);
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(&*body).read_to_end(&mut read).unwrap();
        assert_eq!((encoding.as_str(), read), ("gzip", plain.clone()));
        let (_, encoding, body) = ask(&[("accept-encoding", "br")]);
        let mut read = Vec::new();
        brotli::Decompressor::new(&*body, 4096).read_to_end(&mut read).unwrap();
        assert_eq!((encoding.as_str(), read), ("br", plain));
    }

    #[test]
    fn a_page_that_many_ask_for_gets_smaller() {
        let page = page();
        let request = TestRequest::get().insert_header(("accept-encoding", "gzip, br")).to_http_request();
        let encodings: Vec<_> = (0..40)
            .map(|_| page.answer(&request).headers().get(header::CONTENT_ENCODING).cloned().unwrap())
            .collect();
        let (gzip, brotli) = encodings.split_at(WORTH_BROTLI as usize);
        assert!(gzip.iter().all(|one| one == "gzip") && brotli.iter().all(|one| one == "br"));
    }

    #[test]
    fn a_browser_that_has_it_gets_nothing() {
        let tag = page().tag.to_str().unwrap().to_owned();
        for tags in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            assert_eq!(ask(&[("if-none-match", &tags)]), (304, String::new(), Vec::new()), "{tags}");
        }
        assert_eq!(ask(&[("if-none-match", "\"other\"")]).0, 200);
    }
}
