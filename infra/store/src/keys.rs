//! The key design: one table, five indexes.
//!
//! | Question | Key or index | Units |
//! |---|---|---|
//! | a registration by id | `REG#<id>` / `REG` | 1 RRU |
//! | its history, oldest first | `REG#<id>` / `H#<version>` | 1 RRU per 4 KB |
//! | a library's registrations by name; pending ones alone | `library-name`: `<library>#<half>` / name key | ½ RRU per 4 KB (about 9 rows) |
//! | the same, newest first | `library-date`: `<library>#<half>` / date key | the same |
//! | the county's registrations by name, or by the start of a name | `county-name`: `<letter>#<half>` / name key | the same |
//! | the county's, newest first; **those pending since before a day** | `county-date`: `<half>#<shard>` / date key | the same; the sweep reads only the overdue |
//! | **those that have been over for a year** | `county-date`: `<half>#<shard>` / date key, filtered by end | the same; reads all that were registered two years ago |
//! | a registration by library card | `card-number`: folded number | ½ RRU + 1 RRU a hit |
//! | an account by e-mail; an e-mail is unique | `ACCOUNT#<pseudonym>` / `ACCOUNT`, put if absent | 1 RRU; 2 WRU |
//! | a session by its token, with its account | `SESSION#<pseudonym>` / digest, TTL | 2 RRU, one call; 1 WRU a minute |
//! | an account's sessions | `SESSION#<pseudonym>` | 1 RRU per 4 KB |
//! | an account's password and second factor, with the account | `SECRET#<pseudonym>` / `SECRET`, `FACTOR` | 3 RRU, one call; 2 WRU each |
//! | a reset link by its token | `LINK#<digest>` / `LINK`, TTL | 1 RRU |
//! | sign-in tries and reset requests of an address | `TRIES#<pseudonym>`, `RESETS#<pseudonym>`, TTL | 1 RRU; 2 WRU |
//! | failed sign-ins, or reset requests, of a network in a window | `SOURCE#<digest>`, TTL | 1 WRU |
//! | the key that digests network addresses for the log | `LOGKEY` | 1 RRU, once per process |
//! | the registration that an idempotency key made | `IDEMPOTENCY#<digest>`, TTL | 1 RRU; 2 WRU |
//! | a message by id | `MAIL#<id>`, TTL once sent | 1 RRU |
//! | the last messages to a patron | ids kept in the registration and in the account, then `MAIL#<id>` | 1 RRU + 1 RRU each |
//! | unsent messages that are due | `county-date`: `mail#<shard>` / instant of the next try | ½ RRU per 4 KB |
//! | the libraries, resources, staff | `LIBRARIES`, `RESOURCES`, `STAFF` / id | 1 RRU each, or 1 RRU per 4 KB |
//! | exports that may have held a registration | `EXPORTS#<library or county>` / instant, TTL | 1 RRU per 4 KB |
//! | exports of up to 100 rows that a search found it for | `EXPORTS#<id>` / instant, TTL | 1 RRU per 4 KB |
//! | **erasures whose history lines do not all expire yet** | `county-date`: `erased#<shard>` / instant | ½ RRU per 4 KB |
//!
//! **Halves.** A registration is in the `pending` or in the `decided` half of each index. Pending ones are found
//! without reading the others; the list of all is the two halves merged. Active and expired registrations differ by a
//! date alone and share a half, so no job has to move them when they expire.
//!
//! **A new registration costs 8 WRU**: 2 each for registration and account, in one transaction, and 1 for its entry in
//! each of four indexes; 1 more with a card number, 2 more with a provisional password. The registration's item is also the first line of its history, with
//! author and instant, so that line can't be missing. All other lines have items of their own.
//!
//! **An address that bounced for good, or complained,** is marked in its account and in each registration of it. A
//! message reads one of them before it is sent, and lists show the latter. One transaction sets all marks, and one
//! removes them when the address is entered again.
//!
//! **An index entry** holds the index's own keys and the record, under short names ([`crate::SHORT`]), without the keys
//! of the other indexes. It has some 450 bytes, so a page of fifty costs 3½ RRU, the read of the other half included.
//!
//! **No hot partition**: registrations and accounts have partitions of their own; the county's indexes are spread over
//! 26 letters and over [`SHARDS`] shards.
//!
//! **An account's sessions, and its password hash and second factor**, have partitions of their own, so that the role of
//! a function can name them by their leading keys: only few functions may read a hash.
//!
//! **A household** is an account with several registrations. Its item lists their ids, and each change of them, or of the
//! mark of its address, is written under the account's revision. So of two people who join at once, one decides again.
//!
//! # Example
//!
//! Sort keys are made so that a key range answers a question:
//!
//! ```
//! use domain::{LibraryId, RegistrationId};
//! use store::keys::{self, Half};
//!
//! let id: RegistrationId = "0123456789abcdef01234567".parse().unwrap();
//! let (from, upto) = keys::HISTORY;
//!
//! // The key range holds every history line of a registration, in the order of versions ...
//! let (second, tenth) = (keys::history_line(&id, 2), keys::history_line(&id, 10));
//! assert!(*from < *second.sk && second.sk < tenth.sk && *tenth.sk < *upto);
//! // ... and not the registration itself, which is in the same partition.
//! let registration = keys::registration(&id);
//! assert!(registration.pk == tenth.pk && *upto < *registration.sk);
//!
//! // A row of the index `library-name`: partition, and place in it.
//! let library: LibraryId = "LI10511".parse().unwrap();
//! assert_eq!(keys::library_half(&library, Half::Pending), "LI10511#pending");
//! assert_eq!(keys::name_key("D'Hérouville", "Zoé", &id), "dherouville zoe 0123456789abcdef01234567");
//! ```

