//! `sunbeon draw`: the life of a draw, from the seeds of its parties to what anybody can check.

mod offline;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;

use super::ExitCode;
use super::installation::Installation;
use super::place::Place;
use crate::domain::campaign::Localised;
use crate::domain::door::digest::Digest;
use crate::domain::door::draw::Origin;
use crate::domain::door::opening::OpeningCode;
use crate::domain::door::seed::{Beacon, Commitment};
use crate::store::admission_list;
use crate::store::draws::{self, BeaconGiven};
use crate::store::openings::{self, StoredOpening};

/// Entries of the list of admissions that are read at once.
const ENTRIES_EACH_READ: u64 = 10_000;

/// The most signs of a party's name.
const NAME_SIGNS_MAX: usize = 60;

/// Draws by lot in which order people enter on the evening of an opening, so that anybody can check it.
///
/// Each party makes a seed (draw seed) and publishes its commitment (draw commit). Before the round of the beacon that
/// the campaign file names, the parties reveal their seeds to the service (draw reveal); after it the draw is made (draw
/// close). From then on everybody can see their turn. On the day after the evening all is published (draw publish), and
/// anybody can compute it again (draw verify).
#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    #[command(subcommand)]
    command: DrawCommand,
}

#[derive(Debug, Subcommand)]
enum DrawCommand {
    /// For a party: makes a seed in a new file, and prints its commitment; needs no installation
    Seed {
        /// The file to make
        file: PathBuf,
    },
    /// Takes in what a party publishes
    Commit(CommitArgs),
    /// Takes in the seed of a party, before the beacon's round
    Reveal(RevealArgs),
    /// Makes the draw, after the beacon's round
    Close(CloseArgs),
    /// Makes seeds, beacon and key public, on the day after the evening
    Publish {
        /// The opening's code
        opening: OpeningCode,
        #[command(flatten)]
        place: Place,
    },
    /// For the auditor: writes the sealed list of admissions into a new file, an entry a line as hexadecimal digits
    List {
        /// The opening's code
        opening: OpeningCode,
        /// The file to make; with the key, its places lead to phone numbers, so only its owner can read it
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Says how a draw stands
    Show {
        /// The opening's code
        opening: OpeningCode,
        #[command(flatten)]
        place: Place,
    },
    /// For anybody: computes again what was published; needs no installation
    Verify(offline::VerifyArgs),
}

#[derive(Debug, Args)]
struct CommitArgs {
    /// The opening's code
    opening: OpeningCode,
    /// What the party is called on the Korean page
    #[arg(long, value_name = "NAME", value_parser = name)]
    party: String,
    /// What it is called on the English page; the same without it
    #[arg(long, value_name = "NAME", value_parser = name)]
    name_en: Option<String>,
    /// The party is part of the service, and doesn't count as independent
    #[arg(long)]
    inside: bool,
    /// SHA-256 of its seed, as `draw seed` prints it
    #[arg(long, value_name = "HEX")]
    commitment: Digest,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct RevealArgs {
    /// The opening's code
    opening: OpeningCode,
    /// The file with the party's seed, as `draw seed` made it
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct CloseArgs {
    /// The opening's code
    opening: OpeningCode,
    /// What the beacon gave in the round that was named, as hexadecimal digits
    #[arg(long, value_name = "HEX")]
    beacon: Option<Beacon>,
    /// Draws without the beacon that was named
    #[arg(long, conflicts_with = "beacon")]
    without_beacon: bool,
    #[command(flatten)]
    place: Place,
}

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=NAME_SIGNS_MAX).contains(&name.chars().count()) && !name.contains(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(format!("write a name of 1 to {NAME_SIGNS_MAX} signs")) }
}

/// Does what was asked with a draw.
pub(super) fn run(args: &DrawArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        DrawCommand::Seed { file } => offline::seed(file)?,
        DrawCommand::Commit(args) => commit(args)?,
        DrawCommand::Reveal(args) => reveal(args)?,
        DrawCommand::Close(args) => close(args)?,
        DrawCommand::Publish { opening, place } => {
            let (installation, config) = Installation::at(place)?;
            let (code, zone) = (opening.clone(), config.time.zone);
            installation.write(move |tx| draws::publish(tx, &code, &zone)).context(opening.clone())?;
            say!("The seeds, the beacon and the key of {opening} are public now, at /draw/{opening}.");
        }
        DrawCommand::List { opening, file, place } => list(opening, file, place)?,
        DrawCommand::Show { opening, place } => {
            let (installation, _) = Installation::at(place)?;
            show(&found(&installation, opening)?)?;
        }
        DrawCommand::Verify(args) => return offline::verify(args),
    }
    Ok(ExitCode::Done)
}

fn found(installation: &Installation, code: &OpeningCode) -> anyhow::Result<StoredOpening> {
    let found = installation.store.read_now(|conn, keys| openings::find(conn, keys, code))?;
    found.with_context(|| format!("{code}: there is no opening with this code"))
}

