//! Creates, reads and changes a registration.

use domain::{Account, Email, Registration, RegistrationId, Role, history::Line, message::Message};

use crate::{
    Credentials, Error, NewMessage, Remains, Store, StoredAccount, Versioned, Write, history,
    idempotency::{self, IdempotencyKey},
    item::RegistrationItem,
    keys, number, outbox, text,
    transaction::{Condition, Transaction},
};

/// The result of creating a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is created.
    Done,
    /// The e-mail address has an account already.
    EmailTaken,
    /// Another request used the idempotency key in this moment: call [`Store::replay`] again.
    KeyTaken,
}

/// The result of a change.
#[expect(clippy::large_enum_variant, reason = "one a call, taken apart at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is committed, with its history line and its message.
    Done(Versioned),
    /// Another change of the record came first.
    Stale,
    /// The new e-mail address has an account already.
    EmailTaken,
}

/// A decided change of a registration, committed as a whole.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The record and version that the decision was made on.
    pub before: &'a Versioned,
    /// The record as decided.
    pub after: Registration,
    /// Its history line.
    pub line: Line,
    /// The message that the change causes.
    pub message: Option<NewMessage>,
    /// The account's new generation if its e-mail address changes.
    pub generation: String,
}

impl Change<'_> {
    /// Returns the id of the last activation message: this change's, or else an earlier one.
    fn activation_mail(&self) -> Option<String> {
        match &self.message {
            Some(NewMessage { id, message: Message::Activation { .. } }) => Some(id.clone()),
            _ => self.before.activation_mail.clone(),
        }
    }
}

impl Store {
    /// Returns a registration by id. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads); [`Error::Unreadable`] instead of `Malformed`.
    pub async fn registration(&self, id: &RegistrationId) -> Result<Option<Versioned>, Error> {
        let Some(item) = self.get_item(keys::registration(id)).await? else { return Ok(None) };
        let remains = Remains::from_attributes(&item).map(Box::new);
        let found = self.readable_registrations(vec![item]).next().map(Versioned::from);
        found.map(Some).ok_or(Error::Unreadable(remains))
    }

    /// Returns the parts of a registration that its erasure needs. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads); [`Error::Unreadable`] if they can't be read.
    pub async fn remains(&self, id: &RegistrationId) -> Result<Option<Remains>, Error> {
        let Some(item) = self.get_item(keys::registration(id)).await? else { return Ok(None) };
        Remains::from_attributes(&item).map(Some).ok_or(Error::Unreadable(None))
    }

