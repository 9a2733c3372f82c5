//! `[server]`: where the web server listens and how it is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::reader::Reader;

/// Where the web server listens and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The address people type. `serve` needs it: links in messages start with it.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whence `/metrics` and `/readyz` are answered, to those who ask themselves and not through a proxy.
    pub monitors: Vec<IpNet>,
    /// Certificate and key; without them the server speaks plain HTTP and a proxy in front does TLS.
    pub tls: Option<TlsConfig>,
    /// Worker threads; by default as many as there are cores.
    pub workers: Option<u32>,
    /// How many seconds requests in flight have to finish after SIGTERM.
    pub shutdown_seconds: u32,
}

/// Files in PEM for TLS by the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// The certificate and those that lead to its root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Scheme, host and port by which the public reaches the server, as a browser writes it in `Origin`: in small
/// letters, without a default port and without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes `http://` or `https://`, a host and perhaps a port, and nothing after them but one slash.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://")?;
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        // Looked at as it was written: of two ports the last would be taken away, and the other would pass.
        let is_whole = is_host_and_port(authority);
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        is_whole.then(|| Self(format!("{scheme}://{authority}")))
    }

    /// The address, without a slash at the end: also what a browser sends as `Origin`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority);
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => authority.split_once(':').map_or(authority, |(host, _)| host),
        }
    }

    /// Whether the public comes by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port.
fn is_host_and_port(authority: &str) -> bool {
    if authority.starts_with('[') {
        return authority.parse::<SocketAddr>().is_ok()
            || authority
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|ip| ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()));
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "1"));
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    !host.is_empty() && is_name && port.parse::<u16>().is_ok()
}

impl Default for ServerConfig {
    fn default() -> Self {
        let loopback = Ipv4Addr::LOCALHOST;
        Self {
            listen: SocketAddr::from((loopback, 8080)),
            public_url: None,
            trusted_proxies: vec![IpNet::from(IpAddr::from(loopback))],
            monitors: vec![
                IpNet::from(IpAddr::from(loopback)),
                IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST)),
            ],
            tls: None,
            workers: None,
            shutdown_seconds: 30,
        }
    }
}

impl ServerConfig {
    /// Whether the headers of the proxy at this address are believed.
    pub fn trusts(&self, proxy: IpAddr) -> bool {
        let proxy = proxy.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&proxy))
    }

    pub(super) fn for_demo(listen: SocketAddr) -> Self {
        let shown = if listen.ip().is_unspecified() {
            SocketAddr::from((Ipv4Addr::LOCALHOST, listen.port()))
        } else {
            listen
        };
        let public_url = if listen.port() == 0 { None } else { PublicUrl::parse(&format!("http://{shown}")) };
        Self { listen, public_url, trusted_proxies: Vec::new(), shutdown_seconds: 5, ..Self::default() }
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        Self {
            listen: reader.text(
                "server.listen",
                "an address and a port, such as \"127.0.0.1:8080\" or \"[::]:443\"",
                default.listen,
                |text| text.parse().ok(),
            ),
            public_url: reader.optional(
                "server.public_url",
                "https://, a host and perhaps a port, such as \"https://vaccination.example.org\"",
                PublicUrl::parse,
            ),
            trusted_proxies: reader.list(
                "server.trusted_proxies",
                NETWORK_ACCEPTED,
                default.trusted_proxies,
                parse_network,
            ),
            monitors: reader.list("server.monitors", NETWORK_ACCEPTED, default.monitors, parse_network),
            tls: read_tls(reader),
            workers: reader.optional_number("server.workers", 1..=1024),
            shutdown_seconds: reader.number("server.shutdown_seconds", 1..=600, default.shutdown_seconds),
        }
    }
}

/// What [`parse_network`] takes.
pub(super) const NETWORK_ACCEPTED: &str = "an address or a network, such as \"10.0.0.7\" or \"10.0.0.0/8\"";

/// An address, or a network in CIDR notation.
pub(super) fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn read_tls(reader: &mut Reader) -> Option<TlsConfig> {
    let certificate = reader.optional_path("server.tls_certificate");
    let key = reader.optional_path("server.tls_key");
    let accepted = "both tls_certificate and tls_key, or neither";
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsConfig { certificate, key }),
        (Some(_), None) => {
            reader.complain("server.tls_key", "nothing, but a certificate", accepted);
            None
        }
        (None, Some(_)) => {
            reader.complain("server.tls_certificate", "nothing, but a key", accepted);
            None
        }
        (None, None) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_what_browsers_send_as_origin() {
        for (typed, origin) in [
            ("https://Vaccination.example.org/", "https://vaccination.example.org"),
            ("https://vaccination.example.org:443", "https://vaccination.example.org"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://[::1]", "https://[::1]"),
            ("http://localhost:80", "http://localhost"),
        ] {
            assert_eq!(PublicUrl::parse(typed).unwrap().as_str(), origin);
        }
        for (url, host) in [("http://[::1]:8080", "::1"), ("https://a.example:1", "a.example")] {
            assert_eq!(PublicUrl::parse(url).unwrap().host(), host);
        }
        for wrong in [
            "",
            "vaccination.example.org",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "https://a:99999",
            "https://a b",
            "https://a//",
            "https://[::1",
            "https://[127.0.0.1]",
            "http://[::1]:80:80",
            "https://example.org:443:443",
        ] {
            assert_eq!(PublicUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_proxy_is_trusted_by_its_network() {
        let config = ServerConfig {
            trusted_proxies: vec![
                parse_network("10.0.0.0/8").unwrap(),
                parse_network("2001:db8::1").unwrap(),
            ],
            ..ServerConfig::default()
        };
        for (proxy, trusted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("2001:db8::1", true),
            ("2001:db8::2", false),
        ] {
            assert_eq!(config.trusts(proxy.parse().unwrap()), trusted, "{proxy}");
        }
    }
}
