//! Keys nobody asked for, and what may have been meant by them.

use figment::value::Value;

/// Everything in the configuration that is no table, with its full key.
pub(super) fn leaves(root: &Value) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    collect_leaves("", root, &mut leaves);
    leaves
}

/// Whether there are known keys below this one.
pub(super) fn is_section(known: &[String], key: &str) -> bool {
    known.iter().any(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// What may have been meant by an unknown key: the same word in another section, a similar one in this section,
/// or else all the keys of the section.
pub(super) fn instead_of(known: &[String], key: &str) -> String {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let names: Vec<&str> = known
        .iter()
        .map(|known| split(known))
        .filter(|(of, _)| *of == section)
        .map(|(_, name)| name)
        .collect();
    let nearest = names.iter().map(|known| (distance(name, known), *known)).min();
    if let Some((steps, meant)) = nearest
        && steps <= 1 + name.len() / 4
    {
        return format!("did you mean {meant}?");
    }
    if let Some(elsewhere) = known.iter().find(|known| split(known).1 == name) {
        let section = split(elsewhere).0;
        return format!("did you mean {elsewhere}, in section [{section}]?");
    }
    if names.is_empty() {
        let mut sections: Vec<_> = known.iter().map(|known| format!("[{}]", split(known).0)).collect();
        sections.dedup();
        return format!("the sections {}", sections.join(", "));
    }
    format!("one of {}", names.join(", "))
}

/// The section of a key, and its name there.
fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

fn collect_leaves(prefix: &str, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Dict(_, table) if prefix.is_empty() || !table.is_empty() => {
            for (name, inner) in table {
                let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                collect_leaves(&key, inner, leaves);
            }
        }
        // A section without keys says nothing wrong, whatever its name.
        Value::Dict(..) => {}
        _ => leaves.push((prefix.to_owned(), value.clone())),
    }
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *against);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_count_letters() {
        for (one, other, steps) in
            [("", "", 0), ("a", "", 1), ("holt_minute", "hold_minutes", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(one, other), steps);
            assert_eq!(distance(other, one), steps);
        }
    }
}
