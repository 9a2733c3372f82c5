//! The HTTP server: headers for every answer, TLS or a trusted proxy, and a stop that cuts nobody.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpServer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{SignalKind, signal};

use super::lanes::watch_lag;
use super::record::Figures;
use super::surround::surround;
use super::{Web, problem, routes};

/// The longest form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Connections that a worker may have open at a time, where descriptors allow it.
const CONNECTIONS_MAX: usize = 15_000;

/// Connections that a worker may have open at least.
const CONNECTIONS_MIN: usize = 16;

/// Descriptors that are kept back for the database, gateways and files; of few, a quarter.
const RESERVED_MAX: usize = 1_024;

/// How the server listens and stops.
pub struct ServerSettings {
    /// Where it listens.
    pub listener: TcpListener,
    /// Certificate chain and key, both PEM, when it speaks TLS itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Worker threads.
    pub workers: usize,
    /// How long requests in flight may take after SIGTERM, in seconds.
    pub shutdown_seconds: u64,
}

/// Why the server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can't be listened on.
    #[error("can't listen on {0}: is another program listening there?")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The certificate or its key can't be used.
    #[error("the TLS certificate or key can't be used: {0}")]
    Tls(String),
    /// The server failed.
    #[error("the server failed")]
    Run(#[from] std::io::Error),
}

/// Listens on an address; port 0 takes any free one.
///
/// # Errors
/// [`ServerError::Listen`] when it is taken or not allowed.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).map_err(|error| ServerError::Listen(address, error))
}

/// Serves until SIGTERM or SIGINT, then lets requests in flight finish.
///
/// # Errors
/// [`ServerError`] when TLS can't be set up or the server fails.
pub async fn run(web: Arc<Web>, settings: ServerSettings) -> Result<(), ServerError> {
    run_until(web, settings, told_to_stop()?).await
}

/// Done at the first SIGTERM or SIGINT. actix' own way cuts requests at SIGINT, and Ctrl-C is how many stop a service.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Like [`run`], and stops in the same way when `stop` is done: for a program that serves only for a while.
///
/// # Errors
/// As [`run`].
pub async fn run_until(
    web: Arc<Web>,
    settings: ServerSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let data = Data::from(web);
    let app_data = data.clone();
    let server = HttpServer::new(move || {
        let demo = app_data.settings.demo.is_some();
        actix_web::rt::spawn(watch_lag());
        App::new()
            .app_data(app_data.clone())
            .app_data(PayloadConfig::new(FORM_BYTES_MAX))
            .app_data(Figures::default())
            .wrap(from_fn(surround))
            .configure(|config| routes::configure(config, demo))
            .default_service(web::to(async || -> Result<&str, problem::Problem> {
                Err(problem::Problem::NotFound)
            }))
    })
    .workers(settings.workers)
    .max_connections(connections(take_descriptors(), settings.workers))
    .shutdown_signal(stop)
    .shutdown_timeout(settings.shutdown_seconds);
    let server = match &settings.tls {
        Some((certificate, key)) => server.listen_rustls_0_23(settings.listener, tls(certificate, key)?)?,
        None => server.listen(settings.listener)?,
    };
    Ok(server.run().await?)
}

/// Takes as many file descriptors as the system lets this process have, and says how many that are.
fn take_descriptors() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// How many connections each worker may have open. Those that come on top wait outside: with more than there are descriptors
/// for, whoever opens many would also keep the database from being opened.
fn connections(descriptors: usize, workers: usize) -> usize {
    let reserved = (descriptors / 4).min(RESERVED_MAX);
    ((descriptors - reserved) / workers.max(1)).clamp(CONNECTIONS_MIN, CONNECTIONS_MAX)
}

fn tls(certificate: &PathBuf, key: &PathBuf) -> Result<rustls::ServerConfig, ServerError> {
    let wrong = |error: &dyn std::fmt::Display| ServerError::Tls(error.to_string());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(&format!("{}: {error}", certificate.display())))?;
    let key =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(&format!("{}: {error}", key.display())))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_kept_back_for_the_database() {
        for (descriptors, workers, each) in [
            (1_024, 2, 384),
            (20_000, 2, 9_488),
            (1_048_576, 8, 15_000),
            (usize::MAX, 1, 15_000),
            (40, 8, 16),
        ] {
            assert_eq!(connections(descriptors, workers), each, "{descriptors}");
        }
    }
}
