//! Where a request comes from, through proxies that are trusted.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use super::{Web, WebSettings};

/// What proxies add to a request that they pass on.
const PASSED_ON: [&str; 6] =
    ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "via"];

/// A machine of the operator that looks after the service: it comes from one of the configured networks, and itself. What
/// a proxy passes on for somebody comes from the proxy's address, so that the address alone would let everybody in.
/// Anybody else finds no such page.
pub struct Monitor;

impl Monitor {
    fn is_asking(request: &HttpRequest, settings: &WebSettings) -> bool {
        let is_passed_on = PASSED_ON.iter().any(|name| request.headers().contains_key(*name));
        let is_ours =
            |peer: IpAddr| settings.monitors.iter().any(|network| network.contains(&peer.to_canonical()));
        !is_passed_on && request.peer_addr().is_some_and(|peer| is_ours(peer.ip()))
    }
}

impl FromRequest for Monitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let web = request.app_data::<Data<Web>>();
        let is_asking = web.is_some_and(|web| Self::is_asking(request, &web.settings));
        ready(if is_asking { Ok(Self) } else { Err(Problem::NotFound) })
    }
}

/// The address of the visitor: the peer's, or, behind trusted proxies, the last one in `X-Forwarded-For` that is not a
/// trusted proxy itself. Whatever a visitor writes there stands further left and is not believed.
pub fn address(request: &HttpRequest, settings: &WebSettings) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if !is_trusted(peer, settings) {
        return Some(peer);
    }
    let forwarded: Vec<&str> = values(request.headers(), "x-forwarded-for").collect();
    for hop in forwarded.iter().rev() {
        match hop.parse::<IpAddr>() {
            Ok(address) if is_trusted(address, settings) => {}
            Ok(address) => return Some(address),
            Err(_) => break,
        }
    }
    Some(peer)
}

/// Whether the visitor's own connection is encrypted: by this process, or by a trusted proxy that says so.
pub fn is_encrypted(request: &HttpRequest, settings: &WebSettings) -> bool {
    let through_proxy = || {
        request.peer_addr().is_some_and(|peer| is_trusted(peer.ip(), settings))
            && values(request.headers(), "x-forwarded-proto")
                .last()
                .is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
    };
    settings.tls || through_proxy()
}

/// The value of a cookie. Ours need no decoding, and the ones of others need not be read at all.
pub fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get_all(header::COOKIE).find_map(|line| cookie_in(line.as_bytes(), name))
}

/// A cookie in a line of them. Lines are long and looked through for several cookies, so letters are only looked at where
/// the name fits.
fn cookie_in<'a>(line: &'a [u8], name: &str) -> Option<&'a str> {
    let mut rest = line;
    loop {
        let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
        let pair = rest.get(..end)?.trim_ascii();
        if let Some(value) = pair.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
            return std::str::from_utf8(value).ok().map(|value| value.trim_matches('"'));
        }
        rest = rest.get(end + 1..)?;
    }
}

fn is_trusted(address: IpAddr, settings: &WebSettings) -> bool {
    settings.trusted_proxies.iter().any(|network| network.contains(&address.to_canonical()))
}

/// The values of a header in order, over all its lines: some proxies add a line, others a value to the line that is there.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::cookie_in;

    #[test]
    fn a_cookie_is_found_among_others() {
        let line = b"a=1; sunbeon=xyz;sunbeon-party=\"p=q\"; b=\xff; last=";
        for (name, value) in [
            ("a", Some("1")),
            ("sunbeon", Some("xyz")),
            ("sunbeon-party", Some("p=q")),
            ("last", Some("")),
            ("b", None),
            ("sun", None),
            ("missing", None),
        ] {
            assert_eq!(cookie_in(line, name), value, "{name}");
        }
        assert_eq!(cookie_in(b"", "a"), None);
    }
}
