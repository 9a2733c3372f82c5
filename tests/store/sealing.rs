//! What is personal is sealed, and each sealed value belongs to its own row.

use jiff::civil::date;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::person::Relation;
use sunbeon::store::{StoreError, accounts, people};

use crate::challenges::sign_in;
use crate::support::home::Home;
use crate::support::people::someone_with_phone;

crate::on_both!(a_value_copied_to_another_row_does_not_open, nothing_personal_is_readable_in_the_database);

fn a_value_copied_to_another_row_does_not_open(home: &Home) {
    let (_, one) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (_, two) = home.citizen("010-0000-0002", "한지우", "1980-01-01");
    let copy = |column: &str| {
        let from = format!("(SELECT {column} FROM person WHERE id = {one})");
        home.database.execute(&format!("UPDATE person SET {column} = {from} WHERE id = {two}")).unwrap();
    };
    copy("birth_sealed");
    let opened = home.store.read_now(|conn, keys| people::find(conn, keys, two));
    assert!(matches!(opened, Err(StoreError::Unreadable(_))), "{opened:?}");
    let swapped = format!("UPDATE person SET name_sealed = birth_sealed WHERE id = {one}");
    home.database.execute(&swapped).unwrap();
    let opened = home.store.read_now(|conn, keys| people::find(conn, keys, one));
    assert!(matches!(opened, Err(StoreError::Unreadable(_))), "{opened:?}");
}

/// A whole journey: sign in, add a mother, book two doses, move one, cancel both.
fn journey(home: &Home) {
    let shield = &home.country.shield;
    sign_in(home, "010-0000-4321", false).unwrap();
    let (account, _) = home.citizen("010-0000-4321", "김서연", "1990-05-17");
    let email = EmailAddress::parse("seoyeon@example.org").unwrap();
    home.write(move |tx| accounts::set_email(tx, account, &email));
    let mother = someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-8765");
    let mother = home.add(account, mother);
    let (one, two) = (home.shield_slots(date(2026, 11, 24))[0], home.shield_slots(date(2026, 12, 22))[0]);
    let booked = home.book(account, shield, &[(mother, 1, &one), (mother, 2, &two)]);
    home.swap(shield, &[(booked[1].id, home.shield_slots(date(2026, 12, 23))[0].id)]).unwrap();
    home.cancel(&[booked[0].id, booked[1].id]).unwrap();
}

/// What must not be found, written as people, programs and databases write it.
const PERSONAL: [&str; 11] = [
    "김서연",
    "이영희",
    "1990-05-17",
    "19900517",
    "1952-04-02",
    "19520402",
    "00004321",
    "0000-4321",
    "00008765",
    "0000-8765",
    "seoyeon",
];

/// All that the database holds.
fn everything(home: &Home) -> Vec<u8> {
    if !home.database.is_postgres() {
        let files = home.database.files();
        assert!(files.len() >= 2, "the log is part of the database");
        return files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    }
    let tables =
        "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'";
    let mut all = Vec::new();
    for table in home.database.lines(tables) {
        for line in home.database.lines(&format!("SELECT t::text AS line FROM {table} t")) {
            all.extend(line.as_bytes());
            // Columns of bytes are shown in hexadecimal digits: read them, too.
            for word in line.split(['"', ',', '(', ')', '\\']) {
                let digits = word.strip_prefix('x').unwrap_or_default();
                all.extend(data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap_or_default());
            }
        }
    }
    all
}

fn nothing_personal_is_readable_in_the_database(home: &Home) {
    journey(home);
    let everything = everything(home);
    let holds = |text: &str| everything.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("shield-2026"), "the search itself works");
    let found: Vec<_> = PERSONAL.into_iter().filter(|text| holds(text)).collect();
    assert_eq!(found, Vec::<&str>::new());
}
