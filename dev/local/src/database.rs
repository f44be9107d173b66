//! The embedded engine. The table is made from the template and served over HTTP, so that the functions call it by the
//! real SDK; its stream is read in process.
//!
//! `SQLite` commits through a write-ahead log and, in its default mode, syncs it at each commit: what was acknowledged
//! survives a killed process and a machine that went down. Items that are over stay: nothing here deletes them by TTL,
//! and the functions check the time themselves.

mod import;

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use dynoxide::actions::{
    describe_stream::DescribeStreamRequest,
    get_records::{GetRecordsRequest, Record},
    get_shard_iterator::GetShardIteratorRequest,
    list_streams::ListStreamsRequest,
    update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest},
};
pub(crate) use import::stored_item;

use crate::{
    Error,
    serving::{Serving, bind},
    task::Task,
    template::Table,
};

/// Records read from the stream at a time.
const READ: usize = 500;

/// A database: in memory, or a file.
#[derive(Clone)]
pub(crate) struct Database(dynoxide::Database);

impl Database {
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let name = file.map_or_else(in_memory, |file| file.to_string_lossy().into_owned());
        let database = dynoxide::Database::new(&name)?;
        keep_the_stream_quick(&name)?;
        Ok(Self(database))
    }

    /// Makes a table unless it is there.
    pub(crate) fn ensure(&self, table: &Table) -> Result<(), Error> {
        if self.0.get_table_metadata(&table.name)?.is_some() {
            return Ok(());
        }
        self.0.create_table(serde_json::from_value(table.definition.clone())?)?;
        if let Some(attribute_name) = table.time_to_live.clone() {
            self.0.update_time_to_live(UpdateTimeToLiveRequest {
                table_name: table.name.clone(),
                time_to_live_specification: TimeToLiveSpecification { attribute_name, enabled: true },
            })?;
        }
        Ok(())
    }

    /// Serves it on a loopback port of its own.
    pub(crate) async fn serve(&self) -> Result<Serving, Error> {
        let (listener, address) = bind(([127, 0, 0, 1], 0).into()).await?;
        let database = self.0.clone();
        let task = Task::new(|stopped| async move {
            let stop = async {
                // Stopped and dropped are the same.
                let _ = stopped.await;
            };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stop).await {
                tracing::error!(error, "the database's server failed");
            }
        });
        Ok(Serving { address, task })
    }

    /// A table's stream.
    pub(crate) fn stream(&self, table: &str) -> Result<Shard, Error> {
        let listed =
            self.0.list_streams(ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() })?;
        let stream_arn = listed.streams.into_iter().next().ok_or(Error::NoStream)?.stream_arn;
        let request = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..Default::default() };
        let described = self.0.describe_stream(request)?.stream_description;
        let id = described.shards.into_iter().next().ok_or(Error::NoStream)?.shard_id;
        Ok(Shard { database: self.clone(), stream_arn, id })
    }
}

/// The one shard of a table's stream.
pub(crate) struct Shard {
    database: Database,
    pub(crate) stream_arn: String,
    id: String,
}

/// From where to read a stream.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Position {
    /// All there is.
    Beginning,
    /// A record and what follows.
    At(String),
    /// What follows a record.
    After(String),
}

impl Shard {
    /// The next records from a position; none when all have been read.
    pub(crate) fn read(&self, from: &Position) -> Result<Vec<Record>, Error> {
        let (kind, sequence_number) = match from {
            Position::Beginning => ("TRIM_HORIZON", None),
            Position::At(record) => ("AT_SEQUENCE_NUMBER", Some(record.clone())),
            Position::After(record) => ("AFTER_SEQUENCE_NUMBER", Some(record.clone())),
        };
        let engine = &self.database.0;
        let iterator = engine.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: self.id.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number,
        })?;
        let Some(shard_iterator) = iterator.shard_iterator else {
            return Ok(Vec::new());
        };
        Ok(engine.get_records(GetRecordsRequest { shard_iterator, limit: Some(READ) })?.records)
    }
}

/// A database in memory that has a name, so that a second connection reaches it.
fn in_memory() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    format!("file:desk-{}?mode=memory&cache=shared", OPENED.fetch_add(1, Ordering::Relaxed))
}

/// The engine never forgets a stream record and looks through all of them at each write: without an index a desk would
/// grow slower with each request.
fn keep_the_stream_quick(name: &str) -> Result<(), dynoxide::DynoxideError> {
    let storage = dynoxide::storage::Storage::new(name)?;
    storage.conn().execute_batch(
        "CREATE INDEX IF NOT EXISTS local_stream_order
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )?;
    Ok(())
}
