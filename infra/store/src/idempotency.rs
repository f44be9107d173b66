//! Idempotency keys (requirements RE6). A key's record is written in the transaction that creates the registration, so
//! a key is either unknown or has its answer; there is no state "in progress".

use domain::{Email, RegistrationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Attributes, Error, Store, item::item_until, keys};

/// How long a key is stored: 24 h.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    fingerprint: String,
    registration_id: RegistrationId,
    until: Timestamp,
}

/// The result of looking up a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The key is new, or was used more than 24 h ago.
    New,
    /// The key was used with the same body, which created this registration.
    Answered(RegistrationId),
    /// The key was used with another body.
    OtherBody,
}

/// A key as a caller sent it, with the fingerprint of the request's body.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The header's value.
    pub key: String,
    /// Digest of the key and the body. Without the key, nothing about the body can be derived from it.
    pub fingerprint: String,
}

impl Store {
    /// Looks up a key of one account. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
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

/// Encodes the record of a key, to be put with the registration.
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
