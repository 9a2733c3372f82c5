//! What a command says to whoever typed it.

use std::fmt::Arguments;
use std::io::{self, Write};

/// Says a line, as `println!` does, and goes on when nobody listens any more, such as behind `head`.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::cli::say::line(format_args!($($words)*))
    };
}

pub(in crate::cli) fn line(words: Arguments<'_>) {
    drop(writeln!(io::stdout().lock(), "{words}"));
}
