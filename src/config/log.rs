//! `[log]`: what the log shows.

use super::reader::Reader;

/// What the log shows. It goes to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// From which importance on lines are written.
    pub level: LogLevel,
    /// For machines or for people.
    pub format: LogFormat,
}

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed and a person must look.
    Error,
    /// Something is odd and was dealt with.
    Warn,
    /// What happens, requests that were refused or failed among it.
    Info,
    /// Every request, and what a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

/// For whom a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// A line for people.
    Text,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: LogLevel::Info, format: LogFormat::Json }
    }
}

impl LogConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let levels = [
            ("error", LogLevel::Error),
            ("warn", LogLevel::Warn),
            ("info", LogLevel::Info),
            ("debug", LogLevel::Debug),
            ("trace", LogLevel::Trace),
        ];
        let formats = [("json", LogFormat::Json), ("text", LogFormat::Text)];
        Self {
            level: reader.choice("log.level", &levels, default.level),
            format: reader.choice("log.format", &formats, default.format),
        }
    }
}
