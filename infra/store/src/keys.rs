//! The key design: one table, five indexes.
//!
//! | Question | Key or index | Units |
//! |---|---|---|
//! | a registration by id | `REG#<id>` / `REG` | 1 RRU |
//! | its history, oldest first | `REG#<id>` / `H#<version>` | ½ RRU per 4 KB |
//! | a library's registrations by name; pending ones alone | `library-name`: `<library>#<half>` / name key | ½ RRU per 4 KB (about 9 rows) |
//! | the same, newest first | `library-date`: `<library>#<half>` / date key | the same |
//! | the county's registrations by name, or by the start of a name | `county-name`: `<letter>#<half>` / name key | the same |
//! | the county's, newest first; **those pending since before a day** | `county-date`: `<half>#<shard>` / date key | the same; the sweep reads the overdue alone |
//! | **those that are over for a year** | `county-date`: `<half>#<shard>` / date key, filtered by end | the same; reads who was registered two years ago |
//! | a registration by library card | `card-number`: folded number | ½ RRU + 1 RRU a hit |
//! | an account by e-mail; an e-mail is unique | `ACCOUNT#<handle>` / `ACCOUNT`, put if absent | 1 RRU; 2 WRU |
//! | a session by its token, with its account | `ACCOUNT#<handle>` / `SESSION#<digest>`, TTL | 2 RRU, one call |
//! | a reset link by its token | `LINK#<digest>` / `LINK`, TTL | 1 RRU |
//! | tries and reset requests of an address | `TRIES#<handle>`, `RESETS#<handle>`, TTL | 1 RRU; 2 WRU |
//! | requests of a network address in a window | `SOURCE#<digest>`, TTL | 1 WRU |
//! | what became of an idempotency key | `IDEMPOTENCY#<digest>`, TTL | 1 RRU; 2 WRU |
//! | a mail by id; who is sending it | `MAIL#<id>`, TTL once sent; `CLAIM#<id>`, TTL | 1 RRU |
//! | the last mails to a patron | ids kept in the registration and in the account, then `MAIL#<id>` | 1 RRU + 1 RRU each |
//! | mails unsent since before an instant | `county-date`: `mail#<shard>` / instant | ½ RRU per 4 KB |
//! | the libraries, resources, staff | `LIBRARIES`, `RESOURCES`, `STAFF` / id | 1 RRU each, or ½ RRU per 4 KB |
//! | exports that may have held a registration | `EXPORTS#<library or county>` / instant, TTL | ½ RRU per 4 KB |
//!
//! **Halves.** A registration is in the `pending` or in the `decided` half of each index: pending ones are found without
//! reading the others, and the list of all is the two halves merged. Active and expired are told apart by a date, not by a
//! half, so that no job can forget to move one.
//!
//! **Units of a registering**: registration and account in one transaction, 2 WRU each, and one index entry in each of
//! four indexes: 8 WRU (9 with a card number). The registration's item is also the first line of its history: who made it
//! and when, so that the line can't be missing. All other lines have items of their own.
//!
//! **An address that bounces** is marked in its account, which is asked before a mail is sent, and in its patron's
//! registration, which every list has at hand. Both go by the same transaction, and so does the mark when the address is
//! corrected.
//!
//! **What an index holds**: its own keys and the record, under short names ([`crate::SHORT`]); the other indexes' keys
//! stay away. A row is some 450 bytes, so a page of fifty is 3½ RRU, the look into the other half counted.
//!
//! **No partition that everyone writes to**: registrations and accounts have partitions of their own, the county's
//! indexes are spread over 26 letters and over [`SHARDS`] shards. The password hash lies in the account's item, which no
//! index holds and no list reads.

use std::fmt::Display;

use domain::{Email, LibraryId, RegistrationId, ResourceId};
use jiff::{Timestamp, civil::Date};

use crate::{Attributes, text};

/// Partitions of the county's index by date, each good for 1,000 writes a second.
pub const SHARDS: usize = 4;