    /// Returns the registrations of these ids, in no particular order; omits those that do not exist or can't be
    /// decoded. Costs 1 RRU each; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn registrations_of(&self, ids: &[RegistrationId]) -> Result<Vec<Versioned>, Error> {
        let items = self.batch_get(ids.iter().map(keys::registration).collect()).await?;
        Ok(self.readable_registrations(items).map(Versioned::from).collect())
    }

    /// Creates a registration and its account, and stores the idempotency key, all or nothing. The e-mail address is
    /// unique because the account's item is put only if absent (requirements RE5).
    ///
    /// Costs 8 WRU; 1 more with a card number, 2 more with an idempotency key.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that the registration's id exists already.
    pub async fn create(
        &self,
        registration: &Registration,
        credentials: Credentials,
        generation: String,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation, Error> {
        let account = StoredAccount::new(patron(registration), credentials, generation);
        let made = RegistrationItem::new(registration, 1, None);
        let mut transaction = self
            .transaction()
            .put(Write::Account, account.into_attributes()?, Condition::absent())?
            .put(Write::Registration, made.into_attributes()?, Condition::absent())?;
        if let Some(key) = key {
            let (by, now) = (&registration.created_by, registration.created_at);
            let record = idempotency::record(by, key, &registration.id, now)?;
            transaction =
                transaction.put(Write::IdempotencyKey, record, idempotency::unused(key.erased.as_ref(), now))?;
        }
        match transaction.commit().await {
            Ok(()) => Ok(Creation::Done),
            Err(Error::Lost(Write::Account)) => Ok(Creation::EmailTaken),
            Err(Error::Lost(Write::IdempotencyKey)) => Ok(Creation::KeyTaken),
            Err(error) => Err(error),
        }
    }

    /// Commits a change with its history line and its message, if the record is still the one that the decision was
    /// made on. A changed e-mail address moves the account, which ends its sessions and links.
    ///
    /// Costs 8 WRU, and 1 for each index entry whose key changes: an activation moves four. A message adds 3 WRU, a
    /// changed address 1 RRU and 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn save(&self, change: Change<'_>) -> Result<Saved, Error> {
        let activation_mail = change.activation_mail();
        let Change { before, after, line, message, generation } = change;
        let mut transaction = self.transaction().change(before, &after, &line, activation_mail.clone())?;
        if let Some(NewMessage { id, message }) = &message {
            transaction =
                transaction.put(Write::Message, outbox::queued(id, message, line.at)?, Condition::absent())?;
        }
        let old = &before.registration.person.email;
        if *old != after.person.email {
            match self.move_account(transaction, old, &after, generation, message.as_ref()).await? {
                Some(moving) => transaction = moving,
                None => return Ok(Saved::Stale),
            }
        }
        match transaction.commit().await {
            Ok(()) => {
                let version = before.version + 1;
                Ok(Saved::Done(Versioned { registration: after, version, activation_mail }))
            }
            Err(Error::Lost(Write::Account)) => Ok(Saved::EmailTaken),
            Err(Error::Lost(_)) => Ok(Saved::Stale),
            Err(error) => Err(error),
        }
    }

    /// Adds the move of an account to its patron's new address. `None` if there is no account at the old one.
    async fn move_account<'a>(
        &self,
        transaction: Transaction<'a>,
        old: &Email,
        after: &Registration,
        generation: String,
        message: Option<&NewMessage>,
    ) -> Result<Option<Transaction<'a>>, Error> {
        let Some(stored) = self.account(old).await? else { return Ok(None) };
        let unchanged = Condition::new("generation = :generation", [(":generation", text(&stored.generation))]);
        // The new item has no mark, no link and a new generation: marks, links and sessions were the old address's.
        let messages = message.map_or_else(|| stored.messages.clone(), |message| stored.messages_with(&message.id));
        let moved = StoredAccount {
            link_mail: stored.link_mail,
            messages,
            ..StoredAccount::new(patron(after), stored.credentials, generation)
        };
        let moving = transaction.put(Write::Account, moved.into_attributes()?, Condition::absent())?.delete(
            Write::OldAccount,
            keys::account(old),
            unchanged,
        )?;
        Ok(Some(moving))
    }
}

impl Transaction<'_> {
    /// Adds the change of a registration to its next version, with its history line.
    pub(crate) fn change(
        self,
        before: &Versioned,
        after: &Registration,
        line: &Line,
        activation_mail: Option<String>,
    ) -> Result<Self, Error> {
        let version = before.version + 1;
        let item = RegistrationItem::new(after, version, activation_mail).into_attributes()?;
        let line = history::line(&before.registration, after, version, line)?;
        self.put(Write::Registration, item, unchanged(before))?.put(Write::HistoryLine, line, Condition::absent())
    }
}

/// Holds while the registration has the version that a decision was made on, and the same mark on the patron's address.
/// The put replaces the whole item, so it would undo a mark, which makes no version.
fn unchanged(before: &Versioned) -> Condition {
    let version = (":version", number(before.version));
    match before.registration.mail_state {
        None => Condition::new("entry.version = :version AND attribute_not_exists(entry.mailState)", [version]),
        Some(state) => Condition::new(
            "entry.version = :version AND entry.mailState = :state",
            [version, (":state", text(state.name()))],
        ),
    }
}

/// Makes a patron's account. It has no name of its own: the registration has it, and may be corrected.
pub(crate) fn patron(registration: &Registration) -> Account {
    Account {
        email: registration.person.email.clone(),
        role: Role::Patron,
        display_name: String::new(),
        library_ids: vec![],
        registration_id: Some(registration.id.clone()),
    }
}
