//! The indexes of the table, their partitions, and the places in them.

use domain::{LibraryId, RegistrationId};
use jiff::{Timestamp, civil::Date};

use super::instant;

/// Number of partitions of each half of [`COUNTY_DATE`]. Each takes 1,000 writes a second.
pub const SHARDS: usize = 4;

/// An index of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Name in `template.yaml`.
    pub name: &'static str,
    /// Partition attribute.
    pub partition: &'static str,
    /// Sort attribute, if the index has one.
    pub sort: Option<&'static str>,
}

/// Registrations by library, in name order.
pub const LIBRARY_NAME: Index = Index { name: "library-name", partition: "libraryHalf", sort: Some("nameKey") };
/// Registrations by library, in date order.
pub const LIBRARY_DATE: Index = Index { name: "library-date", partition: "libraryHalf", sort: Some("dateKey") };
/// All registrations by letter, in name order.
pub const COUNTY_NAME: Index = Index { name: "county-name", partition: "letterHalf", sort: Some("nameKey") };
/// All registrations by shard, in date order; unsent messages too.
pub const COUNTY_DATE: Index = Index { name: "county-date", partition: "shardHalf", sort: Some("dateKey") };
/// Registrations by library card.
pub const CARD_NUMBER: Index = Index { name: "card-number", partition: "cardKey", sort: None };
/// All indexes, as `template.yaml` must declare them.
pub const INDEXES: [Index; 5] = [LIBRARY_NAME, LIBRARY_DATE, COUNTY_NAME, COUNTY_DATE, CARD_NUMBER];

/// The two halves of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Registrations that were never activated.
    Pending,
    /// Registrations that were activated: active or expired, depending on the date.
    Decided,
}

impl Half {
    /// Both halves.
    pub const ALL: [Self; 2] = [Self::Pending, Self::Decided];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Decided => "decided",
        }
    }
}

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

/// Partition of [`COUNTY_DATE`] that holds what is written in place of an unsent message. Nothing reads it.
pub fn unsent_decoys(shard: usize) -> String {
    format!("decoy#{shard}")
}

/// Partition of [`COUNTY_DATE`] that holds erasures whose history lines do not all expire yet.
pub fn unfinished_erasures(shard: usize) -> String {
    format!("erased#{shard}")
}

/// Returns the shard of an id, by its last hexadecimal digit.
pub fn shard_of(id: &str) -> usize {
    id.chars().next_back().and_then(|digit| digit.to_digit(16)).unwrap_or(0) as usize % SHARDS
}

/// Bytes of a folded name in a sort key, which has 1,024 at most. The rest is for the id and for the character that
/// ends a key range.
const NAME_BYTES: usize = 990;
/// Bytes of a partition key.
const PARTITION_BYTES: usize = 2_048;

/// Sort key by name: last name, first name, id. A name that is too long for a key is cut.
pub fn name_key(last_name: &str, first_name: &str, id: &RegistrationId) -> String {
    format!("{} {id}", cut(domain::collation::name_key(last_name, first_name), NAME_BYTES))
}

/// The beginning of the [`name_key`]s of the names that begin with this folded text. Names that differ only beyond the
/// cut have the same one.
pub(crate) fn name_start(folded: &str) -> String {
    cut(folded.to_owned(), NAME_BYTES)
}

/// Partition of [`CARD_NUMBER`]: the folded number, cut if it is too long. `None` if nothing is left of it. Numbers that
/// differ only beyond the cut have the same one.
pub(crate) fn card_key(card_number: &str) -> Option<String> {
    Some(cut(domain::collation::fold(card_number), PARTITION_BYTES)).filter(|key| !key.is_empty())
}

/// Cuts text between two characters, so that it has at most so many bytes. Folding multiplies the length of some
/// scripts, so no limit on characters keeps a key within `DynamoDB`'s limits.
fn cut(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// Sort key by date: registration date, id.
pub fn date_key(registered_on: Date, id: &RegistrationId) -> String {
    format!("{registered_on} {id}")
}

/// Sort key of what is to be done at an instant, such as the next try of an unsent message: the instant, its id.
pub fn due_key(at: Timestamp, id: &str) -> String {
    format!("{} {id}", instant(at))
}

/// Upper bound of the sort keys of messages that are due at an instant.
pub fn due_by(now: Timestamp) -> String {
    format!("{}~", instant(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c12_keys_are_cut_between_characters_within_the_limits() {
        let id = "0123456789abcdef01234567".parse().unwrap();
        // Three bytes each: neither limit is between two of them.
        let long = "\u{1100}".repeat(2_000);
        let key = name_key(&long, &long, &id);
        assert!(key.len() + "\u{10ffff}".len() <= 1_024 && key.ends_with(" 0123456789abcdef01234567"));
        assert!(key.starts_with(&name_start(&long)));
        assert_eq!(card_key(&long).map(|key| key.len()), Some(2_046));
        assert_eq!(card_key("-"), None);
        assert_eq!(name_start("martin"), "martin");
    }

    #[test]
    fn every_shard_has_its_ids() {
        let seen: std::collections::BTreeSet<_> =
            "0123456789abcdef".chars().map(|c| shard_of(&c.to_string())).collect();
        assert_eq!(seen.len(), SHARDS);
    }
}
