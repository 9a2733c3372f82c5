//! What a command says to whoever typed it.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process;

use super::ExitCode;

/// Says a line, as `println!` does, and goes on when nobody listens any more, such as behind `head`.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::cli::say::line(format_args!($($words)*))
    };
}

pub(in crate::cli) fn line(words: Arguments<'_>) {
    match writeln!(io::stdout().lock(), "{words}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            // What is lost may be a password that is told once.
            eprintln!("sunbeon: what there was to say can't be written: {error}");
            process::exit(ExitCode::Failed as i32);
        }
        _ => {}
    }
}
