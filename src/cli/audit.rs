//! `sunbeon audit`: whether the access log is what was written.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::ExitCode;
use super::exit::WrongUsage;
use super::installation::Installation;
use super::place::Place;
use crate::store::access_log::{self, Head};

/// Looks through the access log: who of the staff saw whom.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Computes the chain of hashes anew, and prints where each chain ends
    ///
    /// Keep what it prints outside of the machine: with --earlier it tells later whether all of that is still there. Without it,
    /// rows that were cut off at the end of a chain can't be missed.
    Verify {
        /// What an earlier `audit verify` printed
        #[arg(long, value_name = "FILE")]
        earlier: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

/// Looks through the access log of an installation.
pub(super) fn run(args: &AuditArgs) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify { earlier, place } = &args.command;
    let kept = earlier.as_ref().map(|file| {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        heads_in(&text)
    });
    let kept = kept.transpose()?.unwrap_or_default();
    let (installation, _) = Installation::at(place)?;
    let heads =
        installation.store.read_now(|conn, _| access_log::verify(conn))?.map_err(anyhow::Error::new)?;
    for head in &kept {
        if !installation.store.read_now(|conn, _| access_log::holds(conn, head))? {
            bail!("row {} of chain {} was there before, and is not now", head.sequence, head.chain);
        }
    }
    for head in heads {
        say!("chain {} {} {}", head.chain, head.sequence, head.hash);
    }
    Ok(ExitCode::Done)
}

/// The ends of chains in what was printed before.
fn heads_in(text: &str) -> anyhow::Result<Vec<Head>> {
    let head = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next() == Some("chain")).then_some(())?;
        let (chain, sequence) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let hash = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Head { chain, sequence, hash })
    };
    let wrong = |line: &str| WrongUsage(format!("this is no line of `audit verify`: {line}"));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Ok(head(line).ok_or_else(|| wrong(line))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_is_read_again() {
        let line = format!("chain 3 1200 {}", "ab".repeat(32));
        let heads = heads_in(&format!("{line}\n\n{line}\n")).unwrap();
        assert_eq!((heads.len(), heads[0].chain, heads[0].sequence), (2, 3, 1200));
        for wrong in ["chain 3 1200", "chain x 1 ab", "link 3 1200 ab", &format!("{line} more")] {
            assert!(heads_in(wrong).is_err(), "{wrong}");
        }
    }
}
