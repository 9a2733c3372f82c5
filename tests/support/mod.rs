//! What tests of several targets stand on: a clock to set, a fresh database of either kind, a small country, and its people.
#![allow(dead_code, unreachable_pub, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

pub mod clock;
pub mod country;
pub mod database;
pub mod details;
pub mod home;
pub mod people;

/// Makes of each story `name(home: &Home)` two tests, `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[test]
            fn on_sqlite() {
                super::$story(&$crate::support::home::Home::on_sqlite());
            }

            #[test]
            fn on_postgres() {
                if let Some(home) = $crate::support::home::Home::on_postgres() {
                    super::$story(&home);
                }
            }
        }
    )+};
}
