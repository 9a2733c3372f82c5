//! The floor under the ledger on PostgreSQL: the same row changes in batches, one statement after the other, over the bare
//! client library with prepared statements. Also a database of its own, filled from the country in an SQLite file.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use postgres::types::ToSql;
use postgres::{Client, NoTls, Statement, Transaction};
use rusqlite::types::ValueRef;

use sunbeon::store::DatabaseUrl;

use crate::country::Size;
use crate::raw_rows::{BATCH, RawPeople, Rows, Value};

/// Tables that a country fills, each after those it refers to.
const TABLES: [&str; 16] = [
    "product",
    "campaign",
    "campaign_product",
    "campaign_reminder",
    "site",
    "site_product",
    "slot",
    "slot_lane",
    "account",
    "person",
    "care",
    "party",
    "course",
    "booking",
    "claim",
    "outbox",
];

/// A database on a server, dropped in the end.
pub struct OwnDatabase {
    server: Client,
    name: String,
    url: String,
}

impl OwnDatabase {
    /// Makes an empty one, named with `word`, beside the database of `url`.
    pub fn create(url: &str, word: &str) -> Self {
        let mut server = Client::connect(url, NoTls).expect("the server answers");
        let name = format!("sunbeon_bench_{word}_{}", std::process::id());
        server.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database is made");
        let (host, _) = url.rsplit_once('/').expect("a URL that ends in the name of a database");
        let url = format!("{host}/{name}");
        Self { server, name, url }
    }

    fn connect(&self) -> Client {
        Client::connect(&self.url, NoTls).expect("the database answers")
    }

    /// Where it is.
    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).expect("the URL of a database")
    }

    /// The server's version.
    pub fn version(&self) -> String {
        self.connect().query_one("SHOW server_version", &[]).expect("a version").get(0)
    }

    /// Fills it with the country of an SQLite file.
    pub fn fill(&self, file: &Path) {
        let source = rusqlite::Connection::open(file).expect("the file opens");
        let mut client = self.connect();
        for table in TABLES {
            copy(&source, &mut client, table);
        }
        client.batch_execute("VACUUM ANALYZE").expect("the database is tidied");
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let dropped = self.server.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        dropped.expect("the database is dropped");
    }
}

fn copy(source: &rusqlite::Connection, client: &mut Client, table: &str) {
    let mut rows = source.prepare(&format!("SELECT * FROM {table}")).expect("a table");
    let columns = rows.column_names().join(",");
    let count = rows.column_count();
    let copy = client.copy_in(&format!("COPY {table} ({columns}) FROM STDIN")).expect("a copy begins");
    let mut copy = BufWriter::with_capacity(1 << 16, copy);
    let mut rows = rows.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        for column in 0..count {
            let end = if column + 1 == count { "\n" } else { "\t" };
            let cell = cell(row.get_ref(column).expect("a cell"));
            copy.write_all(cell.as_bytes())
                .and_then(|()| copy.write_all(end.as_bytes()))
                .expect("a row is sent");
        }
    }
    let copy = copy.into_inner().map_err(std::io::IntoInnerError::into_error).expect("all rows are sent");
    copy.finish().expect("the copy ends");
}

/// A cell as COPY reads it. A country's texts hold nothing that would have to be escaped.
fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "\\N".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("\\\\x{}", data_encoding::HEXLOWER.encode(bytes)),
    }
}

/// A bare loop with its connection.
pub struct RawPostgres {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    people: RawPeople,
}

impl RawPostgres {
    pub fn open(database: &OwnDatabase, size: Size) -> Self {
        let mut client = database.connect();
        client
            .batch_execute("INSERT INTO change_counter (writer, transactions, value) VALUES (1, 0, 0)")
            .expect("a counter");
        Self { client, statements: HashMap::new(), people: RawPeople::new(size) }
    }

    /// Holds and confirms in batches until the time is over; gives commands a second.
    pub fn run(&mut self, time: Duration) -> f64 {
        let (began, mut commands) = (Instant::now(), 0.0);
        while began.elapsed() < time && self.people.are_left() {
            let held = self.commit(|people, rows| people.hold_batch(rows));
            self.commit(|people, rows| people.confirm_batch(rows, &held));
            commands += f64::from(2 * BATCH);
        }
        commands / began.elapsed().as_secs_f64()
    }

    fn commit<T>(&mut self, work: impl FnOnce(&mut RawPeople, &mut Prepared<'_>) -> T) -> T {
        let tx = self.client.transaction().expect("a transaction");
        let mut rows = Prepared { tx, statements: &mut self.statements };
        let done = work(&mut self.people, &mut rows);
        rows.tx.commit().expect("a commit");
        done
    }
}

struct Prepared<'a> {
    tx: Transaction<'a>,
    statements: &'a mut HashMap<&'static str, Statement>,
}

impl Rows for Prepared<'_> {
    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> usize {
        let statement = self
            .statements
            .entry(sql)
            .or_insert_with(|| self.tx.prepare(&numbered(sql)).expect("a statement"));
        let values: Vec<&(dyn ToSql + Sync)> = values
            .iter()
            .map(|value| -> &(dyn ToSql + Sync) {
                match value {
                    Value::Number(number) => number,
                    Value::Text(text) => text,
                }
            })
            .collect();
        let changed = self.tx.execute(statement, &values).expect("a row is changed");
        usize::try_from(changed).expect("few rows")
    }
}

/// `?` as PostgreSQL wants them: `$1`, `$2`.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for (part, number) in parts.zip(1..) {
        numbered.push_str(&format!("${number}"));
        numbered.push_str(part);
    }
    numbered
}