use std::fmt::Display;

use domain::{Email, LibraryId, RegistrationId, ResourceId};
use jiff::Timestamp;

use crate::{Attributes, text};

mod indexes;

pub use indexes::*;

/// The table's partition key.
pub const PK: &str = "pk";
/// The table's sort key.
pub const SK: &str = "sk";
/// The attribute after whose instant, in epoch seconds, `DynamoDB` deletes an item (TTL). Readers compare it with the
/// clock as well, because the deletion may come days late.
pub const EXPIRES_AT: &str = "expiresAt";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    fn only(kind: &str, id: impl Display) -> Self {
        Self::new(format!("{kind}#{id}"), kind)
    }

    /// Returns the key for the log. Only the keys of staff contain an address, which is replaced by its pseudonym.
    pub(crate) fn without_personal_data(&self) -> String {
        match self.pk.as_str() {
            STAFF => format!("{STAFF} {}", pseudonym_of(&self.sk)),
            LIBRARIES | RESOURCES => format!("{} {}", self.pk, self.sk),
            _ => self.pk.clone(),
        }
    }

    pub(crate) fn into_attributes(self) -> Attributes {
        Attributes::from([(PK.to_owned(), text(self.pk)), (SK.to_owned(), text(self.sk))])
    }
}

/// The key of a registration.
pub fn registration(id: &RegistrationId) -> Key {
    Key::new(format!("REG#{id}"), "REG")
}

/// Returns the id of the registration that a partition belongs to; `None` for other partitions.
pub fn registration_id(partition: &str) -> Option<&str> {
    partition.strip_prefix("REG#")
}

/// The key of the history line of the change that made `version`.
pub fn history_line(id: &RegistrationId, version: u64) -> Key {
    Key::new(format!("REG#{id}"), format!("{}{version:010}", HISTORY.0))
}

/// First and last sort key of a registration's history. The registration's own item sorts after both.
pub const HISTORY: (&str, &str) = ("H#", "H#~");

/// Length of a [`pseudonym`], in characters of 6 bits: 132 bits.
pub const PSEUDONYM: usize = 22;
/// Sort key of an account.
pub const ACCOUNT: &str = "ACCOUNT";
/// Sort key of an account's password hash.
pub const SECRET: &str = "SECRET";
/// Sort key of an account's second factor.
pub const FACTOR: &str = "FACTOR";

/// Returns the pseudonym of an address for keys and tokens: a digest, so that neither contains personal data.
pub fn pseudonym(email: &Email) -> String {
    pseudonym_of(email.as_str())
}

fn pseudonym_of(email: &str) -> String {
    let mut pseudonym = runtime::digest(email.as_bytes());
    pseudonym.truncate(PSEUDONYM);
    pseudonym
}

/// The key of an account.
pub fn account(email: &Email) -> Key {
    account_of(&pseudonym(email))
}

/// The key of an account, by its address's [`pseudonym`].
pub fn account_of(pseudonym: &str) -> Key {
    Key::only(ACCOUNT, pseudonym)
}

/// The key of a session, by its account's [`pseudonym`] and its token's digest.
pub fn session(pseudonym: &str, digest: &str) -> Key {
    Key::new(sessions(pseudonym), digest)
}

