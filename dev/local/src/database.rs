//! The embedded `DynamoDB` engine. The table is created from the template and served over HTTP, so that the functions
//! use the real SDK. Its stream is read in process.
//!
//! `SQLite` commits through a write-ahead log and, in its default mode, syncs it at each commit: an acknowledged write
//! survives a killed process and a power failure. Expired items are kept: there is no TTL deletion here, and the
//! functions check the time themselves.

mod api;
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
    door::Door,
    serving::{Serving, bind, serve},
    template::Table,
};

/// Maximum number of records per read of the stream.
const READ: usize = 500;

/// A database in memory or in a file.
#[derive(Clone)]
pub(crate) struct Database(dynoxide::Database);

impl Database {
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let name = file.map_or_else(in_memory, |file| file.to_string_lossy().into_owned());
        let database = dynoxide::Database::new(&name)?;
        index_the_stream(&name)?;
        Ok(Self(database))
    }

    /// Creates a table unless it exists.
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

    /// Serves the database on a free loopback port.
    pub(crate) async fn serve(&self) -> Result<Serving, Error> {
        let port = bind(([127, 0, 0, 1], 0).into()).await?;
        let door = Door::of_service(port.address, Vec::new());
        let engine = self.0.clone();
        Ok(serve(port, door, move |request, _| api::answer(request, engine.clone())))
    }

    /// Returns a table's stream.
    ///
    /// # Errors
    /// [`Error::NoStream`] if the table has none.
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

/// A position in a stream.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Position {
    /// The oldest record.
    Beginning,
    /// The record with this sequence number.
    At(String),
    /// The first record after this sequence number.
    After(String),
}

impl Shard {
    /// Returns the next records from a position, or none at the end of the stream.
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

/// Returns the name of a new in-memory database. With a name, a second connection can open the same one.
fn in_memory() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    format!("file:desk-{}?mode=memory&cache=shared", OPENED.fetch_add(1, Ordering::Relaxed))
}

/// Adds an index on stream records. The engine keeps all of them and searches them at each write: without an index
/// every request would be slower than the one before.
fn index_the_stream(name: &str) -> Result<(), dynoxide::DynoxideError> {
    let storage = dynoxide::storage::Storage::new(name)?;
    storage.conn().execute_batch(
        "CREATE INDEX IF NOT EXISTS local_stream_order
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )?;
    Ok(())
}
