//! `sunbeon door`: what an operator says of the evening, while the service runs.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::ExitCode;
use super::exit::WrongUsage;
use super::installation::Installation;
use super::place::Place as WhichPlace;
use crate::domain::campaign::Localised;
use crate::domain::door::joined::Joined;
use crate::domain::door::line::arrival;
use crate::domain::door::opening::Places;
use crate::domain::door::pace::{EVERYBODY, Mode};
use crate::domain::door::place::Place;
use crate::store::door_state::{self, DoorState, Order};
use crate::store::{Failure, openings};

/// Says how an opening's door stands, stops it, and sets its pace.
#[derive(Debug, Args)]
pub(super) struct DoorArgs {
    /// The opening's code
    opening: String,
    #[command(subcommand)]
    command: Option<DoorCommand>,
    #[command(flatten)]
    place: WhichPlace,
}

#[derive(Debug, Subcommand)]
enum DoorCommand {
    /// Lets nobody in whose turn has not come yet; places stay
    Pause,
    /// Goes on
    Resume,
    /// Lets a tenth fewer people in
    Slower,
    /// Lets a tenth more people in
    Faster,
    /// Lets so many people a second in, however many sessions are free
    Pace {
        /// People a second
        #[arg(value_parser = people)]
        people: f64,
    },
    /// Lets in as many people as there are free sessions
    Automatic,
    /// Ends the waiting for good: whoever comes walks in
    Open {
        /// That can't be undone, and is really meant
        #[arg(long)]
        yes: bool,
    },
    /// Tells those who wait something; without words it tells nothing any more
    Say {
        /// In Korean
        #[arg(long, default_value = "")]
        ko: String,
        /// In English
        #[arg(long, default_value = "")]
        en: String,
    },
}

fn people(text: &str) -> Result<f64, String> {
    let people: Option<f64> = text.parse().ok();
    let fits = people.filter(|people| (0.0..=EVERYBODY).contains(people));
    fits.ok_or_else(|| format!("write how many people a second, from 0 to {EVERYBODY}"))
}

impl DoorCommand {
    fn order(&self) -> Order {
        match self {
            Self::Pause => Order::Pause,
            Self::Resume => Order::Resume,
            Self::Slower => Order::Slower,
            Self::Faster => Order::Faster,
            Self::Pace { people } => Order::Fixed(*people),
            Self::Automatic => Order::Automatic,
            Self::Open { .. } => Order::Open,
            Self::Say { ko, en } => Order::Say(Localised { korean: ko.clone(), english: en.clone() }),
        }
    }
}

/// Does what was asked with the door of an opening, and says how it stands.
pub(super) fn run(args: &DoorArgs) -> anyhow::Result<ExitCode> {
    args.place.check()?;
    if let Some(DoorCommand::Open { yes: false }) = &args.command {
        bail!(WrongUsage(format!(
            "that ends the waiting of {} for good, for everybody: if it is really meant, add --yes",
            args.opening
        )));
    }
    let (installation, _) = Installation::at(&args.place)?;
    let all = installation.store.read_now(openings::all)?;
    let found = all.into_iter().find(|one| one.opening.code.as_str() == args.opening);
    let one = found.with_context(|| format!("there is no opening called {}", args.opening))?;
    let (opening, awaits_draw) = (one.opening, one.key.is_none());
    let awaits_draw = awaits_draw && opening.places == Places::Drawn;
    let state =
        match &args.command {
            Some(command) => {
                let order = command.order();
                Some(installation.write(move |tx| {
                    door_state::obey(tx, &opening, &order).map_err(Failure::<String>::Store)
                })?)
            }
            None => installation.store.read_now(|conn, _| door_state::find(conn, opening.id))?,
        };
    match state {
        Some(state) => tell(&state),
        None if awaits_draw => say!("It is not drawn yet: see sunbeon draw show {}.", args.opening),
        None => say!("Nobody has asked for their place yet."),
    }
    Ok(ExitCode::Done)
}

fn tell(state: &DoorState) {
    match (&state.joined, state.threshold.last()) {
        (_, Some(Place::LAST)) => say!("open for     everybody"),
        (Joined::InLine(_), Some(last)) => say!("open for     who came until {}", arrival(last)),
        (Joined::InLine(_), None) => say!("open for     nobody"),
        (Joined::Drawn(_), _) => {
            say!("open for     {:.4} % of all places", 100.0 * state.threshold.fraction());
        }
    }
    match state.joined {
        Joined::Drawn(_) => say!("asked        {:.0} phones, about", state.joined.count()),
        Joined::InLine(_) => say!("in line      {:.0} came so far", state.joined.count()),
    }
    say!("admitted     {} phones", state.admitted);
    say!("booked       {} seats", state.booked);
    let pace = match state.mode {
        _ if state.paused => "paused".to_owned(),
        Mode::Fixed { people } => format!("{people} people a second"),
        Mode::Automatic | Mode::Paused => format!("automatic, {:.0} sessions at most", state.cap.cap),
    };
    say!("pace         {pace}");
    for (language, note) in [("Korean", &state.note.korean), ("English", &state.note.english)] {
        if !note.is_empty() {
            say!("{language:<12} {note}");
        }
    }
    say!("last turn    {}", state.turned_at);
}

#[cfg(test)]
mod tests {
    use super::people;

    #[test]
    fn a_pace_is_a_number_of_people() {
        assert_eq!(people("12.5"), Ok(12.5));
        for wrong in ["", "-1", "many", "NaN", "inf", "1e9"] {
            assert!(people(wrong).is_err(), "{wrong}");
        }
    }
}
