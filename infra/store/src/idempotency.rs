//! Idempotency keys: the record is written with the registration, in one transaction, so that a key is either unknown
//! or has its answer; nothing is ever left "running".

use domain::{Email, RegistrationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Attributes, Error, Store, item::item_until, keys};

/// How long a key is remembered: 24 h.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    fingerprint: String,
    registration_id: RegistrationId,
    until: Timestamp,
}

/// What a key says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The key is new, or forgotten.
    New,
    /// The same request was answered with this registration.
    Answered(RegistrationId),
    /// The key was used with another body.
    OtherBody,
}

/// A key as a caller sent it, with the fingerprint of the body it came with.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// As in the header.
    pub key: String,
    /// A MAC of the body under the key; tells nothing of the body to whom the key is unknown.
    pub fingerprint: String,
}

impl Store {
    /// What is known of a key, within one account.
    pub async fn replay(&self, by: &Email, key: &IdempotencyKey, now: Timestamp) -> Result<Replay, Error> {
        let record: Option<Record> = self.get(keys::idempotency(by, &key.key)).await?;
        Ok(match record {
            Some(record) if now < record.until && record.fingerprint == key.fingerprint => {
                Replay::Answered(record.registration_id)
            }
            Some(record) if now < record.until => Replay::OtherBody,
            _ => Replay::New,
        })
    }
}

/// The record of a key, to be put with the registration.
pub(crate) fn record(
    by: &Email,
    key: &IdempotencyKey,
    registration_id: &RegistrationId,
    now: Timestamp,
) -> Result<Attributes, Error> {
    let record =
        Record { fingerprint: key.fingerprint.clone(), registration_id: registration_id.clone(), until: now + LIFE };
    item_until(keys::idempotency(by, &key.key), &record, record.until)
}
