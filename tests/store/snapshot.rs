//! A database is copied while it is written.

use sunbeon::config::DatabaseUrl;
use sunbeon::store::inspection::{self, InspectError};
use sunbeon::store::settings;
use sunbeon::store::snapshot;

use crate::support::database::TestDatabase;
use crate::support::home::Home;

/// Many times what is copied in one step.
const FILL: &str = "CREATE TABLE filler (bytes BLOB); \
    INSERT INTO filler WITH RECURSIVE row (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM row WHERE n < 40) \
    SELECT randomblob(1048576) FROM row;";

/// A copy in a place of its own.
struct Copied {
    database: TestDatabase,
    steps: usize,
}

/// Copies a home's database while `meanwhile` is done after each step.
fn copy(home: &Home, mut meanwhile: impl FnMut(usize)) -> Copied {
    let database = TestDatabase::sqlite();
    let (DatabaseUrl::Sqlite(from), DatabaseUrl::Sqlite(to)) = (home.database.url(), database.url()) else {
        panic!("only SQLite is copied so");
    };
    std::fs::write(&to, "").unwrap();
    let mut steps = 0;
    snapshot::copy(&from, &to, &mut |_| {
        steps += 1;
        assert!(steps < 1_000, "the copy begins anew with every write");
        meanwhile(steps);
    })
    .unwrap();
    Copied { database, steps }
}

#[test]
fn a_copy_ends_however_much_is_written_and_is_the_state_at_its_beginning() {
    let home = Home::on_sqlite();
    home.database.execute(FILL).unwrap();
    home.write(|tx| settings::set(tx, "written", "before"));
    let copied = copy(&home, |step| home.write(move |tx| settings::set(tx, "written", &step.to_string())));
    assert!(copied.steps >= 10, "{} steps", copied.steps);
    let written = "SELECT value AS line FROM setting WHERE name = 'written'";
    assert_eq!(copied.database.lines(written), ["before"]);
    assert_eq!(home.database.lines(written), [copied.steps.to_string()]);
    assert_eq!(copied.database.files().len(), 1, "a copy has no log");
}

#[test]
fn a_copy_is_looked_through_to_the_last_page_and_reference() {
    let home = Home::on_sqlite();
    let (account, person) = home.citizen("010-0000-0001", "김순자", "1950-03-01");
    let of_copy = |spoil: &str| {
        let copied = copy(&home, |_| ());
        copied.database.execute(spoil).unwrap();
        let DatabaseUrl::Sqlite(path) = copied.database.url() else { unreachable!() };
        inspection::of_file(&path, &home.keys)
    };
    assert_eq!(of_copy("SELECT 1").unwrap().bookings, 0);
    let refused = of_copy("PRAGMA foreign_keys = OFF; DELETE FROM product").unwrap_err();
    assert!(matches!(refused, InspectError::Dangling(_)), "{refused}");
    let refused = of_copy("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')");
    assert!(matches!(refused.unwrap_err(), InspectError::Newer(version) if version == "20990101000000"));
    let refused = of_copy(&format!("UPDATE account SET phone_hash = x'00' WHERE id = {account}"));
    assert!(matches!(refused.unwrap_err(), InspectError::OtherLookupKey));
    // Moved from another column of the same row.
    let refused = of_copy(&format!("UPDATE person SET name_sealed = birth_sealed WHERE id = {person}"));
    assert!(matches!(refused.unwrap_err(), InspectError::OtherKeys(_)));
    let refused = of_copy("UPDATE account SET phone_sealed = zeroblob(60)").unwrap_err();
    assert!(matches!(refused, InspectError::OtherKeys(_)), "{refused}");
}

#[test]
fn a_damaged_page_is_found() {
    let home = Home::on_sqlite();
    home.database.execute(FILL).unwrap();
    let copied = copy(&home, |_| ());
    let DatabaseUrl::Sqlite(path) = copied.database.url() else { unreachable!() };
    let mut bytes = std::fs::read(&path).unwrap();
    // The first four bytes of a page in a long value's chain name the next page.
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 4].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let refused = inspection::of_file(&path, &home.keys).unwrap_err();
    assert!(matches!(refused, InspectError::Damaged(_)), "{refused}");
}
