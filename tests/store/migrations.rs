//! The way up, down and up again.

use sunbeon::store;

use crate::support::home::Home;

crate::on_both!(the_schema_goes_up_and_down_and_up_again, a_database_at_the_newest_migration_is_left_alone);

const ALL: [&str; 28] = [
    "20261123000000",
    "20261124000000",
    "20261124010000",
    "20261128000000",
    "20261128010000",
    "20261128020000",
    "20261128030000",
    "20261129000000",
    "20261129020000",
    "20261129040000",
    "20261129050000",
    "20261129060000",
    "20261129070000",
    "20261129080000",
    "20261130000000",
    "20261130010000",
    "20261130020000",
    "20261130030000",
    "20261130040000",
    "20261130050000",
    "20261130060000",
    "20261130070000",
    "20261130080000",
    "20261130090000",
    "20261201000000",
    "20261201010000",
    "20261201020000",
    "20261201030000",
];

fn the_schema_goes_up_and_down_and_up_again(home: &Home) {
    let url = home.database.url();
    store::revert_all(&url).unwrap();
    assert!(home.database.execute("SELECT * FROM site").is_err());
    assert_eq!(store::migrate(&url).unwrap(), ALL);
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM site"), 0);
}

fn a_database_at_the_newest_migration_is_left_alone(home: &Home) {
    assert_eq!(store::migrate(&home.database.url()).unwrap(), Vec::<String>::new());
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM site"), 3);
}

#[test]
fn nodes_that_start_together_take_turns() {
    let Some(database) = crate::support::database::TestDatabase::postgres() else { return };
    let url = database.url();
    let applied: usize = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..6).map(|_| scope.spawn(|| store::migrate(&url).unwrap().len())).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    assert_eq!(applied, ALL.len());
}
