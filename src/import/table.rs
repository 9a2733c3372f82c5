//! Rows and cells of a CSV text, each row with the line it begins on.

use csv::{ReaderBuilder, StringRecord};

use super::error::ImportError;

/// The rows of a file. Rows of nothing but blanks are left out.
pub(super) struct Table {
    /// The first row: what the columns are called.
    pub(super) header: Vec<String>,
    /// All other rows.
    pub(super) rows: Vec<Row>,
}

/// One row.
pub(super) struct Row {
    /// The line of the file it begins on, from 1.
    pub(super) line: usize,
    /// The last line it reaches, more than `line` only when a quoted cell has line ends in it.
    pub(super) last_line: usize,
    /// Its cells, as they stand in the file.
    pub(super) cells: Vec<String>,
}

impl Table {
    /// Parts a text whose line ends are `\n`.
    ///
    /// # Errors
    /// [`ImportError::Empty`] when there is no row but the header, or not even that.
    pub(super) fn read(text: &str) -> Result<Self, ImportError> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter_of(text))
            .from_reader(text.as_bytes());
        let mut lines = Lines { text, at: 0, line: 1 };
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        let unreadable = |error: csv::Error| ImportError::Unreadable(error.to_string());
        loop {
            let start = offset(reader.position());
            if !reader.read_record(&mut record).map_err(unreadable)? {
                break;
            }
            let line = lines.of_text_from(start);
            let last_line = lines.before(offset(reader.position()));
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push(Row { line, last_line, cells: record.iter().map(str::to_owned).collect() });
            }
        }
        let mut rows = rows.into_iter();
        let header = rows.next().ok_or(ImportError::Empty)?.cells;
        let rows: Vec<Row> = rows.collect();
        if rows.is_empty() { Err(ImportError::Empty) } else { Ok(Self { header, rows }) }
    }
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

fn delimiter_of(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [b',', b'\t', b';'].into_iter().find(|sign| first.as_bytes().contains(sign)).unwrap_or(b',')
}

/// Counts lines while going through a text once. The reader's own count is late by the empty lines before a row.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first sign from `offset` on that is no line end.
    fn of_text_from(&mut self, offset: usize) -> usize {
        self.go_to(offset);
        while self.text.as_bytes().get(self.at) == Some(&b'\n') {
            self.go_to(self.at + 1);
        }
        self.line
    }

    /// The line of the row that ends before `offset`.
    fn before(&mut self, offset: usize) -> usize {
        let ended = self.text.as_bytes().get(offset.wrapping_sub(1)) == Some(&b'\n');
        self.go_to(offset);
        if ended { self.line - 1 } else { self.line }
    }

    fn go_to(&mut self, offset: usize) {
        let end = offset.min(self.text.len());
        if end > self.at {
            let passed = &self.text.as_bytes()[self.at..end];
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.at = end;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_know_their_lines() {
        let table =
            Table::read("\n\nname,hours\n\n하나,\"Mon 09:00-12:00\nTue 09:00-12:00\"\n , \n둘,x\n\n\n셋,y")
                .unwrap();
        let lines: Vec<(usize, usize)> = table.rows.iter().map(|row| (row.line, row.last_line)).collect();
        assert_eq!(table.header, ["name", "hours"]);
        assert_eq!(lines, [(5, 6), (8, 8), (11, 11)]);
    }

    #[test]
    fn tabs_and_semicolons_part_cells_too() {
        assert_eq!(Table::read("a\tb\n1,2\t3\n").unwrap().rows[0].cells, ["1,2", "3"]);
        assert_eq!(Table::read("a;b\n1;3\n").unwrap().rows[0].cells, ["1", "3"]);
    }

    #[test]
    fn a_file_without_rows_is_empty() {
        for text in ["", "\n\n", "name,address\n", "name\n , \n"] {
            assert!(matches!(Table::read(text), Err(ImportError::Empty)), "{text:?}");
        }
    }
}
