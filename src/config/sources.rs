//! Where a configuration comes from: the file and the environment, laid over each other by figment.

use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::error::{ConfigError, ConfigErrors};
use super::secret::Secret;

/// Every variable of ours starts so.
const PREFIX: &str = "SUNBEON_";

/// The one variable that is no key of the file: it holds what the key file would.
pub(super) const MASTER_KEYS: &str = "SUNBEON_MASTER_KEYS";

/// Marks what the environment gave. Everything else comes from the file.
pub(super) const ENVIRONMENT: &str = "environment";

/// Sections in sections, one more than any key has: a name that goes on is no key of ours, and is reported as it is.
const DEPTH_MAX: usize = 5;

/// Everything there is to read.
pub(super) struct Sources {
    /// The file with the environment laid over it.
    pub(super) merged: Figment,
    /// The master keys, where the environment holds them.
    pub(super) master_keys: Option<Secret>,
    /// Variables without `__`. Most are none of ours (a container platform sets `SUNBEON_SERVICE_HOST` and the like);
    /// one that would be a key's with `__` is a slip.
    pub(super) single_underscores: Vec<String>,
    /// Variables that can't be read.
    pub(super) problems: Vec<ConfigError>,
}

/// Reads the file and sorts the environment. An unreadable file is the only thing reported then: without it, the
/// checks that follow would complain about what may well stand in it.
pub(super) fn gather<S: Into<OsString>>(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (S, S)>,
) -> Result<Sources, ConfigErrors> {
    let file = path.map(read_file).transpose()?.unwrap_or_default();
    let (mut master_keys, mut single_underscores, mut problems) = (None, Vec::new(), Vec::new());
    let mut overrides = Dict::new();
    for (name, value) in environment {
        let Some((name, key)) = our_variable(name.into()) else {
            continue;
        };
        let Ok(value) = value.into().into_string() else {
            problems.push(not_unicode(name, key));
            continue;
        };
        if name == MASTER_KEYS {
            master_keys = Some(Secret::new(value));
        } else if key.contains("__") {
            let path: Vec<&str> = key.splitn(DEPTH_MAX, "__").collect();
            insert(&mut overrides, &path, value);
        } else {
            single_underscores.push(name);
        }
    }
    let merged = Figment::new()
        .merge(Layer { name: "file", values: file })
        .merge(Layer { name: ENVIRONMENT, values: overrides });
    Ok(Sources { merged, master_keys, single_underscores, problems })
}

/// The name of the variable for a key such as `database.url`.
pub(super) fn variable_for(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

fn our_variable(name: OsString) -> Option<(String, String)> {
    let name = name.into_string().ok()?;
    let key = name.strip_prefix(PREFIX)?.to_lowercase();
    Some((name, key))
}

fn not_unicode(variable: String, key: String) -> ConfigError {
    ConfigError {
        origin: variable,
        key: key.replace("__", "."),
        found: "bytes that are no text".to_owned(),
        accepted: "a text in UTF-8".to_owned(),
    }
}

fn insert(table: &mut Dict, path: &[&str], value: String) {
    match path {
        [] => {}
        [key] => {
            table.insert((*key).to_owned(), value.into());
        }
        [section, rest @ ..] => {
            let inner = table.entry((*section).to_owned()).or_insert_with(|| Dict::new().into());
            match inner {
                Value::Dict(_, inner) => insert(inner, rest, value),
                other => {
                    let mut inner = Dict::new();
                    insert(&mut inner, rest, value);
                    *other = inner.into();
                }
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Dict, ConfigErrors> {
    let problem = |key: String, found: String, accepted: &str| ConfigError {
        origin: path.display().to_string(),
        key,
        found,
        accepted: accepted.to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        problem("the file".to_owned(), format!("that it can't be read ({error})"), "a readable file in TOML")
    })?;
    // The error's own display would quote the line, which may hold a password.
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let message = error.message().lines().next().unwrap_or_default();
        problem(
            format!("line {line}"),
            format!("what is not TOML ({message})"),
            "`key = value` or `[section]`",
        )
    })?;
    match Value::serialize(table) {
        Ok(Value::Dict(_, values)) => Ok(values),
        _ => Ok(Dict::new()),
    }
}

/// One source, under the name by which the origin of each value is told afterwards.
struct Layer {
    name: &'static str,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}
