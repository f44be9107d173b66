//! The second factor of an account: one item, beside its password hash (requirements AP15).

use domain::{
    Email,
    second_factor::{Code, ENROLMENT, SecondFactor, SharedSecret},
};
use jiff::Timestamp;
use runtime::{Secret, digest};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, Write,
    item::item,
    keys, number, sessions, text,
    transaction::{Condition, Transaction},
};

/// The item of a second factor, under its revision: of two that use a code at once, one is refused. The first revision
/// is the instant of its enrolment, in milliseconds, so that none comes back after the second factor was removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredFactor {
    enrolled: Option<SecondFactor>,
    pending: Option<Pending>,
    revision: i64,
}

/// An enrolment that waits for its first code.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pending {
    secret: SharedSecret,
    until: Timestamp,
}

impl StoredFactor {
    /// Returns whether sign-in wants a code.
    pub fn is_enrolled(&self) -> bool {
        self.enrolled.is_some()
    }

    /// Returns the second factor after a code was used; `None` if the code is wrong or was used before.
    pub fn used(&self, code: &Code, now: Timestamp) -> Option<Self> {
        let after = self.enrolled.as_ref()?.after(code, |typed| digest(typed.as_bytes()), now)?;
        Some(Self { enrolled: Some(after), pending: self.pending.clone(), revision: self.revision + 1 })
    }

    /// Returns whether an enrolment waits for its first code.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        self.pending(now).is_some()
    }

    fn pending(&self, now: Timestamp) -> Option<&Pending> {
        self.pending.as_ref().filter(|pending| now < pending.until)
    }

    /// Returns the second factor after its first code, with the digests of its recovery codes. `None` if the code is
    /// wrong, or no enrolment waits.
    pub fn confirmed(&self, code: &Code, recovery: Vec<String>, now: Timestamp) -> Option<Self> {
        let pending = self.pending(now)?;
        let enrolled = SecondFactor::enrolled(pending.secret.clone(), code, recovery, now)?;
        Some(Self { enrolled: Some(enrolled), pending: None, revision: self.revision + 1 })
    }
}

impl Store {
    /// Returns the second factor of an account, or its enrolment. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn second_factor(&self, email: &Email) -> Result<Option<StoredFactor>, Error> {
        self.get(keys::second_factor(email)).await
    }

    /// Begins an enrolment, in place of one that waits. A second factor that is enrolled stays until the first code of
    /// the new one. Returns `false` if another change came first. Costs 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn begin_enrolment(
        &self,
        stored: &StoredAccount,
        before: Option<StoredFactor>,
        secret: SharedSecret,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let until = now + ENROLMENT;
        let unchanged = before.as_ref().map_or_else(Condition::absent, |before| as_read(before.revision));
        let revision = before.as_ref().map_or_else(|| now.as_millisecond(), |before| before.revision + 1);
        let next = StoredFactor {
            enrolled: before.and_then(|before| before.enrolled),
            pending: Some(Pending { secret, until }),
            revision,
        };
        let unended = stored.same_generation([(":true", crate::AttributeValue::Bool(true))]);
        let email = &stored.account.email;
        let begun = self.transaction().put(Write::SecondFactor, item(keys::second_factor(email), &next)?, unchanged)?;
        begun.update(Write::Account, keys::account(email), "SET secondFactor = :true", unended)?.won().await
    }

    /// Enrols a second factor. Ends all sessions of the account but that of the token, which counts as opened with it.
    /// Returns `false` if another change came first. Costs 8 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn enrol(
        &self,
        stored: &StoredAccount,
        factor: &StoredFactor,
        generation: &str,
        token: &Secret,
    ) -> Result<bool, Error> {
        let enrolled = self.transaction().put_factor(&stored.account.email, factor)?;
        enrolled.renew_generation(stored, generation)?.keep_session(token, generation, true)?.won().await
    }

    /// Takes the second factor off an account, by its holder. Ends all sessions of the account but that of the token.
    /// Returns `false` if another change came first. Costs 8 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn take_factor_off(
        &self,
        stored: &StoredAccount,
        generation: &str,
        token: &Secret,
    ) -> Result<bool, Error> {
        let off = self.transaction().delete_factor(&stored.account.email)?;
        off.renew_generation(stored, generation)?.keep_session(token, generation, false)?.won().await
    }
}

impl Transaction<'_> {
    /// Adds the next revision of a second factor, if no other came first.
    pub(crate) fn put_factor(self, email: &Email, factor: &StoredFactor) -> Result<Self, Error> {
        let item = item(keys::second_factor(email), factor)?;
        self.put(Write::SecondFactor, item, as_read(factor.revision - 1))
    }

    /// Adds the end of a second factor.
    pub(crate) fn delete_factor(self, email: &Email) -> Result<Self, Error> {
        self.delete(Write::SecondFactor, keys::second_factor(email), Condition::present())
    }

    /// Adds that one session goes on in another generation of its account.
    fn keep_session(self, token: &Secret, generation: &str, second_factor: bool) -> Result<Self, Error> {
        let Some(key) = sessions::key(token) else { return Ok(self) };
        let values = [(":generation", text(generation)), (":factor", crate::AttributeValue::Bool(second_factor))];
        let open = Condition::new("attribute_exists(pk)", values);
        self.update(Write::Session, key, "SET generation = :generation, secondFactor = :factor", open)
    }
}

/// Holds while a second factor has this revision.
fn as_read(revision: i64) -> Condition {
    Condition::new("revision = :revision", [(":revision", number(revision))])
}