/// Partition of an account's sessions, by its [`pseudonym`].
pub fn sessions(pseudonym: &str) -> String {
    format!("SESSION#{pseudonym}")
}

/// The key of an account's password hash.
pub fn secret(email: &Email) -> Key {
    Key::only(SECRET, pseudonym(email))
}

/// The key of an account's second factor.
pub fn second_factor(email: &Email) -> Key {
    Key::new(secret(email).pk, FACTOR)
}

/// The key of the item that holds the key under which network addresses are digested for the log.
pub fn log_key() -> Key {
    Key::new(LOG_KEY, LOG_KEY)
}

/// The key of a reset link, by its token's digest.
pub fn link(digest: &str) -> Key {
    Key::only("LINK", digest)
}

/// The key of the count of sign-in tries of an address, which may have no account.
pub fn tries(email: &Email) -> Key {
    Key::only("TRIES", pseudonym(email))
}

/// The key of the count of reset requests of an address.
pub fn resets(email: &Email) -> Key {
    Key::only("RESETS", pseudonym(email))
}

/// The key of the item that is written in place of an account's when no link is sent (requirements PW7). It belongs to
/// the address, so that two requests at once conflict as they do on an account.
pub fn account_decoy(email: &Email) -> Key {
    Key::only("DECOY", pseudonym(email))
}

/// The key of the item that is written in place of a message when no link is sent.
pub fn message_decoy(id: &str) -> Key {
    Key::only("DECOY", id)
}

/// The key of the count of a network's requests of one kind in the window that begins at `since`. It holds a digest
/// only.
pub fn source(kind: &str, network: &str, since: Timestamp) -> Key {
    Key::only("SOURCE", runtime::digest(format!("{kind}\n{network}\n{}", instant(since)).as_bytes()))
}

/// The key of the record of an idempotency key of one account.
pub fn idempotency(email: &Email, key: &str) -> Key {
    Key::only("IDEMPOTENCY", runtime::digest(format!("{email}\n{key}").as_bytes()))
}

/// The key of a message in the outbox.
pub fn message(id: &str) -> Key {
    Key::only("MAIL", id)
}

/// Returns the id of the message that a partition belongs to; `None` for other partitions.
pub fn message_id(partition: &str) -> Option<&str> {
    partition.strip_prefix("MAIL#")
}

/// The key of a library.
pub fn library(id: &LibraryId) -> Key {
    Key::new(LIBRARIES, id.as_str())
}

/// The key of a resource.
pub fn resource(id: &ResourceId) -> Key {
    Key::new(RESOURCES, id.as_str())
}

/// The key of a member of staff's entry in the directory. Their role and libraries are in their account as well.
pub fn staff(email: &Email) -> Key {
    Key::new(STAFF, email.as_str())
}

/// The registrations that the trace of an export is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportOf<'a> {
    /// The registrations of the county.
    County,
    /// The registrations of one library.
    Library(&'a LibraryId),
    /// One registration. Its id is in lower case, so it differs from every library's.
    Registration(&'a RegistrationId),
}

/// The key of the trace of an export. `tail` makes it unique.
pub fn export(of: ExportOf<'_>, at: Timestamp, tail: &str) -> Key {
    Key::new(exports(of), format!("{}#{tail}", instant(at)))
}

/// Partition of the traces of exports.
pub fn exports(of: ExportOf<'_>) -> String {
    let of = match of {
        ExportOf::County => "county",
        ExportOf::Library(id) => id.as_str(),
        ExportOf::Registration(id) => id.as_str(),
    };
    format!("EXPORTS#{of}")
}

/// Partition and sort key of the log's key.
pub const LOG_KEY: &str = "LOGKEY";
/// Partition of the libraries.
pub const LIBRARIES: &str = "LIBRARIES";
/// Partition of the resources.
pub const RESOURCES: &str = "RESOURCES";
/// Partition of the staff.
pub const STAFF: &str = "STAFF";

/// Formats an instant so that texts sort as instants do: RFC 3339, always with milliseconds.
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
    fn re12_no_address_is_in_the_logged_key_of_a_row() {
        let email: Email = "marie@fleury.example".parse().unwrap();
        assert_eq!(staff(&email).without_personal_data(), format!("STAFF {}", pseudonym(&email)));
        assert_eq!(library(&"LI1".parse().unwrap()).without_personal_data(), "LIBRARIES LI1");
        let id: RegistrationId = "0123456789abcdef01234567".parse().unwrap();
        assert_eq!(registration(&id).without_personal_data(), "REG#0123456789abcdef01234567");
    }
}
