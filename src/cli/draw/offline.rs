//! What needs no installation: a party's seed, and anybody's check of what was published.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::cli::ExitCode;
use crate::domain::clock::ChanceExt;
use crate::domain::door::audit::{self, Audit, LogLine};
use crate::domain::door::digest::Digest;
use crate::domain::door::published::{Document, Finding, Proof};
use crate::domain::door::seed::Seed;
use crate::domain::phone::PhoneNumber;
use crate::system::SystemChance;

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// What stands at /draw/OPENING.json, as a file
    file: PathBuf,
    /// Says the place of this phone number too
    #[arg(long, value_name = "NUMBER", value_parser = phone)]
    phone: Option<PhoneNumber>,
    /// The fingerprint as it was shown before the evening: that it is still the same
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<Digest>,
    /// The same file as it was before, such as just before the beacon's round: that it was only added to
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,
    /// What stands at /draw/OPENING/proof, as a file: that this admission is in the list
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// For the auditor: the list of admissions, as `draw list` wrote it: that it is the one whose roots were published
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// What stands at /draw/OPENING/log.csv, as a file: that nobody in the list came in above the threshold
    #[arg(long, value_name = "FILE", requires = "list")]
    log: Option<PathBuf>,
}

fn phone(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text).map_err(|error| error.to_string())
}

/// A file that was not there before, and that only its owner can read.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a seed and prints its commitment.
pub(super) fn seed(path: &Path) -> anyhow::Result<()> {
    let seed = Seed::new(SystemChance.bytes());
    let text = Zeroizing::new(format!("{}\n", seed.reveal()));
    let told = || format!("{} can't be made", path.display());
    let mut file = new_file(path).with_context(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(told)?;
    say!("{} holds a fresh seed, readable by its owner only.", path.display());
    say!("Show it to nobody, and give it to the service before the beacon's round: sunbeon draw reveal.");
    say!("Commitment: {}", seed.commitment().0);
    Ok(())
}

/// Reads what [`seed`] wrote.
pub(super) fn read_seed(path: &Path) -> anyhow::Result<Seed> {
    let told = || format!("{} holds no seed", path.display());
    let text = Zeroizing::new(fs::read_to_string(path).with_context(told)?);
    Seed::from_hex(text.trim()).with_context(told)
}

fn read<T: DeserializeOwned>(path: &Path, what: &str) -> anyhow::Result<T> {
    let text = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not {what}", path.display()))
}

/// Computes everything again and says what agrees.
pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let document: Document = read(&args.file, "what /draw/OPENING.json gives")?;
    if document.key.is_none() {
        say!(
            "Seeds, beacon and key are not published yet, so that nothing can be computed: that comes on the day after."
        );
        return Ok(ExitCode::Failed);
    }
    let mut findings = document.check();
    if let Some(noted) = args.fingerprint {
        let is_same = document.fingerprint.as_ref().is_some_and(|text| text.parse() == Ok(noted));
        findings
            .push(Finding { agrees: is_same, what: "the fingerprint is the one that was noted".to_owned() });
    }
    if let Some(path) = &args.earlier {
        findings.extend(document.check_earlier(&read(path, "what /draw/OPENING.json gave before")?));
    }
    if let Some(path) = &args.proof {
        let proof: Proof = read(path, "the proof of an admission")?;
        findings.extend(document.check_proof(&proof, args.phone.as_ref()));
    }
    if let Some(path) = &args.list {
        findings.extend(check_list(&document, path, args.log.as_deref())?);
    }
    for finding in &findings {
        say!("{finding}");
    }
    let wrong = findings.iter().filter(|finding| !finding.agrees).count();
    if wrong > 0 {
        say!("{wrong} of {} do not agree.", findings.len());
        return Ok(ExitCode::Failed);
    }
    say!("Everything agrees.");
    if let Some(place) = args.phone.as_ref().and_then(|phone| document.place(phone)) {
        say!("The number has place {place}, in group {} of 1,024.", place.group().number());
    }
    Ok(ExitCode::Done)
}

/// Checks the list of admissions, an entry a line, and with the log whether anybody in it came in too early.
fn check_list(document: &Document, list: &Path, log: Option<&Path>) -> anyhow::Result<Vec<Finding>> {
    let roots = audit::roots(document).context("a root in the document can't be read")?;
    let log = log.map(read_log).transpose()?.unwrap_or_default();
    let thresholds: Vec<_> = log.iter().map(|line| (line.at, line.threshold)).collect();
    let mut audit = Audit::new(&roots, &thresholds);
    for line in lines(list)? {
        let told = || format!("{} is not what `draw list` writes", list.display());
        let entry = HEXLOWER_PERMISSIVE.decode(line?.trim().as_bytes()).with_context(told)?;
        audit.take(&entry);
    }
    let mut findings = audit.findings();
    if !log.is_empty() {
        findings.extend(audit::check_log(&log, &roots));
    }
    Ok(findings)
}

fn read_log(path: &Path) -> anyhow::Result<Vec<LogLine>> {
    let told = || format!("{} is not what /draw/OPENING/log.csv gives", path.display());
    let mut lines = lines(path)?;
    anyhow::ensure!(
        lines.next().transpose()?.is_some_and(|line| line.trim_end() == audit::LOG_HEADING),
        told()
    );
    let log: anyhow::Result<Vec<LogLine>> =
        lines.map(|line| LogLine::read(&line?).with_context(told)).collect();
    let log = log?;
    anyhow::ensure!(!log.is_empty(), "{} holds no second of the evening", path.display());
    Ok(log)
}

fn lines(path: &Path) -> anyhow::Result<io::Lines<BufReader<File>>> {
    let file = File::open(path).with_context(|| format!("{} can't be read", path.display()))?;
    Ok(BufReader::new(file).lines())
}
