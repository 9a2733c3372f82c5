//! (being written)
use super::ExitCode;
/// x
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {}
/// x
pub(super) fn run(_: &ImportArgs) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::Done)
}
