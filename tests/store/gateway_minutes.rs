//! What gateways did, as several nodes wrote it down.

use sunbeon::domain::gateway::figures::GatewayFigures;
use sunbeon::store::gateway_minutes::{self, GatewayMinute};
use sunbeon::store::{Failure, Never};

use crate::support::home::Home;

crate::on_both!(what_nodes_did_is_added_up, what_is_old_is_forgotten);

const GATEWAY: &str = "texts";

fn add(home: &Home, node: i64, minute: i64, sent: u64) {
    let done = vec![
        (GATEWAY.to_owned(), GatewayFigures { sent, cost: 10 * sent, ..GatewayFigures::default() }),
        ("other".to_owned(), GatewayFigures { refused: 7, ..GatewayFigures::default() }),
    ];
    let add = move |tx: &mut sunbeon::store::Tx<'_>| {
        gateway_minutes::add(tx, node, minute, &done).map_err(Failure::<Never>::from)
    };
    home.ledger.write_now(add).unwrap();
}

fn minutes(home: &Home, from: i64, to: i64) -> Vec<(i64, u64, u64)> {
    let found: Vec<GatewayMinute> = home.read(move |conn, _| gateway_minutes::of(conn, GATEWAY, from..=to));
    found.iter().map(|one| (one.minute, one.figures.sent, one.figures.cost)).collect()
}

fn what_nodes_did_is_added_up(home: &Home) {
    for (node, minute, sent) in [(1, 100, 2), (2, 100, 3), (1, 100, 4), (2, 101, 5), (1, 103, 6)] {
        add(home, node, minute, sent);
    }
    assert_eq!(minutes(home, 100, 103), [(100, 9, 90), (101, 5, 50), (103, 6, 60)]);
    assert_eq!(minutes(home, 101, 102), [(101, 5, 50)], "both ends count");
    let other = home.read(|conn, _| gateway_minutes::of(conn, "other", 100..=100));
    assert_eq!(other[0].figures.refused, 21);
}

fn what_is_old_is_forgotten(home: &Home) {
    let day = 24 * 60;
    add(home, 1, 100, 2);
    add(home, 1, 100 + 2 * day, 3);
    assert_eq!(minutes(home, 0, 100 + 2 * day).len(), 2, "two days are kept");
    add(home, 2, 101 + 2 * day, 4);
    assert_eq!(minutes(home, 0, 101 + 2 * day), [(100 + 2 * day, 3, 30), (101 + 2 * day, 4, 40)]);
}
