//! Where a request comes from, through proxies that are trusted.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use super::WebSettings;

/// The address of the visitor: the peer's, or, behind trusted proxies, the last one in `X-Forwarded-For` that is not a
/// trusted proxy itself. Whatever a visitor writes there stands further left and is not believed.
pub fn address(request: &HttpRequest, settings: &WebSettings) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if !is_trusted(peer, settings) {
        return Some(peer);
    }
    let forwarded = values(request.headers(), "x-forwarded-for");
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

fn is_trusted(address: IpAddr, settings: &WebSettings) -> bool {
    settings.trusted_proxies.iter().any(|network| network.contains(&address.to_canonical()))
}

/// The values of a header in order, over all its lines: some proxies add a line, others a value to the line that is there.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).collect()
}
