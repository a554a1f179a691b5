//! What the server does with plain rows as those of a store, without chains, leases and epochs: beside that stands what a store does.

use std::pin::pin;
use std::time::{Duration, Instant};

use play_evidence::Chain;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement};

use crate::Outcome;
use crate::figures::{Figures, rate};
use crate::lines::line;

/// Rows of a transaction.
const BATCH: usize = 1024;

const TABLE: &str = "DROP TABLE IF EXISTS bench_rows; CREATE TABLE bench_rows (chain text NOT NULL, seq int8 NOT NULL, \
  place int8 NOT NULL, hash bytea NOT NULL, line bytea NOT NULL, PRIMARY KEY (chain, seq)); \
  CREATE INDEX bench_rows_place ON bench_rows (place); CREATE INDEX bench_rows_first ON bench_rows (place) WHERE seq = 0";

const COLUMNS: [Type; 5] = [Type::TEXT, Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA];

struct Row {
    chain: String,
    seq: i64,
    place: i64,
    hash: Vec<u8>,
    line: Vec<u8>,
}

impl Row {
    fn columns(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.chain, &self.seq, &self.place, &self.hash, &self.line]
    }
}

/// `COPY` and `INSERT` of many rows, into a table with the same columns and indexes.
pub fn plain(url: &str, time: Duration, figures: &mut Figures) -> Outcome<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(both(url, time, figures))
}

async fn both(url: &str, time: Duration, figures: &mut Figures) -> Outcome<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    println!("plain rows in a table with the same columns and indexes, transactions of {BATCH}");
    for (way, words) in [("copy", "COPY, binary"), ("insert", "INSERT of many rows")] {
        client.batch_execute(TABLE).await?;
        let insert = client.prepare(&statement()).await?;
        let (began, mut n) = (Instant::now(), 0);
        while began.elapsed() < time {
            let rows = rows(n)?;
            if way == "copy" {
                copied(&client, &rows).await?
            } else {
                inserted(&client, &insert, &rows).await?
            }
            n += rows.len();
        }
        let rate = rate(n, began.elapsed());
        println!("  {words}: {rate:.0} rows/s");
        figures.put(&format!("postgres.plain.{way}.rows_per_s"), rate)?;
    }
    client.batch_execute("DROP TABLE bench_rows").await?;
    drop(client);
    connection.await??;
    Ok(())
}

/// The next rows, from this place on.
fn rows(from: usize) -> Outcome<Vec<Row>> {
    let name = format!("plain-{from}");
    let mut chain = Chain::new(&name);
    (0..BATCH)
        .map(|n| {
            let line = line(&mut chain)?;
            Ok(Row {
                chain: name.clone(),
                seq: i64::try_from(n)?,
                place: i64::try_from(from + n)?,
                hash: line.hash.to_vec(),
                line: line.bytes.to_vec(),
            })
        })
        .collect()
}

async fn copied(client: &Client, rows: &[Row]) -> Outcome<()> {
    let sink = client.copy_in("COPY bench_rows FROM STDIN (FORMAT binary)").await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &COLUMNS));
    for row in rows {
        writer.as_mut().write(&row.columns()).await?;
    }
    writer.finish().await?;
    Ok(())
}

fn statement() -> String {
    let row = |n: usize| {
        let columns: Vec<String> = (1..=5).map(|column| format!("${}", n * 5 + column)).collect();
        format!("({})", columns.join(", "))
    };
    let all: Vec<String> = (0..BATCH).map(row).collect();
    format!("INSERT INTO bench_rows VALUES {}", all.join(", "))
}

async fn inserted(client: &Client, statement: &Statement, rows: &[Row]) -> Outcome<()> {
    let values: Vec<&(dyn ToSql + Sync)> = rows.iter().flat_map(Row::columns).collect();
    client.execute(statement, &values).await?;
    Ok(())
}
