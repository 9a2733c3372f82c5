//! A whole Sunbeon in the test's own process, and a browser without JavaScript to use it with.
//!
//! ```ignore
//! #[path = "../app/mod.rs"]
//! mod app;
//!
//! fn a_visitor_chooses_english(app: &TestApp) {
//!     let browser = app.browser(Language::Korean);
//!     let page = browser.get("/").press("English");       // the page's only button with these words
//!     assert_eq!(page.h1(), "What would you like to do?");
//!     let form = browser.get("/sign-in").form("/sign-in"); // by a part of its action
//!     let page = form.fill("phone", "010-0000-0001").press("Send");
//!     assert_eq!(page.errors(), Vec::<String>::new());
//!     let code = app.code_for("010-0000-0001");            // awaits the message
//! }
//! on_both!(a_visitor_chooses_english);
//! ```
//!
//! * [`TestApp`]: server, engine, database, a clock that a story sets, messages, restart. Stopping it (or dropping it)
//!   fails the test when a message was left unsent.
//! * [`Browser`]: cookies, redirects, several tabs. Every page it gets is checked, see `check.rs`.
//! * [`Wire`]: HTTP by hand, for what no browser sends.
//! * [`Page`]: what stands on it, its links and forms. [`Form`]: filled in and sent as a browser would.
#![allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod check;
pub mod country;
mod door;
mod form;
mod messages;
mod page;
mod running;
mod wire;

#[path = "../support/clock.rs"]
pub mod clock;
#[path = "../support/database.rs"]
pub mod database;
#[path = "../support/details.rs"]
pub mod details;

pub use browser::Browser;
pub use clock::TestClock;
pub use country::{STAFF_PASSWORD, Staff};
pub use database::{TestDatabase, skipped};
pub use door::{OPENING, TICKET};
pub use form::Form;
pub use page::Page;
pub use running::{MAIN_THREAD, PATIENCE, QUEUE_MAX, TestApp, block_on, wait_for};
pub use sunbeon::language::Language;
pub use wire::{Reply, Wire};

/// Makes of each story `fn name(app: &TestApp)` two tests, with an engine that `$equip` has equipped in another way.
#[macro_export]
macro_rules! on_both_with {
    ($equip:ident; $($story:ident),+ $(,)?) => {$(
        mod $story {
            #[test]
            fn on_sqlite() {
                super::$story(&$crate::app::TestApp::with($crate::app::TestDatabase::sqlite(), super::$equip));
            }

            #[test]
            fn on_postgres() {
                if let Some(database) = $crate::app::TestDatabase::postgres() {
                    super::$story(&$crate::app::TestApp::with(database, super::$equip));
                }
            }
        }
    )+};
}

/// Makes of each story `fn name(app: &TestApp)` two tests, `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[test]
            fn on_sqlite() {
                let app = $crate::app::TestApp::start();
                super::$story(&app);
                app.stop();
            }

            #[test]
            fn on_postgres() {
                if let Some(app) = $crate::app::TestApp::start_on_postgres() {
                    super::$story(&app);
                    app.stop();
                }
            }
        }
    )+};
}
