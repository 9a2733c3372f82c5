//! `sunbeon staff`: those who may see rosters.

use std::collections::HashMap;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::ExitCode;
use super::exit::WrongUsage;
use super::installation::Installation;
use super::place::Place;
use super::prompt::{self, Ask};
use crate::domain::ids::SiteId;
use crate::domain::site::Site;
use crate::keys::password;
use crate::store::staff::{self, Role};
use crate::store::{Store, sites};
use crate::system::SystemChance;

/// Longest login, in signs.
const LOGIN_SIGNS_MAX: usize = 40;

/// Adds, lists and ends those who may see rosters.
#[derive(Debug, Args)]
pub(super) struct StaffArgs {
    #[command(subcommand)]
    command: StaffCommand,
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Adds a member of staff; asks for the password twice
    Add(AddArgs),
    /// Lists the sites with their codes, as `add` takes them
    Sites {
        #[command(flatten)]
        place: Place,
    },
    /// Lists everyone who may sign in, with their sites
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Lets somebody in again who lost password or phone: a new password, no authenticator app, signed out everywhere
    Reset {
        /// The name they sign in with
        login: String,
        /// Makes a password up and prints it once, instead of asking for one
        #[arg(long)]
        generate: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Ends a member of staff: signed out everywhere, and can't sign in any more
    End {
        /// The name they sign in with
        login: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// The name to sign in with: small letters, digits, dots, hyphens
    #[arg(value_parser = login)]
    login: String,
    /// What they may see: the rosters of some sites (clinic), when callers' turn is (call-centre), all rosters (authority), or
    /// who looked at whom (auditor)
    #[arg(long, value_parser = ["clinic", "call-centre", "authority", "auditor"])]
    role: String,
    /// A site's code, as `sunbeon staff sites` lists it; again for each site
    #[arg(long = "site", value_name = "CODE")]
    sites: Vec<String>,
    /// Makes a password up and prints it once, instead of asking for one
    #[arg(long)]
    generate: bool,
    #[command(flatten)]
    place: Place,
}

fn login(text: &str) -> Result<String, String> {
    let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || ".-".contains(sign);
    if text.is_empty() || text.len() > LOGIN_SIGNS_MAX || !text.chars().all(fits) {
        return Err(format!(
            "write 1 to {LOGIN_SIGNS_MAX} small letters a to z, digits, dots or hyphens, such as kim.nurse"
        ));
    }
    Ok(text.to_owned())
}

/// Does what was asked with the staff of an installation.
pub(super) fn run(args: &StaffArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        StaffCommand::Add(args) => add(args)?,
        StaffCommand::Sites { place } => {
            let (installation, _) = Installation::at(place)?;
            for site in installation.store.read_now(|conn, _| sites::all(conn))? {
                say!("{}  {}  {}", site.code, site.name, site.address);
            }
        }
        StaffCommand::List { place } => {
            let (installation, _) = Installation::at(place)?;
            list(&installation.store)?;
        }
        StaffCommand::Reset { login, generate, place } => reset(login, *generate, place)?,
        StaffCommand::End { login, place } => {
            let (installation, _) = Installation::at(place)?;
            let ended = login.clone();
            installation.write(move |tx| staff::end(tx, &ended)).context(login.clone())?;
            say!("{login} can't sign in any more.");
        }
    }
    Ok(ExitCode::Done)
}

fn add(args: &AddArgs) -> anyhow::Result<()> {
    let role = Role::from_word(&args.role).context("there is no such role")?;
    match (role, args.sites.is_empty()) {
        (Role::Clinic, true) => {
            bail!(WrongUsage("clinic staff need a site: give --site CODE".into()))
        }
        (Role::Authority, false) => {
            bail!(WrongUsage("the authority sees every site: leave --site out".into()))
        }
        (Role::CallCentre | Role::Auditor, false) => {
            bail!(WrongUsage("the call centre and auditors see no roster: leave --site out".into()))
        }
        _ => {}
    }
    let (installation, _) = Installation::at(&args.place)?;
    let all = installation.store.read_now(|conn, _| sites::all(conn))?;
    let sites = args.sites.iter().map(|code| site_of_code(&all, code)).collect::<anyhow::Result<Vec<_>>>()?;
    let password = new_password(args.generate)?;
    let hash = password::hash(&password, &SystemChance)?;
    let login = args.login.clone();
    installation.write(move |tx| staff::add(tx, &login, &hash, role, &sites)).context(args.login.clone())?;
    say!("{} can sign in now.", args.login);
    show_once(args.generate, &password);
    Ok(())
}

fn reset(login: &str, generate: bool, place: &Place) -> anyhow::Result<()> {
    let (installation, _) = Installation::at(place)?;
    let password = new_password(generate)?;
    let hash = password::hash(&password, &SystemChance)?;
    let owner = login.to_owned();
    installation.write(move |tx| staff::reset(tx, &owner, &hash)).context(login.to_owned())?;
    say!("{login} can sign in with the new password, and has no authenticator app any more.");
    show_once(generate, &password);
    Ok(())
}

fn new_password(generate: bool) -> anyhow::Result<Zeroizing<String>> {
    if generate {
        return Ok(password::invent(&SystemChance));
    }
    prompt::secret(&format!("Password ({} signs or more): ", password::SIGNS_MIN), Ask::Twice)
}

fn show_once(is_made_up: bool, password: &str) {
    if is_made_up {
        say!("The password, shown this once: {password}");
    }
}

fn site_of_code(all: &[Site], code: &str) -> anyhow::Result<SiteId> {
    let found = all.iter().find(|site| site.code.eq_ignore_ascii_case(code));
    Ok(found.with_context(|| format!("there is no site with the code {code}"))?.id)
}

fn list(store: &Store) -> anyhow::Result<()> {
    let (members, all) = store.read_now(|conn, _| Ok((staff::list(conn)?, sites::all(conn)?)))?;
    let by_id: HashMap<SiteId, &Site> = all.iter().map(|site| (site.id, site)).collect();
    if members.is_empty() {
        say!("Nobody may sign in. Add somebody with `sunbeon staff add`.");
    }
    for member in members {
        say!("{}  {}", member.login, member.role.as_str());
        for site in member.sites.iter().filter_map(|site| by_id.get(site)) {
            say!("    {}  {}", site.code, site.name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::login;

    #[test]
    fn a_login_is_easy_to_type() {
        for good in ["clinic", "kim.nurse", "site-7"] {
            assert_eq!(login(good).as_deref(), Ok(good));
        }
        for bad in ["", "Kim", "김간호사", "a b", &"a".repeat(41)] {
            assert!(login(bad).is_err(), "{bad}");
        }
    }
}