/// The table's partition key.
pub const PK: &str = "pk";
/// The table's sort key.
pub const SK: &str = "sk";
/// The attribute by which `DynamoDB` deletes what is over, in epoch seconds. Always checked against the clock as well:
/// deletion may come days late.
pub const EXPIRES_AT: &str = "expiresAt";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Partition.
    pub pk: String,
    /// Place in the partition.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    fn only(kind: &str, id: impl Display) -> Self {
        Self::new(format!("{kind}#{id}"), kind)
    }

    pub(crate) fn into_attributes(self) -> Attributes {
        Attributes::from([(PK.to_owned(), text(self.pk)), (SK.to_owned(), text(self.sk))])
    }
}

/// An index of the table, its partition attribute and its sort attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Name in `template.yaml`.
    pub name: &'static str,
    /// Partition attribute.
    pub partition: &'static str,
    /// Sort attribute, if it has one.
    pub sort: Option<&'static str>,
}

/// By library, in name order.
pub const LIBRARY_NAME: Index = Index { name: "library-name", partition: "libraryHalf", sort: Some("nameKey") };
/// By library, in date order.
pub const LIBRARY_DATE: Index = Index { name: "library-date", partition: "libraryHalf", sort: Some("dateKey") };
/// The whole county by letter, in name order.
pub const COUNTY_NAME: Index = Index { name: "county-name", partition: "letterHalf", sort: Some("nameKey") };
/// The whole county by shard, in date order; unsent mails too.
pub const COUNTY_DATE: Index = Index { name: "county-date", partition: "shardHalf", sort: Some("dateKey") };
/// By library card.
pub const CARD_NUMBER: Index = Index { name: "card-number", partition: "cardKey", sort: None };
/// All of them, as `template.yaml` must declare them.
pub const INDEXES: [Index; 5] = [LIBRARY_NAME, LIBRARY_DATE, COUNTY_NAME, COUNTY_DATE, CARD_NUMBER];

/// The two halves of an index: whether its registrations are decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Not activated yet.
    Pending,
    /// Activated once: active or expired, by the date.
    Decided,
}

impl Half {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Pending, Self::Decided];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Decided => "decided",
        }
    }
}

/// A registration.
pub fn registration(id: &RegistrationId) -> Key {
    Key::new(format!("REG#{id}"), "REG")
}

/// The id of the registration that lies in a partition; `None` for a partition of anything else.
pub fn registration_id(partition: &str) -> Option<&str> {
    partition.strip_prefix("REG#")
}

/// One line of a registration's history, under the version that the line's change made.
pub fn history_line(id: &RegistrationId, version: u64) -> Key {
    Key::new(format!("REG#{id}"), format!("{}{version:010}", HISTORY.0))
}

/// The key range of a registration's partition that holds its history, from and to; its own item sorts after.
pub const HISTORY: (&str, &str) = ("H#", "H#~");

/// Characters of a [`handle`]: 132 bits.
pub const HANDLE: usize = 22;
/// Sort key of an account; its sessions lie beside it.
pub const ACCOUNT: &str = "ACCOUNT";

/// What stands for an address in keys and tokens, so that neither names anyone.
pub fn handle(email: &Email) -> String {
    let mut handle = runtime::digest(email.as_str().as_bytes());
    handle.truncate(HANDLE);
    handle
}

/// An account.
pub fn account(email: &Email) -> Key {
    account_of(&handle(email))
}

/// An account, by its address's handle.
pub fn account_of(handle: &str) -> Key {
    Key::only(ACCOUNT, handle)
}

/// A session of an account, by its token's digest.
pub fn session(handle: &str, digest: &str) -> Key {
    Key::new(account_of(handle).pk, format!("SESSION#{digest}"))
}

/// A reset link, by its token's digest.
pub fn link(digest: &str) -> Key {
    Key::only("LINK", digest)
}

/// Sign-in tries of an address, which may be nobody's.
pub fn tries(email: &Email) -> Key {
    Key::only("TRIES", handle(email))
}