fn list(code: &OpeningCode, path: &Path, place: &Place) -> anyhow::Result<()> {
    let (installation, _) = Installation::at(place)?;
    let opening = found(&installation, code)?.opening.id;
    let told = || format!("{} can't be written", path.display());
    let mut file = BufWriter::new(offline::new_file(path).with_context(told)?);
    let mut written = 0;
    loop {
        let to = written + ENTRIES_EACH_READ;
        let entries =
            installation.store.read_now(|conn, _| admission_list::entries(conn, opening, written, to))?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            writeln!(file, "{}", HEXLOWER.encode(entry)).with_context(told)?;
        }
        written += entries.len() as u64;
    }
    file.flush().with_context(told)?;
    say!("{} holds the {written} entries that have a number, in their order.", path.display());
    Ok(())
}

fn commit(args: &CommitArgs) -> anyhow::Result<()> {
    let (installation, _) = Installation::at(&args.place)?;
    let english = args.name_en.as_ref().unwrap_or(&args.party).clone();
    let name = Localised { korean: args.party.clone(), english };
    let origin = if args.inside { Origin::Inside } else { Origin::Outside };
    let (code, commitment) = (args.opening.clone(), Commitment(args.commitment));
    let number = installation
        .write(move |tx| draws::commit(tx, &code, &name, origin, commitment))
        .context(args.opening.clone())?;
    say!("{} is party {number} of {}. Its commitment is public now.", args.party, args.opening);
    Ok(())
}

fn reveal(args: &RevealArgs) -> anyhow::Result<()> {
    let seed = offline::read_seed(&args.seed)?;
    let (installation, _) = Installation::at(&args.place)?;
    let code = args.opening.clone();
    let party =
        installation.write(move |tx| draws::reveal(tx, &code, &seed)).context(args.opening.clone())?;
    say!(
        "{} has revealed its seed, and the page says so. It stays secret until all is published.",
        party.korean
    );
    Ok(())
}

fn close(args: &CloseArgs) -> anyhow::Result<()> {
    let (installation, _) = Installation::at(&args.place)?;
    let beacon = match &args.beacon {
        Some(beacon) => BeaconGiven::Value(beacon.clone()),
        None if args.without_beacon => BeaconGiven::Without,
        None => BeaconGiven::Nothing,
    };
    let code = args.opening.clone();
    let closed =
        installation.write(move |tx| draws::close(tx, &code, &beacon)).context(args.opening.clone())?;
    for name in &closed.silent {
        say!("{} revealed no seed; its commitment stands in.", name.korean);
    }
    say!("{} is drawn, and everybody can see their turn from joins_from on.", args.opening);
    say!("`serve` texts everybody who prepared when their turn is, from joins_from on.");
    say!("Fingerprint of the key: {}", closed.fingerprint);
    say!("{}", verifiable(closed.verifiable));
    Ok(())
}

fn verifiable(is: bool) -> &'static str {
    if is {
        "Independently verifiable: seeds of outside parties and a beacon took part."
    } else {
        "Not independently verifiable: that needs the seeds of at least two outside parties and a beacon. The page says so."
    }
}

/// Prints how a draw stands, and nothing that is secret yet.
fn show(one: &StoredOpening) -> anyhow::Result<()> {
    let (opening, draw) = (&one.opening, &one.draw);
    say!(
        "{}: joins from {}, opens at {}, ends at {}",
        opening.code,
        opening.joins_from,
        opening.opens_at,
        opening.ends_at
    );
    match &draw.beacon {
        Some(round) => say!("Beacon: {}, which gives its number at {}", round.name, round.at),
        None => say!("Beacon: none is named"),
    }
    if draw.parties.is_empty() {
        say!("No party has committed yet.");
    }
    for (number, party) in (1..).zip(&draw.parties) {
        let place = if party.origin == Origin::Outside { "outside" } else { "inside" };
        let revealed =
            party.revealed.as_ref().map(|(_, at)| format!(", revealed at {at}")).unwrap_or_default();
        say!("Party {number}: {} / {}, {place}{revealed}", party.name.korean, party.name.english);
        let committed = party.committed_at.map(|at| format!(", committed at {at}")).unwrap_or_default();
        say!("    {}{committed}", party.commitment.0);
    }
    match (draw.drawn_at, draw.fingerprint) {
        (Some(at), Some(fingerprint)) => {
            say!("Drawn at {at}. Fingerprint of the key: {fingerprint}");
            say!("{}", verifiable(draw.draw(&opening.code)?.is_verifiable()));
        }
        _ => say!("Not drawn yet."),
    }
    match draw.published_at {
        Some(at) => say!("Published at {at}."),
        None => say!("Not published yet."),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_party_has_a_name() {
        assert_eq!(name(" 감사원 ").as_deref(), Ok("감사원"));
        for bad in ["", "  ", "a\u{7}b", &"가".repeat(61)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
