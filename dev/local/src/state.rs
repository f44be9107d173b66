//! What the portal itself keeps, apart from the functions' table: mails that were sent, the clock that was set, how
//! far the stream was read. A small table in a database of its own, which lasts as long as the other.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    Error,
    database::{Database, Position},
    template::Table,
};

const TABLE: &str = "local";
const MAILS: &str = "mail";
const CLOCK: &str = "clock";
const POSITION: &str = "position";
/// Bytes of one piece of a value; an item may have 400 KB.
const PIECE: usize = 300_000;

/// A mail as SES was given it.
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

/// The portal's own table.
pub(crate) struct State {
    database: Database,
    mails: AtomicUsize,
}

impl State {
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let database = Database::open(file)?;
        let definition = json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "sk", "AttributeType": "S" },
            ],
        });
        database.ensure(&Table { name: TABLE.to_owned(), definition, time_to_live: None })?;
        let kept = database.partition(TABLE, MAILS)?.iter().filter(|item| is_first(item)).count();
        Ok(Self { database, mails: AtomicUsize::new(kept) })
    }

    /// Keeps a mail under a number of its own, which `mail` is given.
    pub(crate) fn keep(&self, mail: impl FnOnce(usize) -> Mail) -> Result<Mail, Error> {
        let number = self.mails.fetch_add(1, Ordering::Relaxed) + 1;
        let mail = mail(number);
        self.put(MAILS, &format!("{number:09}"), &mail)?;
        Ok(mail)
    }

    /// All mails, oldest first.
    pub(crate) fn mails(&self) -> Result<Vec<Mail>, Error> {
        self.all(MAILS)
    }

    /// The instant that the clock was last set to.
    pub(crate) fn clock(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.one(CLOCK)?.flatten())
    }

    pub(crate) fn set_clock(&self, now: Option<Timestamp>) -> Result<(), Error> {
        self.put(CLOCK, CLOCK, &now)
    }

    /// How far the stream was read.
    pub(crate) fn position(&self) -> Result<Position, Error> {
        Ok(self.one(POSITION)?.unwrap_or(Position::Beginning))
    }

    pub(crate) fn set_position(&self, position: &Position) -> Result<(), Error> {
        self.put(POSITION, POSITION, position)
    }

    /// Puts a value, in pieces where it is larger than an item may be; the first piece comes last, and says how many
    /// there are, so that what a killed process left half put is not read.
    fn put(&self, kind: &str, id: &str, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(value)?;
        let pieces = pieces(&text);
        for (at, piece) in pieces.iter().enumerate().rev() {
            let sk = format!("{id}#{at:04}");
            let count = pieces.len().to_string();
            let item =
                json!({ "pk": { "S": kind }, "sk": { "S": sk }, "value": { "S": piece }, "count": { "N": count } });
            self.database.put(TABLE, &item)?;
        }
        Ok(())
    }

    fn one<T: DeserializeOwned>(&self, kind: &str) -> Result<Option<T>, Error> {
        Ok(self.all(kind)?.pop())
    }

    fn all<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<T>, Error> {
        let items = self.database.partition(TABLE, kind)?;
        let mut values = Vec::new();
        for (at, item) in items.iter().enumerate().filter(|(_, item)| is_first(item)) {
            let count = item["count"]["N"].as_str().and_then(|count| count.parse().ok()).unwrap_or(1);
            let text: String = items[at..].iter().take(count).filter_map(|item| item["value"]["S"].as_str()).collect();
            values.push(serde_json::from_str(&text)?);
        }
        Ok(values)
    }
}

fn is_first(item: &Value) -> bool {
    item["sk"]["S"].as_str().is_some_and(|sk| sk.ends_with("#0000"))
}

/// A text in pieces that an item can hold.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while rest.len() > PIECE {
        let (piece, others) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = others;
    }
    pieces.push(rest);
    pieces
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
    fn a_mail_larger_than_an_item_is_kept_whole() {
        let state = State::open(None).unwrap();
        let large = |number| Mail { text: "é".repeat(400_000), ..mail(number) };
        state.keep(mail).unwrap();
        state.keep(large).unwrap();
        state.keep(mail).unwrap();
        assert_eq!(state.mails().unwrap(), [mail(1), large(2), mail(3)]);
    }

    #[test]
    fn what_is_kept_in_a_file_is_there_when_it_is_opened_again() {
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
