//! Every process has a number of its own.

use sunbeon::store::node;

use crate::support::home::Home;

crate::on_both!(
    two_processes_get_different_numbers,
    a_number_whose_lease_ran_out_is_given_again,
    a_number_that_was_given_back_is_free_after_a_rest,
    processes_that_start_together_share_no_number,
);

fn lease(home: &Home, token: u8) -> u16 {
    node::lease(&home.database.url(), &[token; 16], home.now()).unwrap()
}

fn renew(home: &Home, number: u16, token: u8) -> bool {
    home.write(move |tx| node::renew(tx, number, &[token; 16]))
}

fn two_processes_get_different_numbers(home: &Home) {
    assert_eq!((lease(home, 1), lease(home, 2), lease(home, 3)), (0, 1, 2));
}

fn a_number_whose_lease_ran_out_is_given_again(home: &Home) {
    assert_eq!((lease(home, 1), lease(home, 2)), (0, 1));
    home.clock.pass_minutes(6);
    assert!(renew(home, 1, 2));
    home.clock.pass_minutes(5);
    assert_eq!(lease(home, 3), 0, "the first was not renewed");
    assert!(!renew(home, 0, 1), "its old holder must stop");
    assert!(renew(home, 1, 2));
}

fn a_number_that_was_given_back_is_free_after_a_rest(home: &Home) {
    let release = |token| node::release(&home.database.url(), 0, &[token; 16], home.now()).unwrap();
    assert_eq!((lease(home, 1), lease(home, 2)), (0, 1));
    release(9);
    home.clock.pass_minutes(2);
    assert_eq!(lease(home, 3), 2, "a stranger gives nothing back");
    release(1);
    assert_eq!(lease(home, 4), 3, "its last ids may be of this very moment");
    home.clock.pass_minutes(2);
    assert_eq!(lease(home, 5), 0);
}

fn processes_that_start_together_share_no_number(home: &Home) {
    let numbers: std::collections::BTreeSet<u16> = std::thread::scope(|scope| {
        let processes: Vec<_> = (0..8).map(|token| scope.spawn(move || lease(home, token))).collect();
        processes.into_iter().map(|process| process.join().unwrap()).collect()
    });
    assert_eq!(numbers.len(), 8);
}
