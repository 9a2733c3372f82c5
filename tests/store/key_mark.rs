//! A database knows the keys that wrote it again.

use std::sync::Arc;

use sunbeon::keys::KeyRing;
use sunbeon::store::key_mark::{self, OtherKeys};
use sunbeon::store::{Store, StoreError};
use sunbeon::system::{SeededChance, SystemChance};

use crate::challenges::sign_in;
use crate::support::home::Home;

crate::on_both!(
    other_keys_are_refused_before_anything_is_written,
    after_a_rotation_the_old_file_is_refused,
    a_database_from_before_it_remembered_is_whose_it_opens_for,
    of_nodes_with_different_keys_that_start_at_once_those_of_one_file_run,
);

fn open(home: &Home, keys: &KeyRing) -> Result<(), OtherKeys> {
    match Store::open(&home.database.url(), 1, Arc::new(keys.clone())) {
        Ok(_) => Ok(()),
        Err(StoreError::OtherKeys(refused)) => Err(refused),
        Err(other) => panic!("the store failed: {other:?}"),
    }
}

fn forget(home: &Home) {
    home.database.execute("DELETE FROM setting WHERE name LIKE 'key-%'").unwrap();
}

fn remembered(home: &Home) -> Vec<String> {
    home.database.lines("SELECT name AS line FROM setting WHERE name LIKE 'key-%' ORDER BY name")
}

fn other_keys_are_refused_before_anything_is_written(home: &Home) {
    let before = remembered(home);
    assert_eq!(before, ["key-lookup", "key-sealing-1"]);
    let other = KeyRing::generate(&SystemChance, false);
    assert_eq!(open(home, &other), Err(OtherKeys::Foreign));
    // The same look-ups, and another key that seals: two files that were rotated apart.
    let [one, two] = [0, 1].map(|_| home.keys.rotated(&SystemChance).unwrap());
    assert_eq!((open(home, &one), open(home, &two)), (Ok(()), Err(OtherKeys::Foreign)));
    assert_eq!(open(home, &other), Err(OtherKeys::Foreign));
}

fn after_a_rotation_the_old_file_is_refused(home: &Home) {
    let rotated = home.keys.rotated(&SeededChance::new(8)).unwrap();
    assert_eq!(open(home, &rotated), Ok(()));
    assert_eq!(open(home, &rotated), Ok(()));
    assert_eq!(open(home, &home.keys), Err(OtherKeys::Older(rotated.current_key())));
    assert_eq!(remembered(home), ["key-lookup", "key-sealing-1", "key-sealing-2"]);
}

fn a_database_from_before_it_remembered_is_whose_it_opens_for(home: &Home) {
    let other = KeyRing::generate(&SystemChance, false);
    forget(home);
    sign_in(home, "010-0000-0001", false).unwrap();
    let look = |keys| matches!(key_mark::look(&home.database.url(), keys), Ok(()));
    assert!(look(&home.keys) && !look(&other));
    assert_eq!(remembered(home), [""; 0], "to look writes nothing");
    assert_eq!(open(home, &other), Err(OtherKeys::Foreign));
    assert_eq!(open(home, &home.keys), Ok(()));
    assert_eq!(remembered(home).len(), 2);
}

fn of_nodes_with_different_keys_that_start_at_once_those_of_one_file_run(home: &Home) {
    forget(home);
    let files = [0, 1].map(|_| KeyRing::generate(&SystemChance, false));
    let started: Vec<(usize, bool)> = std::thread::scope(|scope| {
        let start = |number: usize| (number % 2, open(home, &files[number % 2]).is_ok());
        let nodes: Vec<_> = (0..8).map(|number| scope.spawn(move || start(number))).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    let first = started.iter().find(|(_, runs)| *runs).expect("nobody started").0;
    assert!(started.iter().all(|&(file, runs)| runs == (file == first)), "{started:?}");
}
