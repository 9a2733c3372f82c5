#![allow(clippy::unwrap_used)]

use crate::domain::gateway::figures::Prices;
use std::fs;
use std::path::PathBuf;

use super::*;

/// A configuration file that lives as long as the test.
struct Written {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn written(text: &str) -> Written {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sunbeon.toml");
    fs::write(&path, text).unwrap();
    Written { _directory: directory, path }
}

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::read_with(Some(&written(text).path), environment.iter().copied())
}

/// The errors without the file's path, which differs from run to run.
fn errors(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let file = written(text);
    let errors = Config::read_with(Some(&file.path), environment.iter().copied()).unwrap_err();
    let path = file.path.display().to_string();
    errors.0.iter().map(|error| error.to_string().replace(&path, "FILE")).collect()
}

/// The mail server of a configuration.
fn mail(config: &Config) -> &SmtpConfig {
    let GatewayKind::Smtp(smtp) = &config.notify.for_mail()[0].kind else { panic!("no mail server") };
    smtp
}

/// The text gateway of a configuration.
fn texts(config: &Config) -> &TwilioConfig {
    let GatewayKind::Twilio(twilio) = &config.notify.for_texts()[0].kind else { panic!("no text gateway") };
    twilio
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(read(EXAMPLE, &[]).unwrap(), Config::default());
    assert_eq!(read("", &[]).unwrap(), Config::default());
    assert_eq!(Config::read_with::<&str>(None, []).unwrap(), Config::default());
}

