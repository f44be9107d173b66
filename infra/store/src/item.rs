//! Items as they lie in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Registration, collation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Attributes, Error,
    keys::{self, EXPIRES_AT, Key, PK, SK, Tray},
    number, text,
};

const ID: &str = "id";

/// A registration under its key and in its indexes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationItem {
    library_tray: String,
    letter_tray: String,
    shard_tray: String,
    pub(crate) name_key: String,
    pub(crate) date_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card_key: Option<String>,
    pub(crate) version: u64,
    /// The mail that told the patron of the activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) activation_mail: Option<String>,
    #[serde(flatten)]
    pub(crate) registration: Registration,
}

impl RegistrationItem {
    pub(crate) fn new(registration: &Registration, version: u64, activation_mail: Option<String>) -> Self {
        let tray = if registration.is_pending() { Tray::Pending } else { Tray::Settled };
        let person = &registration.person;
        let name_key = keys::name_key(person.last_name.as_str(), person.first_name.as_str(), &registration.id);
        Self {
            library_tray: keys::library_tray(&registration.library_id, tray),
            letter_tray: keys::letter_tray(collation::letter(&name_key), tray),
            shard_tray: keys::shard_tray(keys::shard_of(registration.id.as_str()), tray),
            date_key: keys::date_key(registration.registered_on, &registration.id),
            card_key: person
                .card_number
                .as_ref()
                .map(|card| collation::fold(card.as_str()))
                .filter(|key| !key.is_empty()),
            name_key,
            version,
            activation_mail,
            registration: registration.clone(),
        }
    }

    /// As it lies in the table: its key says the id, so the item need not, in none of its four indexes.
    pub(crate) fn into_attributes(self) -> Result<Attributes, Error> {
        let mut attributes = item(keys::registration(&self.registration.id), &self)?;
        attributes.remove(ID);
        Ok(attributes)
    }

    /// Reads it back, from the table or from an index.
    pub(crate) fn read(mut attributes: Attributes) -> Result<Self, Error> {
        if let Some(id) = text_of(&attributes, PK).and_then(keys::registration_id).map(str::to_owned) {
            attributes.insert(ID.to_owned(), text(id));
        }
        read(attributes)
    }
}

/// An item of a key and anything that serializes.
pub(crate) fn item<T: Serialize>(key: Key, content: &T) -> Result<Attributes, Error> {
    let mut attributes: Attributes = serde_dynamo::to_item(content)?;
    attributes.extend(key.into_attributes());
    Ok(attributes)
}

/// The same, that `DynamoDB` may delete once `at` is past.
pub(crate) fn item_until<T: Serialize>(key: Key, content: &T, at: jiff::Timestamp) -> Result<Attributes, Error> {
    let mut attributes = item(key, content)?;
    attributes.insert(EXPIRES_AT.to_owned(), number(at.as_second()));
    Ok(attributes)
}

/// Reads an item back.
pub(crate) fn read<T: DeserializeOwned>(attributes: Attributes) -> Result<T, Error> {
    serde_dynamo::from_item(attributes).map_err(Error::from)
}

/// A text attribute, for what is read without a type.
pub(crate) fn text_of<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(|value| AttributeValue::as_s(value).ok()).map(String::as_str)
}

/// The primary key of an item.
pub(crate) fn key_of(attributes: &Attributes) -> Option<Key> {
    Some(Key { pk: text_of(attributes, PK)?.to_owned(), sk: text_of(attributes, SK)?.to_owned() })
}
