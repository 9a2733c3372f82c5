//! What an operator says of an evening on the command line.

use crate::draw::{OPENING, installation};
use crate::sunbeon;

#[test]
fn a_door_is_opened_for_good_only_by_whoever_means_it() {
    let own = installation();
    let stands = own.run(&["door", OPENING]);
    assert_eq!((stands.code, stands.out.contains("not drawn yet")), (0, true), "{}", stands.out);
    // The configuration is named last, as in every other command.
    let asked = own.run(&["door", OPENING, "open"]);
    assert_eq!((asked.code, asked.err.contains("add --yes")), (2, true), "{}", asked.err);
    assert!(own.run(&["door", OPENING]).out.contains("not drawn yet"), "nothing was done");
    let paused = own.run(&["door", OPENING, "pause"]);
    assert_eq!((paused.code, paused.out.contains("paused")), (0, true), "{}", paused.err);
    let config = own.path("sunbeon.toml");
    let both = sunbeon(&["door", "--config", &config, OPENING, "pause", "--data", &own.path("demo")]);
    assert_eq!((both.code, both.err.contains("one of them")), (2, true), "{}", both.err);
    let opened = own.run(&["door", OPENING, "open", "--yes"]);
    assert_eq!((opened.code, opened.out.contains("everybody")), (0, true), "{}", opened.err);
}
