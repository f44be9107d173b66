//! Idempotency keys (requirements RE6). A key's record is written in the transaction that creates the registration, so
//! a key is either unknown or has its answer; there is no state "in progress".

use domain::{Email, Registration, RegistrationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Attributes, Error, Store, Versioned, item::item_until, keys, number, text, transaction::Condition};

/// How long a key is stored: 24 h.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    fingerprint: String,
    registration_id: RegistrationId,
    /// Whether the address had an account already.
    #[serde(default)]
    joined: bool,
    until: Timestamp,
}

/// The result of looking up a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The key is new, was used more than 24 h ago, or its registration is erased.
    New {
        /// The erased registration, whose record the next one replaces.
        erased: Option<RegistrationId>,
    },
    /// The key was used with the same body, which created this registration.
    Answered {
        /// The registration as it is now.
        found: Box<Versioned>,
        /// Whether it joined an account that its address had already.
        joined: bool,
    },
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
    /// The erased registration that the key was used for before.
    pub erased: Option<RegistrationId>,
}

impl Store {
    /// Looks up a key of one account, and its registration. Costs 1 RRU, 2 for a key in use; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn replay(&self, by: &Email, key: &IdempotencyKey, now: Timestamp) -> Result<Replay, Error> {
        let record: Option<Record> = self.get(keys::idempotency(by, &key.key)).await?;
        let Some(record) = record.filter(|record| now < record.until) else { return Ok(Replay::New { erased: None }) };
        Ok(match self.registration(&record.registration_id).await? {
            None => Replay::New { erased: Some(record.registration_id) },
            Some(found) if record.fingerprint == key.fingerprint => {
                Replay::Answered { found: Box::new(found), joined: record.joined }
            }
            Some(_) => Replay::OtherBody,
        })
    }
}

/// Holds if a key may be used at `now`: it is unknown, too old, or that of the erased registration. TTL deletes late: a
/// record whose time is over counts as absent.
pub(crate) fn unused(erased: Option<&RegistrationId>, now: Timestamp) -> Condition {
    let (unused, now) = ("attribute_not_exists(pk) OR expiresAt <= :now", (":now", number(now.as_second())));
    match erased {
        None => Condition::new(unused, [now]),
        Some(id) => {
            Condition::new(&format!("{unused} OR registrationId = :erased"), [now, (":erased", text(id.as_str()))])
        }
    }
}

/// Encodes the record of a key, to be put with the registration.
pub(crate) fn record(key: &IdempotencyKey, made: &Registration, joined: bool) -> Result<Attributes, Error> {
    let (fingerprint, registration_id) = (key.fingerprint.clone(), made.id.clone());
    let record = Record { fingerprint, registration_id, joined, until: made.created_at + LIFE };
    item_until(keys::idempotency(&made.created_by, &key.key), &record, record.until)
}
