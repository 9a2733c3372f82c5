//! The command line as an operator meets it: help, exit codes, files it makes, and what the demo invents.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod door;
mod draw;
mod keys;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use sunbeon::cli::demo::{self, Prepared, Wish};
use sunbeon::config::DatabaseUrl;
use sunbeon::domain::clock::Clock;
use sunbeon::import;
use sunbeon::keys::password;
use sunbeon::store::{Store, outbox, roster, settings, sites, slots, staff};

/// What a command said and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn sunbeon(arguments: &[&str]) -> Said {
    sunbeon_hears("", arguments)
}

/// Runs `sunbeon` with `input` typed at it.
fn sunbeon_hears(input: &str, arguments: &[&str]) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sunbeon"))
        .args(arguments)
        .env_remove("SUNBEON_MASTER_KEYS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// An installation with keys and a database of its own.
struct Installation {
    directory: tempfile::TempDir,
}

impl Installation {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let own = Self { directory };
        let made = sunbeon(&["keys", "new", &own.path("master.keys")]);
        assert_eq!(made.code, 0, "{}", made.err);
        own.write_config("");
        own
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn write_config(&self, more: &str) {
        let (database, keys) = (self.path("sunbeon.db"), self.path("master.keys"));
        let text = format!("[database]\nurl = \"sqlite://{database}\"\n[keys]\nfile = \"{keys}\"\n{more}");
        fs::write(self.path("sunbeon.toml"), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let config = self.path("sunbeon.toml");
        sunbeon(&[arguments, &["--config", &config]].concat())
    }
}

#[test]
fn the_help_lists_every_command_and_exit_code() {
    let help = sunbeon(&["--help"]);
    assert_eq!(help.code, 0);
    for command in
        ["demo", "serve", "migrate", "import", "draw", "staff", "keys", "backup", "restore", "check"]
    {
        let listed = help.out.lines().any(|line| line.split_whitespace().next() == Some(command));
        assert!(listed, "{command} is missing:\n{}", help.out);
        let own = sunbeon(&[command, "--help"]);
        assert!(own.code == 0 && own.out.contains("Usage: sunbeon"), "{}", own.out);
    }
    assert!(help.out.contains("Exit codes:") && help.out.contains("  4  the database can't be reached"));
    assert_eq!(sunbeon(&["sell"]).code, 2);
    assert_eq!(sunbeon(&[]).code, 2);
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    let own = Installation::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sunbeon"))
        .args(["migrate", "--config", &own.path("sunbeon.toml")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn check_says_everything_that_is_wrong_at_once() {
    let own = Installation::new();
    own.write_config("[booking]\nhold_minutes = 0\npeople = 3\n[time]\nzone = \"Asia/Soul\"\n");
    let said = own.run(&["check"]);
    assert_eq!(said.code, 3);
    for key in ["booking.hold_minutes", "booking.people", "time.zone"] {
        assert!(said.out.contains(key), "{key} is missing:\n{}", said.out);
    }

    own.write_config("[backup]\npassphrase = \"short\"\n");
    let said = own.run(&["check"]);
    assert!(said.out.contains("backup: the passphrase is too short"), "{}", said.out);

    own.write_config("");
    fs::set_permissions(own.path("master.keys"), fs::Permissions::from_mode(0o644)).unwrap();
    let said = own.run(&["check"]);
    assert_eq!(said.code, 3);
    for wrong in ["chmod 600", "server.public_url is missing", "notify.sms", "is not there yet"] {
        assert!(said.out.contains(wrong), "{wrong} is missing:\n{}", said.out);
    }
    assert!(!Path::new(&own.path("sunbeon.db")).exists(), "check makes nothing");
}

#[test]
fn check_gives_an_example_that_is_right_but_for_what_serve_needs() {
    let own = Installation::new();
    let example = sunbeon(&["check", "--example"]);
    assert_eq!(example.code, 0);
    let text = example.out.replace("/var/lib/sunbeon/sunbeon.db", &own.path("sunbeon.db"));
    fs::write(own.path("sunbeon.toml"), text.replace("/etc/sunbeon/master.keys", &own.path("master.keys")))
        .unwrap();
    let said = own.run(&["check"]);
    assert_eq!(said.code, 3);
    let wrong = said.out.lines().filter(|line| !line.ends_with("the first start makes it."));
    assert!(
        wrong.clone().count() > 0 && wrong.into_iter().all(|line| line.starts_with("serve: ")),
        "{}",
        said.out
    );
}

const READY_TO_SERVE: &str = "[server]\npublic_url = \"https://vaccination.example.org\"\n\
    [notify]\nsms = []\nemail = [\"mail\"]\n\
    [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"localhost\"\nfrom = \"no-reply@example.org\"\n";

#[test]
fn check_tells_a_wrong_configuration_from_a_database_that_is_away() {
    let own = Installation::new();
    own.write_config(READY_TO_SERVE);
    let said = own.run(&["check"]);
    assert_eq!((said.code, said.out.contains("Nothing is wrong")), (0, true), "{}", said.out);

    let elsewhere = own.path("nowhere/sunbeon.db");
    let text = fs::read_to_string(own.path("sunbeon.toml")).unwrap();
    fs::write(own.path("sunbeon.toml"), text.replace(&own.path("sunbeon.db"), &elsewhere)).unwrap();
    let said = own.run(&["check"]);
    assert!(said.code == 4 && said.out.contains("does not exist"), "{}", said.out);
    assert_eq!(own.run(&["migrate"]).code, 4);
}

#[test]
fn nothing_is_alive_where_nobody_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(sunbeon(&["check", "--alive", &format!("http://127.0.0.1:{port}/healthz")]).code, 1);
    assert_eq!(sunbeon(&["check", "--alive", "here"]).code, 2);
}

#[test]
fn migrate_names_what_it_ran_and_then_has_nothing_to_do() {
    let own = Installation::new();
    let first = own.run(&["migrate"]);
    assert!(
        first.code == 0 && first.out.contains("20261123000000") && first.out.contains(" new)"),
        "{}{}",
        first.out,
        first.err
    );
    let second = own.run(&["migrate"]);
    assert!(second.code == 0 && second.out.contains("already"), "{}", second.out);
}

#[test]
fn serve_refuses_what_belongs_to_the_demo() {
    let own = Installation::new();
    let said = own.run(&["serve"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("notify.sms") && said.err.contains("public_url"), "{}", said.err);

    own.write_config(READY_TO_SERVE);
    let demo = Demo::new(1);
    let text = fs::read_to_string(own.path("sunbeon.toml")).unwrap();
    let text = text.replace(&own.path("sunbeon.db"), &demo.path("sunbeon.db").display().to_string());
    fs::write(own.path("sunbeon.toml"), text).unwrap();
    let said = own.run(&["serve"]);
    assert!(said.code == 3 && said.err.contains("filled by the demo"), "{}", said.err);
}

#[test]
fn staff_are_added_listed_and_ended() {
    let own = Installation::new();
    let added = own.run(&["staff", "add", "kim.authority", "--role", "authority", "--generate"]);
    assert_eq!(added.code, 0, "{}", added.err);
    let line = added.out.lines().find(|line| line.starts_with("The password")).unwrap();
    let made_up = line.rsplit(' ').next().unwrap();
    assert_eq!(made_up.len(), 23);
    assert_eq!(own.run(&["staff", "add", "kim.authority", "--role", "authority", "--generate"]).code, 1);
    assert_eq!(own.run(&["staff", "add", "lee", "--role", "clinic", "--generate"]).code, 2);
    let unknown = own.run(&["staff", "add", "lee", "--role", "clinic", "--site", "XXXX", "--generate"]);
    assert!(unknown.code == 1 && unknown.err.contains("XXXX"), "{}", unknown.err);

    let config = own.path("sunbeon.toml");
    let typed = ["staff", "add", "park", "--role", "authority", "--config", &config];
    assert_eq!(sunbeon_hears("short\n", &typed).code, 1);
    assert_eq!(sunbeon_hears("long enough to be one\n", &typed).code, 0);

    assert!(own.run(&["staff", "list"]).out.starts_with("kim.authority  authority\npark  authority\n"));
    assert_eq!(own.run(&["staff", "end", "park"]).code, 0);
    assert_eq!(own.run(&["staff", "end", "park"]).code, 1);
    assert!(!own.run(&["staff", "list"]).out.contains("park"));
}

#[test]
fn an_import_says_what_went_in_and_what_did_not() {
    let own = Installation::new();
    let (campaign, sites) = (own.path("campaign.toml"), own.path("sites.csv"));
    fs::write(&campaign, import::CAMPAIGN_EXAMPLE).unwrap();
    let example = import::SITES_EXAMPLE;
    fs::write(&sites, example).unwrap();
    let said = own.run(&["import", &campaign]);
    assert!(said.code == 0 && said.out.contains(": new"), "{}{}", said.out, said.err);

    let said = own.run(&["import", &sites, "--dry-run"]);
    assert!(said.code == 0 && said.out.contains("nothing was written"), "{}{}", said.out, said.err);
    let said = own.run(&["import", &sites]);
    assert!(said.code == 0 && !said.out.contains(" 0 new"), "{}{}", said.out, said.err);
    let listed = own.run(&["staff", "sites"]).out;
    assert!(listed.lines().count() == 3 && listed.contains("  한빛의원  "), "{listed}");

    let columns = example.lines().next().unwrap().matches(',').count();
    let nameless = format!("{}\n{}\n", example.trim_end(), "?,".repeat(columns));
    fs::write(&sites, nameless).unwrap();
    let said = own.run(&["import", &sites]);
    assert!(said.code == 5 && said.out.contains(" 0 new"), "{}{}", said.out, said.err);

    assert_eq!(own.run(&["import", &own.path("sites.xlsx")]).code, 2);
    assert_eq!(own.run(&["import", &own.path("nothing.csv")]).code, 1);
    assert_eq!(own.run(&["import", &sites, "--map", "colour=색"]).code, 2);
    assert_eq!(own.run(&["import", &campaign, "--seats", "3"]).code, 2);
}

#[test]
fn the_demo_stays_on_this_machine_unless_told_otherwise() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("demo").display().to_string();
    let said = sunbeon(&["demo", "--data", &data, "--listen", "0.0.0.0:0"]);
    assert!(said.code == 2 && said.err.contains("--expose-demo"), "{}", said.err);
    assert!(!Path::new(&data).exists());
}

#[test]
fn a_taken_port_is_told_before_a_country_is_invented() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("demo").display().to_string();
    let said = sunbeon(&["demo", "--data", &data, "--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(said.code == 1 && said.err.contains("is another program listening there?"), "{}", said.err);
    assert!(!Path::new(&data).exists());
}

/// A clock that stands still.
struct At(&'static str);

impl Clock for At {
    fn now(&self) -> jiff::Timestamp {
        self.0.parse().unwrap()
    }
}

/// A shown site's half hours from nine to six, for each of four products.
const SLOTS_A_DAY: usize = 18 * 4;

/// A Tuesday, nine in the morning in Seoul.
const TUESDAY: &str = "2026-11-24T00:00:00Z";

struct Demo {
    directory: tempfile::TempDir,
    prepared: Prepared,
}

impl Demo {
    fn new(sites: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let prepared = prepare(directory.path(), Some(sites), TUESDAY).unwrap();
        Self { directory, prepared }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn store(&self) -> Store {
        let url = DatabaseUrl::Sqlite(self.path("sunbeon.db"));
        Store::open(&url, 1, Arc::new(self.prepared.keys.clone())).unwrap()
    }

    fn site_codes(&self) -> Vec<(String, String)> {
        let all = self.store().read_now(|conn, _| sites::all(conn)).unwrap();
        all.into_iter().map(|site| (site.code, site.name)).collect()
    }
}

fn prepare(data: &Path, sites: Option<u32>, now: &'static str) -> anyhow::Result<Prepared> {
    let wish = Wish { data: data.to_owned(), seed: None, sites };
    demo::prepare(&wish, Arc::new(At(now)), &mut |_| {})
}

#[test]
fn the_demo_invents_a_country_with_full_rosters_and_quiet_messages() {
    let demo = Demo::new(40);
    let store = demo.store();
    let now: jiff::Timestamp = TUESDAY.parse().unwrap();
    let all = store.read_now(|conn, _| sites::all(conn)).unwrap();
    assert_eq!(all.len(), 40);
    assert!(store.read_now(|conn, _| settings::is_demo(conn)).unwrap());
    assert!((250..=330).contains(&demo.prepared.booked), "{} seats", demo.prepared.booked);

    let mut days = std::collections::BTreeSet::new();
    for site in &all {
        let timetable = store.read_now(|conn, _| slots::of_site(conn, site.id, now)).unwrap();
        assert!(timetable.len() > 100, "{} has {} slots", site.name, timetable.len());
        days.extend(timetable.iter().map(|(slot, _)| slot.local_date));
    }
    assert_eq!(days.len(), 42);

    let first = all.iter().min_by_key(|site| site.id).unwrap();
    let tomorrow = jiff::civil::date(2026, 11, 25);
    let lines = store.read_now(|conn, keys| roster::of_day(conn, keys, first.id, tomorrow)).unwrap();
    assert!((38..=50).contains(&lines.len()), "{} lines", lines.len());
    let of_first = store.read_now(|conn, _| slots::of_site(conn, first.id, now)).unwrap();
    assert!(of_first.iter().any(|(_, count)| count.free() == 0), "a time is full");

    for (state, count) in store.read_now(|conn, _| outbox::figures::count_by_state(conn)).unwrap() {
        assert!(["void", "queued"].contains(&state.as_str()), "{count} {state}");
    }
    let due_in = |minutes: i64| {
        let then = now + jiff::SignedDuration::from_mins(minutes);
        store.read_now(move |conn, _| outbox::figures::any_due(conn, then)).unwrap()
    };
    assert!(!due_in(59) && due_in(120), "the first messages are the reminders at ten");
}

#[test]
fn everybody_named_at_the_start_can_sign_in() {
    let demo = Demo::new(3);
    let store = demo.store();
    for one in &demo.prepared.logins {
        let (_, hash) = store.read_now(|conn, _| staff::password_hash(conn, one.login)).unwrap().unwrap();
        assert!(password::verify(one.password, &hash), "{}", one.login);
    }
    let members = store.read_now(|conn, _| staff::list(conn)).unwrap();
    let sites_of = |login| members.iter().find(|one| one.login == login).unwrap().sites.len();
    assert_eq!((sites_of("clinic"), sites_of("nurse"), sites_of("authority")), (2, 1, 0));
}

#[test]
fn the_same_seed_gives_the_same_country_and_another_key() {
    let (one, other) = (Demo::new(5), Demo::new(5));
    assert_eq!(one.site_codes(), other.site_codes());
    assert_ne!(fs::read(one.path("demo.keys")).unwrap(), fs::read(other.path("demo.keys")).unwrap());
}

#[test]
fn a_demo_goes_on_where_it_was_and_grows_with_the_days() {
    let demo = Demo::new(5);
    let (store, before) = (demo.store(), demo.site_codes());
    let last = || {
        let now = TUESDAY.parse().unwrap();
        let shown =
            store.read_now(|conn, _| sites::all(conn)).unwrap().into_iter().min_by_key(|site| site.id);
        let timetable = store.read_now(|conn, _| slots::of_site(conn, shown.unwrap().id, now)).unwrap();
        (timetable.len(), timetable.last().unwrap().0.local_date)
    };
    let (slots, day) = last();
    let same_day = prepare(demo.directory.path(), None, TUESDAY).unwrap();
    assert_eq!((same_day.booked, last()), (0, (slots, day)));

    let later = prepare(demo.directory.path(), None, "2026-11-26T00:00:00Z").unwrap();
    assert!(later.booked > 0, "tomorrow's rosters are full again");
    assert_eq!(last(), (slots + 2 * SLOTS_A_DAY, day.saturating_add(jiff::Span::new().days(2))));
    assert_eq!(demo.site_codes(), before);

    let refused = prepare(demo.directory.path(), Some(6), TUESDAY).unwrap_err();
    assert!(refused.to_string().contains("seed 7 with 5 sites"), "{refused}");
}
