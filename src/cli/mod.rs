//! The command line: each command in a file of its own. The only place that prints, and the only user of `anyhow`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to the one who typed it")]

#[macro_use]
mod say;

mod alive;
mod audit;
mod backup;
mod check;
pub mod demo;
mod door;
mod draw;
mod exit;
mod gateways;
mod import;
mod installation;
mod keys;
mod migrate;
mod place;
mod prompt;
mod rehearse;
mod restore;
mod serve;
mod service;
mod staff;

use std::process;

use clap::{Parser, Subcommand};

pub use exit::ExitCode;

/// Books vaccination appointments for a whole country.
///
/// Try `sunbeon demo` first: it needs nothing else and shows everything.
#[derive(Debug, Parser)]
#[command(name = "sunbeon", version, after_help = exit::HELP, after_long_help = exit::HELP)]
#[command(max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows Sunbeon with an invented country; needs no configuration
    Demo(demo::DemoArgs),
    /// Runs the service
    Serve(serve::ServeArgs),
    /// Brings the database to the newest schema
    Migrate(migrate::MigrateArgs),
    /// Takes sites from a CSV file, or a campaign from a TOML file
    Import(import::ImportArgs),
    /// Draws by lot in which order people enter, so that anybody can check it
    Draw(draw::DrawArgs),
    /// Adds, lists and ends those who may see rosters
    Staff(staff::StaffArgs),
    /// Computes the access log's chain of hashes anew
    Audit(audit::AuditArgs),
    /// Says how an opening's door stands, stops it, and sets its pace
    Door(door::DoorArgs),
    /// Rehearses the worst evening with a population that doesn't exist
    Rehearse(rehearse::RehearseArgs),
    /// Makes and rotates master keys
    Keys(keys::KeysArgs),
    /// Copies database and keys while the service runs
    Backup(backup::BackupArgs),
    /// Puts a backup back into an empty place
    Restore(restore::RestoreArgs),
    /// Says what is wrong with a configuration, all of it at once; or whether a server is alive
    Check(check::CheckArgs),
}

/// Runs the command that was typed and says how it went.
pub fn run() -> process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Nobody to tell when the terminal is gone.
            drop(answer.print());
            let code = if answer.use_stderr() { ExitCode::WrongUsage } else { ExitCode::Done };
            return code.into();
        }
    };
    let result = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Draw(args) => draw::run(&args),
        Command::Staff(args) => staff::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Door(args) => door::run(&args),
        Command::Rehearse(args) => rehearse::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Check(args) => check::run(&args),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("sunbeon: {error:#}");
            exit::code_of(&error).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_exit_code() {
        for code in ExitCode::ALL {
            let line = format!("  {}  {}", code as u8, code.meaning());
            assert!(exit::HELP.contains(&line), "{line}");
        }
    }
}
