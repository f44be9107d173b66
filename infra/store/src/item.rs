//! Items as they are stored.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Registration, collation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Attributes, Error,
    keys::{self, EXPIRES_AT, Half, Key, PK, SK},
    number, text,
};

/// The attribute that holds the record.
pub(crate) const ENTRY: &str = "entry";
const ID: &str = "id";

/// Short names of the record's fields in the table. Every index entry contains the names, so they count towards the
/// units of a page. Fields that expressions use keep their full name.
pub const SHORT: [(&str, &str); 21] = [
    ("activatedBy", "ab"),
    ("activatedOn", "ao"),
    ("activationMail", "am"),
    ("address", "ad"),
    ("birthDate", "bd"),
    ("cardNumber", "cn"),
    ("createdAt", "ca"),
    ("createdBy", "cb"),
    ("email", "em"),
    ("escalatedOn", "eo"),
    ("farewells", "fw"),
    ("firstName", "fn"),
    ("lastName", "ln"),
    ("libraryId", "li"),
    ("phone", "ph"),
    ("postalCode", "pc"),
    ("registeredOn", "ro"),
    ("renewedOn", "re"),
    ("resources", "rs"),
    ("town", "to"),
    ("warnedOn", "wo"),
];

/// A registration and the version that its `ETag` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Versioned {
    /// The record.
    #[serde(flatten)]
    pub registration: Registration,
    /// Number of the change that made this state, from 1.
    pub version: u64,
    /// Id of the last activation message to the patron, once there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_mail: Option<String>,
    /// Ids of the last messages to addresses that the patron has left, which are erased with the patron. At most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub farewells: Vec<String>,
}

impl Versioned {
    /// Returns the next version, with the record `after` and the same messages.
    pub(crate) fn next(&self, after: Registration) -> Self {
        Self { registration: after, version: self.version + 1, ..self.clone() }
    }

    /// Wraps a new registration: version 1.
    pub fn made(registration: Registration) -> Self {
        Self { registration, version: 1, activation_mail: None, farewells: Vec::new() }
    }
}

/// The item of a registration: its record and its keys in the indexes. An index entry has only the index's own keys.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationItem {
    #[serde(skip_deserializing)]
    library_half: String,
    #[serde(skip_deserializing)]
    letter_half: String,
    #[serde(skip_deserializing)]
    shard_half: String,
    #[serde(default)]
    pub(crate) name_key: String,
    #[serde(default)]
    pub(crate) date_key: String,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    card_key: Option<String>,
    pub(crate) entry: Versioned,
}

impl RegistrationItem {
    pub(crate) fn new(entry: Versioned) -> Self {
        let registration = &entry.registration;
        let half = if registration.is_pending() { Half::Pending } else { Half::Decided };
        let person = &registration.person;
        let name_key = keys::name_key(person.last_name.as_str(), person.first_name.as_str(), &registration.id);
        Self {
            library_half: keys::library_half(&registration.library_id, half),
            letter_half: keys::letter_half(collation::letter(&name_key), half),
            shard_half: keys::shard_half(keys::shard_of(registration.id.as_str()), half),
            date_key: keys::date_key(registration.registered_on, &registration.id),
            card_key: person.card_number.as_ref().and_then(|card| keys::card_key(card.as_str())),
            name_key,
            entry,
        }
    }

    /// Encodes the item. The primary key contains the id, so the record omits it, here and in four index entries.
    pub(crate) fn into_attributes(self) -> Result<Attributes, Error> {
        let mut attributes = item(keys::registration(&self.entry.registration.id), &self)?;
        if let Some(AttributeValue::M(entry)) = attributes.get_mut(ENTRY) {
            entry.remove(ID);
            for (name, short) in SHORT {
                rename(entry, name, short);
            }
        }
        Ok(attributes)
    }

    /// Decodes an item of the table or an entry of an index.
    pub(crate) fn from_attributes(mut attributes: Attributes) -> Result<Self, Error> {
        let id = text_of(&attributes, PK).and_then(keys::registration_id).map(text);
        if let (Some(AttributeValue::M(entry)), Some(id)) = (attributes.get_mut(ENTRY), id) {
            entry.insert(ID.to_owned(), id);
            for (name, short) in SHORT {
                rename(entry, short, name);
            }
        }
        decode(attributes)
    }
}

impl From<RegistrationItem> for Versioned {
    fn from(item: RegistrationItem) -> Self {
        item.entry
    }
}

/// Returns the short name of a record's field, or the name itself if it has none.
pub(crate) fn short(name: &str) -> &str {
    SHORT.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short)
}

fn rename(entry: &mut Attributes, from: &str, to: &str) {
    if let Some(value) = entry.remove(from) {
        entry.insert(to.to_owned(), value);
    }
}

/// Encodes an item: its key and its content.
pub(crate) fn item<T: Serialize>(key: Key, content: &T) -> Result<Attributes, Error> {
    let mut attributes: Attributes = serde_dynamo::to_item(content)?;
    attributes.extend(key.into_attributes());
    Ok(attributes)
}

/// Encodes an item that `DynamoDB` deletes after `at`.
pub(crate) fn item_until<T: Serialize>(key: Key, content: &T, at: jiff::Timestamp) -> Result<Attributes, Error> {
    let mut attributes = item(key, content)?;
    attributes.insert(EXPIRES_AT.to_owned(), number(at.as_second()));
    Ok(attributes)
}

/// Decodes an item.
pub(crate) fn decode<T: DeserializeOwned>(attributes: Attributes) -> Result<T, Error> {
    serde_dynamo::from_item(attributes).map_err(Error::from)
}

/// Returns a text attribute of an item that is not decoded.
pub(crate) fn text_of<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(|value| AttributeValue::as_s(value).ok()).map(String::as_str)
}

/// Returns the primary key of an item.
pub(crate) fn key_of(attributes: &Attributes) -> Option<Key> {
    Some(Key { pk: text_of(attributes, PK)?.to_owned(), sk: text_of(attributes, SK)?.to_owned() })
}