#[test]
fn the_example_shows_every_key() {
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')) => {
                format!("{key}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let config = read(&uncommented, &[]).unwrap();
    assert_eq!(config.server.public_url.as_ref().unwrap().as_str(), "https://vaccination.example.org");
    assert_eq!(config.server.tls.as_ref().unwrap().key, PathBuf::from("/etc/sunbeon/certificate.key"));
    let smtp = mail(&config);
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example.org", 465));
    assert_eq!(smtp.credentials.as_ref().unwrap().1.expose(), "...");
    let twilio = texts(&config);
    assert_eq!((twilio.url.as_str(), twilio.token.expose()), ("https://gateway.example.org", "..."));
    assert_eq!(config.notify.for_texts()[0].prices, Prices { short: 9_900, long: 30_000 });
    let [.., GatewayKind::Sens(sens)] =
        &config.notify.for_texts().iter().map(|one| one.kind.clone()).collect::<Vec<_>>()[..]
    else {
        panic!("no second text gateway")
    };
    assert_eq!((sens.url.as_str(), sens.secret_key.expose()), ("https://sens.apigw.ntruss.com", "..."));
    assert_eq!(config.notify.gateways.len(), 5);
    let carrier = config.notify.gateways.iter().find(|one| one.name == "carrier").unwrap();
    let GatewayKind::Smpp(smpp) = &carrier.kind else { panic!("no carrier") };
    assert_eq!((smpp.port, smpp.tls, smpp.in_pieces, smpp.is_v5), (3_550, true, false, false));
    assert_eq!((smpp.window, smpp.message_ids), (50, MessageIdsWord::Same));
}

#[test]
fn a_carrier_has_what_its_protocol_has_room_for() {
    let carrier = |more: &str| {
        format!(
            "[notify.gateways.carrier]\nkind = \"smpp\"\nhost = \"smpp.example.org\"\nfrom = \"15880000\"\n{more}"
        )
    };
    let config = read(
        &carrier("system_id = \"us\"\npassword = \"p\"\ncharset = \"unicode\"\nsecurity = \"none\""),
        &[],
    );
    let GatewayKind::Smpp(smpp) = config.unwrap().notify.gateways[0].kind.clone() else {
        panic!("no carrier")
    };
    assert_eq!((smpp.port, smpp.in_pieces), (2_775, true), "elsewhere long texts go in pieces");
    let wrong = carrier(
        "system_id = \"sixteen signs!!!\"\npassword = \"nine sign\"\nversion = \"3.3\"\nwindow = 0\nmessage_ids = \"hex\"",
    );
    for key in ["system_id", "password", "version", "window", "message_ids"] {
        let key = format!("notify.gateways.carrier.{key}: found");
        let told = errors(&wrong, &[]);
        assert!(told.iter().any(|error| error.contains(&key)), "{key}: {told:?}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = read(
        "[booking]\nhold_minutes = 20\npeople_max = 4\n[codes]\ncountries = [\"82\"]\n[keys]\nfile = \"a\"",
        &[
            ("SUNBEON_BOOKING__HOLD_MINUTES", "15"),
            ("SUNBEON_DATABASE__URL", "postgres://a:b@c/d"),
            ("SUNBEON_DATABASE__WRITERS", " 4 "),
            ("SUNBEON_CODES__COUNTRIES", "82, +81,"),
            ("SUNBEON_NOTIFY__GATEWAYS__POST__KIND", "smtp"),
            ("SUNBEON_NOTIFY__GATEWAYS__POST__HOST", "127.0.0.1"),
            ("SUNBEON_NOTIFY__GATEWAYS__POST__FROM", "a@b.example"),
            ("SUNBEON_NOTIFY__GATEWAYS__POST__PORT", "2525"),
            ("SUNBEON_NOTIFY__EMAIL", "post"),
            ("SUNBEON_NOTIFY__SMS", ""),
            ("SUNBEON_MASTER_KEYS", "demo=false"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!((config.booking.hold_minutes, config.booking.people_max), (15, 4));
    assert_eq!(config.database.writers, 4);
    assert_eq!(config.codes.countries, ["82", "81"]);
    assert_eq!(config.keys, KeysConfig::Environment(Secret::new("demo=false")));
    assert_eq!((mail(&config).port, config.notify.sms), (2525, Some(Vec::new())));
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place_and_what_is_accepted() {
    let found = errors(
        r#"
        [server]
        listen = 8080
        trusted_proxies = ["10.0.0.0/8", "10.0.0.0/33"]
        tls_key = "key.pem"
        [booking]
        hold_minute = 10
        people_max = "six"
        [time]
        zone = "Asia/Soul"
        hold_minutes = 5
        [notify]
        sms = ["naver"]
        email = ["mail", "post"]
        [notify.gateways.mail]
        kind = "smtp"
        timeout_seconds = 60
        [notify.gateways.post]
        kind = "pigeon"
        coop = "red"
        [notify.gateways.Texts]
        kind = "twilio"
        [colour]
        sky = "blue"
        "#,
        &[
            ("SUNBEON_BOOKING__EXTENSIONS_MAX", "1000"),
            ("SUNBEON_DATABASE__WRITERS", "2"),
            ("SUNBEON_LOG__LEVEL", "loud"),
            ("SUNBEON_LOG_FORMAT", "text"),
            ("SUNBEON_SERVICE_HOST", "10.0.0.1"),
            ("SUNBEON_LOG__COLOUR", "blue"),
        ],
    );
    let expected = [
        "FILE: server.listen: found 8080; accepted: an address and a port, such as \"127.0.0.1:8080\" or \"[::]:443\"",
        "FILE: server.trusted_proxies: found \"10.0.0.0/33\" in the list; accepted: an address or a network, such as \"10.0.0.7\" or \"10.0.0.0/8\"",
        "FILE: server.tls_certificate: found nothing, but a key; accepted: both tls_certificate and tls_key, or neither",
        "SUNBEON_DATABASE__WRITERS: database.writers: found 2 with SQLite; accepted: 1, or a postgres:// database",
        "FILE: time.zone: found \"Asia/Soul\"; accepted: a name of the IANA time-zone database, such as \"Asia/Seoul\"",
        "SUNBEON_BOOKING__EXTENSIONS_MAX: booking.extensions_max: found \"1000\"; accepted: a whole number from 0 to 100",
        "FILE: booking.people_max: found \"six\"; accepted: a whole number from 1 to 50",
        "FILE: notify.gateways.Texts: found a name that can't be a gateway's; accepted: a name of up to 16 small letters and digits, the first of them a letter",
        "FILE: notify.gateways.mail.timeout_seconds: found 60; accepted: a whole number from 1 to 25",
        "FILE: notify.gateways.mail.host: found nothing; accepted: the name of the mail server",
        "FILE: notify.gateways.mail.from: found nothing; accepted: the sender's e-mail address",
        "FILE: notify.gateways.post.kind: found \"pigeon\"; accepted: \"smtp\" or \"sens\" or \"smpp\" or \"twilio\" or \"spool\"",
        "FILE: notify.sms: found \"naver\", which has no section, or an empty one; accepted: the name of a gateway, the section of which is [notify.gateways.NAME]",
        "SUNBEON_LOG__LEVEL: log.level: found \"loud\"; accepted: \"error\" or \"warn\" or \"info\" or \"debug\" or \"trace\"",
        "FILE: booking.hold_minute: found a key that doesn't exist; accepted: did you mean hold_minutes?",
        "FILE: colour.sky: found a key that doesn't exist; accepted: the sections [server], [database], [keys], [time], [booking], [codes], [notify.gateways.Texts], [notify.gateways.mail], [notify.gateways.post], [notify], [notify.uncertain], [log], [backup]",
        "SUNBEON_LOG__COLOUR: log.colour: found a key that doesn't exist; accepted: one of level, format",
        "FILE: time.hold_minutes: found a key that doesn't exist; accepted: did you mean booking.hold_minutes, in section [booking]?",
        "SUNBEON_LOG_FORMAT: log.format: found a variable that nobody reads; accepted: two underscores after the section: SUNBEON_LOG__FORMAT",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_section_that_is_no_section_is_told() {
    assert_eq!(
        errors("database = \"postgres://a:hunter2@b/c\"\n[boking]\nhold_minutes = 3", &[]),
        [
            "FILE: boking.hold_minutes: found a key that doesn't exist; accepted: did you mean booking.hold_minutes, in section [booking]?",
            "FILE: database: found a value instead of a section (not shown); accepted: [database] and its keys below it",
        ]
    );
}

#[test]
fn numbers_in_the_file_are_numbers() {
    for wrong in ["10.0", "\"10\"", "true", "-1", "99999999999", "[10]", "2026-01-01"] {
        let found = errors(&format!("[booking]\nhold_minutes = {wrong}"), &[]);
        assert!(
            found.iter().any(|error| error.contains("a whole number from 1 to 60")),
            "{wrong}: {found:?}"
        );
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told_by_its_place() {
    let missing = Config::read_with::<&str>(Some(Path::new("/nowhere/sunbeon.toml")), []).unwrap_err();
    assert!(
        missing.to_string().starts_with("/nowhere/sunbeon.toml: the file: found that it can't be read"),
        "{missing}"
    );

    let found = errors("[log]\nlevel = \"info\"\npassword = \"hunter2\n", &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("FILE: line 3: found what is not TOML"), "{found:?}");
    assert!(!found[0].contains("hunter2"));
}

#[test]
fn no_password_shows_in_debug_or_errors() {
    let text = "
        [database]\nurl = \"postgres://sunbeon:hunter2@db/sunbeon\"
        [notify]\nemail = [\"mail\"]
        [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"m\"\nfrom = \"a@b.example\"\nusername = \"u\"\npassword = \"hunter2\"";
    let config = read(text, &[("SUNBEON_MASTER_KEYS", "hunter2")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));

    let wrong = text.replace("postgres:", "mysql:").replace("username = \"u\"", "pasword = \"hunter2\"");
    let found = errors(&wrong, &[("SUNBEON_DATABASE__URL", "oracle://hunter2")]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|error| !error.contains("hunter2")), "{found:?}");
}

#[test]
fn a_password_can_stand_in_a_file_of_its_own() {
    let password = written("hunter2\n");
    let text = "[notify]\nemail = [\"mail\"]\n[notify.gateways.mail]\nkind = \"smtp\"\nhost = \"m\"\nfrom = \"a@b.example\"\nusername = \"u\"";
    let variable = "SUNBEON_NOTIFY__GATEWAYS__MAIL__PASSWORD_FILE";
    let config = read(text, &[(variable, password.path.to_str().unwrap())]).unwrap();
    assert_eq!(mail(&config).credentials, Some(("u".to_owned(), Secret::new("hunter2"))));

    let found = errors(text, &[(variable, "/nowhere/password")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .starts_with(&format!("{variable}: notify.gateways.mail.password_file: found /nowhere/password")),
        "{found:?}"
    );
}

#[test]
fn serve_refuses_what_only_a_demo_may_do() {
    let demo = Config::for_demo(Path::new("data"), "127.0.0.1:8080".parse().unwrap());
    assert_eq!(
        demo.refusals_for_serve(DemoMarks { keys: true, database: true }),
        [
            Refusal::PublicUrlWithoutTls,
            Refusal::NeitherTlsNorProxy,
            Refusal::Spool,
            Refusal::DemoKeys,
            Refusal::DemoDatabase
        ]
    );
    assert_eq!(
        Config::default().refusals_for_serve(DemoMarks::default()),
        [Refusal::NoPublicUrl, Refusal::NoGateways]
    );
}

#[test]
fn serve_takes_a_complete_configuration_and_no_mail_in_the_clear() {
    let text = "
        [server]\npublic_url = \"https://vaccination.example.org\"
        [notify]\nsms = []\nemail = [\"mail\"]
        [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"mail.example.org\"\nfrom = \"a@b.example\"";
    let refusals = |environment| read(text, environment).unwrap().refusals_for_serve(DemoMarks::default());
    assert_eq!(refusals(&[]), []);
    assert_eq!(refusals(&[("SUNBEON_NOTIFY__GATEWAYS__MAIL__SECURITY", "none")]), [Refusal::MailInTheClear]);
    let on_this_machine = [
        ("SUNBEON_NOTIFY__GATEWAYS__MAIL__SECURITY", "none"),
        ("SUNBEON_NOTIFY__GATEWAYS__MAIL__HOST", "127.0.0.1"),
    ];
    assert_eq!(refusals(&on_this_machine), []);
    let spool = [
        ("SUNBEON_NOTIFY__GATEWAYS__FILE__KIND", "spool"),
        ("SUNBEON_NOTIFY__GATEWAYS__FILE__FILE", "messages.jsonl"),
        ("SUNBEON_NOTIFY__SMS", "file"),
    ];
    assert_eq!(refusals(&spool), [Refusal::Spool]);
    assert_eq!(refusals(&spool[..2]), [], "it carries nothing");
}

#[test]
fn texts_need_an_address_an_account_a_token_and_a_sender() {
    let missing = errors("[notify.gateways.texts]\nkind = \"twilio\"", &[]);
    let keys = missing.iter().map(|error| error.split(": ").nth(1).unwrap());
    assert!(
        keys.eq(["url", "account", "token", "from"].map(|key| format!("notify.gateways.texts.{key}"))),
        "{missing:?}"
    );

    let token = written("hunter2\n");
    let in_file = [("SUNBEON_NOTIFY__GATEWAYS__TEXTS__TOKEN_FILE", token.path.to_str().unwrap())];
    let text = "
        [server]\npublic_url = \"https://vaccination.example.org\"
        [notify]\nsms = [\"texts\"]\nemail = [\"mail\"]
        [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"mail.example.org\"\nfrom = \"a@b.example\"
        [notify.gateways.texts]\nkind = \"twilio\"\nurl = \"https://gateway.example.org/\"\naccount = \"AC1\"\nfrom = \"+8215880000\"";
    let config = read(text, &in_file).unwrap();
    let gateway = config.notify.for_texts()[0];
    assert_eq!((gateway.timeout_seconds, gateway.concurrency), (10, 64));
    assert_eq!(texts(&config).token.expose(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
    let refusals = |url: &str| {
        let text = text.replace("https://gateway.example.org/", url);
        read(&text, &in_file).unwrap().refusals_for_serve(DemoMarks::default())
    };
    assert_eq!(refusals("https://gateway.example.org"), []);
    assert_eq!(refusals("http://gateway.example.org"), [Refusal::TextsInTheClear]);
    assert_eq!(refusals("http://127.0.0.1.example.org:8080"), [Refusal::TextsInTheClear]);
    for here in ["http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost:9000"] {
        assert_eq!(refusals(here), []);
    }
    let wrong = errors(&text.replace("AC1", "../AC1").replace("+8215880000", ""), &in_file);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}

#[test]
fn lists_name_each_gateway_once_and_none_that_is_not_there() {
    let text = "
        [notify]\nsms = [\"texts\", \"mail\", \"mail\"]\nemail = []
        [notify.gateways.texts]
        [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"m\"\nfrom = \"a@b.example\"";
    let found = errors(text, &[]);
    let expected = [
        "\"texts\", which has no section, or an empty one",
        "\"mail\", which carries something else",
        "\"mail\" twice",
    ];
    for expected in expected {
        assert!(found.iter().any(|error| error.contains(expected)), "{expected}: {found:?}");
    }
    assert!(found.iter().all(|error| error.starts_with("FILE: notify.sms: ")), "{found:?}");
}

#[test]
fn the_demo_lives_in_one_directory() {
    let demo = Config::for_demo(Path::new("data"), "0.0.0.0:8080".parse().unwrap());
    assert_eq!(demo.server.public_url.unwrap().as_str(), "http://127.0.0.1:8080");
    assert_eq!(demo.database.url, DatabaseUrl::Sqlite("data/sunbeon.db".into()));
    assert_eq!(demo.keys, KeysConfig::File("data/demo.keys".into()));
    let [spool] = &demo.notify.gateways[..] else { panic!("several gateways") };
    assert_eq!(spool.kind, GatewayKind::Spool("data/messages.jsonl".into()));
    assert_eq!(Config::for_demo(Path::new("data"), "[::1]:0".parse().unwrap()).server.public_url, None);
}

#[test]
fn a_name_with_sections_without_end_is_no_key() {
    let deep = format!("SUNBEON_DATABASE{}", "__URL".repeat(20_000));
    assert!(!errors("", &[(&deep, "x")]).is_empty());
    let dotted = format!("a{} = 1", ".a".repeat(20_000));
    let nested = format!("a = {}1", "[".repeat(20_000));
    for text in [dotted, nested] {
        assert!(!errors(&text, &[]).is_empty());
    }
}
