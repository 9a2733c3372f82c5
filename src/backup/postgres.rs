//! PostgreSQL's own programs do its backups: `pg_dump` sees one state, whatever is written meanwhile.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use thiserror::Error;

use crate::config::Secret;

/// Why one of PostgreSQL's programs did not do its work.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It is not installed.
    #[error(
        "{tool} is not on the PATH: install PostgreSQL's client programs (Debian: postgresql-client), at least as new as the server"
    )]
    Missing {
        /// Its name.
        tool: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// It said no.
    #[error("{tool} failed: {said}")]
    Failed {
        /// Its name.
        tool: &'static str,
        /// What it said.
        said: String,
    },
}

/// Writes the whole database to `to`.
pub(super) fn dump(url: &Secret, to: &Path) -> Result<(), ToolError> {
    let file = [OsStr::new("--file"), to.as_os_str()];
    run("pg_dump", url, &["--format=custom", "--no-owner", "--no-privileges"], &file)
}

/// Puts a dump back into an empty database, all of it or nothing.
pub(super) fn put_back(from: &Path, url: &Secret) -> Result<(), ToolError> {
    let options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"];
    run("pg_restore", url, &options, &[from.as_os_str()])
}

fn run(tool: &'static str, url: &Secret, options: &[&str], files: &[&OsStr]) -> Result<(), ToolError> {
    let (address, password) = split_password(url.expose());
    let mut command = Command::new(tool);
    command.args(options).arg("--no-password").arg("--dbname").arg(address).args(files).stdin(Stdio::null());
    // Everybody on the machine can read the arguments of a process, and only its owner the environment.
    if let Some(password) = &password {
        command.env("PGPASSWORD", password.expose());
    }
    let output = command.output().map_err(|source| ToolError::Missing { tool, source })?;
    if output.status.success() {
        return Ok(());
    }
    Err(ToolError::Failed { tool, said: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

/// The URL without its password, and the password. One that stands behind `?` as an option is taken out as well.
fn split_password(url: &str) -> (String, Option<Secret>) {
    let decode =
        |text: &str| Secret::new(percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned());
    let (before, options) = url.split_once('?').unwrap_or((url, ""));
    let (mut kept, mut password) = (Vec::new(), None);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        match option.strip_prefix("password=") {
            Some(text) => password = Some(decode(text)),
            None => kept.push(option),
        }
    }
    let (scheme, rest) = before.split_once("://").unwrap_or(("postgres", before));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => {
            let (user, text) = user.split_once(':').unwrap_or((user, ""));
            if !text.is_empty() {
                password = Some(decode(text));
            }
            format!("{user}@{host}")
        }
        None => authority.to_owned(),
    };
    let options = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{scheme}://{authority}{path}{options}"), password)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_stands_among_the_arguments() {
        let split = |url| {
            let (address, password) = split_password(url);
            (address, password.map(|password| password.expose().to_owned()))
        };
        assert_eq!(
            split("postgres://sunbeon:p%40ss:w@db:5432/sunbeon?sslmode=require"),
            ("postgres://sunbeon@db:5432/sunbeon?sslmode=require".into(), Some("p@ss:w".into()))
        );
        assert_eq!(
            split("postgresql://db/sunbeon?user=sunbeon&password=hunter2"),
            ("postgresql://db/sunbeon?user=sunbeon".into(), Some("hunter2".into()))
        );
        assert_eq!(split("postgres://db/sunbeon"), ("postgres://db/sunbeon".into(), None));
        assert_eq!(split("postgres://me@/x?host=/run"), ("postgres://me@/x?host=/run".into(), None));
    }

    #[test]
    fn a_program_that_is_not_there_is_told_with_the_remedy() {
        let missing = run("pg_dump_of_nobody", &Secret::new("postgres://db/x"), &[], &[]).unwrap_err();
        assert!(missing.to_string().contains("postgresql-client"), "{missing}");
    }
}