/// Reset requests of an address.
pub fn resets(email: &Email) -> Key {
    Key::only("RESETS", handle(email))
}

/// What one network address asked for in one window; the address itself is kept as a digest.
pub fn source(address: &str, since: Timestamp) -> Key {
    Key::only("SOURCE", runtime::digest(format!("{address}\n{}", instant(since)).as_bytes()))
}

/// What an idempotency key led to, within one account.
pub fn idempotency(email: &Email, key: &str) -> Key {
    Key::only("IDEMPOTENCY", runtime::digest(format!("{email}\n{key}").as_bytes()))
}

/// A message in the outbox.
pub fn message(id: &str) -> Key {
    Key::only("MAIL", id)
}

/// The claim on a message that is being sent.
pub fn claim(id: &str) -> Key {
    Key::only("CLAIM", id)
}

/// The id of the message that a partition holds; `None` for a partition of anything else.
pub fn message_id(partition: &str) -> Option<&str> {
    partition.strip_prefix("MAIL#")
}

/// A library.
pub fn library(id: &LibraryId) -> Key {
    Key::new(LIBRARIES, id.as_str())
}

/// A resource.
pub fn resource(id: &ResourceId) -> Key {
    Key::new(RESOURCES, id.as_str())
}

/// A member of staff as the directory lists them; what they may do stands in their account as well.
pub fn staff(email: &Email) -> Key {
    Key::new(STAFF, email.as_str())
}

/// The trace of an export of one library, or of the whole county.
pub fn export(library: Option<&LibraryId>, at: Timestamp, tail: &str) -> Key {
    Key::new(exports(library), format!("{}#{tail}", instant(at)))
}

/// Where the traces of exports lie.
pub fn exports(library: Option<&LibraryId>) -> String {
    format!("EXPORTS#{}", library.map_or("county", LibraryId::as_str))
}

/// Partition of the libraries.
pub const LIBRARIES: &str = "LIBRARIES";
/// Partition of the resources.
pub const RESOURCES: &str = "RESOURCES";
/// Partition of the staff.
pub const STAFF: &str = "STAFF";

/// Partition of [`LIBRARY_NAME`] and [`LIBRARY_DATE`].
pub fn library_half(library: &LibraryId, half: Half) -> String {
    format!("{library}#{}", half.name())
}

/// Partition of [`COUNTY_NAME`].
pub fn letter_half(letter: char, half: Half) -> String {
    format!("{letter}#{}", half.name())
}

/// Partition of [`COUNTY_DATE`] that holds a registration.
pub fn shard_half(shard: usize, half: Half) -> String {
    format!("{}#{shard}", half.name())
}

/// Partition of [`COUNTY_DATE`] that holds an unsent message.
pub fn unsent_messages(shard: usize) -> String {
    format!("mail#{shard}")
}

/// The shard of an id whose last character is a hexadecimal digit.
pub fn shard_of(id: &str) -> usize {
    id.chars().next_back().and_then(|digit| digit.to_digit(16)).unwrap_or(0) as usize % SHARDS
}

/// Place by name: last name, first name, id.
pub fn name_key(last_name: &str, first_name: &str, id: &RegistrationId) -> String {
    format!("{} {id}", domain::collation::name_key(last_name, first_name))
}

/// Place by date: registration date, id.
pub fn date_key(registered_on: Date, id: &RegistrationId) -> String {
    format!("{registered_on} {id}")
}

/// An instant as it sorts: RFC 3339, always with milliseconds.
pub fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_sort_as_text() {
        let at = |text: &str| instant(text.parse().unwrap());
        assert_eq!(at("2026-11-24T08:00:00Z"), "2026-11-24T08:00:00.000Z");
        assert!(at("2026-11-24T08:00:00Z") < at("2026-11-24T08:00:00.5Z"));
    }

    #[test]
    fn every_shard_has_its_ids() {
        let seen: std::collections::BTreeSet<_> =
            "0123456789abcdef".chars().map(|c| shard_of(&c.to_string())).collect();
        assert_eq!(seen.len(), SHARDS);
    }
}
