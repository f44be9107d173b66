//! State of the local desk itself, apart from the functions' table: messages that SES accepted, the clock's setting,
//! the stream position. It is an `SQLite` database of its own, in memory or in a file like that of the table.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, database::Position};

/// The write-ahead log is synced at each commit (`synchronous` is FULL by default), so that stored values survive a
/// killed process.
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS mails (number INTEGER PRIMARY KEY, mail TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
";
const CLOCK: &str = "clock";
const POSITION: &str = "position";

/// A message as SES received it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) sent_at: Timestamp,
}

/// The local desk's own database.
pub(crate) struct State(Mutex<Connection>);

impl State {
    /// Opens the database in a file, or in memory if there is none.
    ///
    /// # Errors
    /// [`Error::State`] if the file can't be opened, [`Error::Layout`] if it belongs to a table of another layout.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let connection = file.map_or_else(Connection::open_in_memory, Connection::open)?;
        let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
        let layout: u32 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        if tables > 0 && layout != store::LAYOUT {
            return Err(Error::Layout(file.and_then(Path::parent).map(Path::to_owned).unwrap_or_default()));
        }
        connection.execute_batch(SCHEMA)?;
        connection.pragma_update(None, "user_version", store::LAYOUT)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Stores the message that `mail` returns for the next number, which starts at 1.
    pub(crate) fn keep(&self, mail: impl FnOnce(usize) -> Mail) -> Result<Mail, Error> {
        let connection = self.connection();
        let number = connection.query_row("SELECT count(*) + 1 FROM mails", (), |row| row.get(0))?;
        let mail = mail(number);
        connection.execute("INSERT INTO mails VALUES (?, ?)", (number, serde_json::to_string(&mail)?))?;
        Ok(mail)
    }

    /// Returns all messages, oldest first.
    pub(crate) fn mails(&self) -> Result<Vec<Mail>, Error> {
        let connection = self.connection();
        let mut select = connection.prepare("SELECT mail FROM mails ORDER BY number")?;
        let mails = select.query_map((), |row| row.get::<_, String>(0))?;
        mails.map(|mail| Ok(serde_json::from_str(&mail?)?)).collect()
    }

    /// Returns the instant that the clock was set to, or `None` if it follows the system.
    pub(crate) fn clock(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.setting(CLOCK)?.flatten())
    }

    pub(crate) fn set_clock(&self, now: Option<Timestamp>) -> Result<(), Error> {
        self.set(CLOCK, &now)
    }

    /// Returns the position from which to read the stream on.
    pub(crate) fn position(&self) -> Result<Position, Error> {
        Ok(self.setting(POSITION)?.unwrap_or(Position::Beginning))
    }

    pub(crate) fn set_position(&self, position: &Position) -> Result<(), Error> {
        self.set(POSITION, position)
    }

    fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let select = "SELECT value FROM settings WHERE name = ?";
        let value = self.connection().query_row(select, [name], |row| row.get::<_, String>(0)).optional()?;
        Ok(value.map(|value| serde_json::from_str(&value)).transpose()?)
    }

    fn set(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let value = serde_json::to_string(value)?;
        self.connection().execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [name, &value])?;
        Ok(())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(number: usize) -> Mail {
        Mail {
            id: format!("local-{number}"),
            kind: "activation".to_owned(),
            to: "a@example.org".to_owned(),
            subject: "Été".to_owned(),
            text: String::new(),
            html: String::new(),
            sent_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_message_larger_than_an_item_is_stored_whole() {
        let state = State::open(None).unwrap();
        let large = |number| Mail { text: "é".repeat(400_000), ..mail(number) };
        state.keep(mail).unwrap();
        state.keep(large).unwrap();
        state.keep(mail).unwrap();
        assert_eq!(state.mails().unwrap(), [mail(1), large(2), mail(3)]);
    }

    #[test]
    fn state_in_a_file_survives_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("local.db");
        let state = State::open(Some(&file)).unwrap();
        assert_eq!((state.clock().unwrap(), state.position().unwrap()), (None, Position::Beginning));
        state.keep(mail).unwrap();
        state.set_clock(Some(Timestamp::UNIX_EPOCH)).unwrap();
        state.set_position(&Position::After("7".to_owned())).unwrap();
        drop(state);

        let state = State::open(Some(&file)).unwrap();
        state.keep(mail).unwrap();
        assert_eq!(state.mails().unwrap(), [mail(1), mail(2)]);
        assert_eq!(state.clock().unwrap(), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(state.position().unwrap(), Position::After("7".to_owned()));
        state.set_clock(None).unwrap();
        assert_eq!(state.clock().unwrap(), None);
    }
}
