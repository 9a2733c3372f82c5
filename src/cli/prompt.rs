//! Secrets that are typed: on a terminal without showing them, from a pipe the first line.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

use super::exit::WrongUsage;

/// How often a terminal asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// A wrong one is noticed at once.
    Once,
    /// A slip of the finger would lock somebody out.
    Twice,
}

/// Asks for a secret.
pub(super) fn secret(prompt: &str, ask: Ask) -> anyhow::Result<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        let mut line = Zeroizing::new(String::new());
        if std::io::stdin().read_line(&mut line).context("what is typed can't be read")? == 0 {
            bail!(WrongUsage(format!(
                "nothing was typed for “{}”: type it on a terminal, or send it as a line to standard input",
                prompt.trim_end_matches([':', ' '])
            )));
        }
        return Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let typed = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new);
    let first = typed(prompt)?;
    if ask == Ask::Twice && first != typed("The same again: ")? {
        bail!("the two differ; nothing was changed");
    }
    Ok(first)
}
