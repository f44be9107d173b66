//! Creates, reads and changes a registration, together with the accounts that hold it.

use domain::{Account, Registration, RegistrationId, history::Line, message::Message};

use crate::{
    Credentials, Error, NewMessage, Remains, Store, StoredAccount, Versioned, Write,
    accounts::last_with,
    history,
    idempotency::{self, IdempotencyKey},
    item::RegistrationItem,
    keys, number, outbox, text,
    transaction::{Condition, Transaction},
};

/// The account of a new registration.
#[expect(clippy::large_enum_variant, reason = "one a call, taken apart at once")]
#[derive(Debug, Clone)]
pub enum Holder {
    /// A new account, with the provisional password if there is one.
    New {
        /// Its credentials.
        credentials: Option<Credentials>,
        /// Its generation.
        generation: String,
    },
    /// An account that the address has already.
    Existing {
        /// The account that the decision was made on.
        before: StoredAccount,
        /// The account with the registration.
        after: Account,
    },
}

/// The result of creating a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is created.
    Done,
    /// The account was opened, changed or removed meanwhile: decide again.
    AccountChanged,
    /// Another request used the idempotency key in this moment: call [`Store::replay`] again.
    KeyTaken,
}

/// The result of a change.
#[expect(clippy::large_enum_variant, reason = "one a call, taken apart at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is committed, with its history line and its messages.
    Done(Versioned),
    /// Another change of the record, or of an account that holds it, came first.
    Stale,
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
    /// The messages that the change causes.
    pub messages: Vec<NewMessage>,
    /// What the change means for the accounts.
    pub holding: Holding,
}

/// What a change of a registration means for the accounts that hold it.
#[expect(clippy::large_enum_variant, reason = "one a call, taken apart at once")]
#[derive(Debug, Clone, Default)]
pub enum Holding {
    /// Nothing.
    #[default]
    Same,
    /// Name or birth date change: the decision that no other member is the same person was made on this account.
    Renamed(StoredAccount),
    /// The registration moves to another address, without password.
    Moved {
        /// The account that it leaves.
        from: StoredAccount,
        /// What remains of that account; `None` if it ends.
        left: Option<Account>,
        /// The account that it moves to.
        to: Holder,
    },
}

impl Change<'_> {
    /// Returns the record as it will be stored: with the ids of the messages that its erasure removes.
    fn stored(&self) -> Versioned {
        let mut stored = self.before.next(self.after.clone());
        for NewMessage { id, message } in &self.messages {
            match message {
                // The activation of a patron who has moved is sent again: that to the old address is kept as well.
                Message::Activation { .. } => {
                    let earlier = stored.activation_mail.replace(id.clone());
                    stored.farewells = earlier.iter().fold(stored.farewells, |kept, earlier| last_with(&kept, earlier));
                }
                Message::EmailChanged { .. } => stored.farewells = last_with(&stored.farewells, id),
                _ => {}
            }
        }
        stored
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

    /// Returns the registrations of an account, in the order in which they joined it; omits those that can't be decoded.
    /// Costs 1 RRU each; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn household(&self, account: &Account) -> Result<Vec<Registration>, Error> {
        let found = self.registrations_of(&account.registrations).await?;
        let mut household: Vec<_> = found.into_iter().map(|found| found.registration).collect();
        // One that has left is not shown, should the account still list it.
        household.retain(|member| member.person.email == account.email);
        household.sort_by_key(|member| account.registrations.iter().position(|id| *id == member.id));
        Ok(household)
    }

    /// Creates a registration in its account, and stores the idempotency key, all or nothing. An e-mail address has one
    /// account because a new account's item is put only if absent (requirements RE5).
    ///
    /// Costs 8 WRU; 1 more with a card number, 2 more with a provisional password, 2 more with an idempotency key.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that the registration's id exists already.
    pub async fn create(
        &self,
        registration: &Registration,
        holder: &Holder,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation, Error> {
        let made = RegistrationItem::new(Versioned::made(registration.clone()));
        let mut transaction = self.transaction().hold(registration, holder)?.put(
            Write::Registration,
            made.into_attributes()?,
            Condition::absent(),
        )?;
        if let Some(key) = key {
            let joined = matches!(holder, Holder::Existing { .. });
            let record = idempotency::record(key, registration, joined)?;
            let unused = idempotency::unused(key.erased.as_ref(), registration.created_at);
            transaction = transaction.put(Write::IdempotencyKey, record, unused)?;
        }
        match transaction.commit().await {
            Ok(()) => Ok(Creation::Done),
            Err(Error::Lost(Write::Account)) => Ok(Creation::AccountChanged),
            Err(Error::Lost(Write::IdempotencyKey)) => Ok(Creation::KeyTaken),
            Err(error) => Err(error),
        }
    }

    /// Commits a change with its history line and its messages, if the record and the accounts that hold it are still
    /// those that the decision was made on. A registration that moves leaves the password behind; the links of the
    /// account that it leaves end.
    ///
    /// Costs 8 WRU, and 1 for each index entry whose key changes: an activation moves four. A message adds 3 WRU, a
    /// changed name 2, a changed address 4 to 8.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn save(&self, change: Change<'_>) -> Result<Saved, Error> {
        let stored = change.stored();
        let Change { before, after, line, messages, holding } = change;
        let mut transaction = self.transaction().change(before, stored.clone(), &line)?;
        for NewMessage { id, message } in &messages {
            transaction =
                transaction.put(Write::Message, outbox::queued(id, message, line.at)?, Condition::absent())?;
        }
        transaction = match holding {
            Holding::Same => transaction,
            Holding::Renamed(account) => transaction.change_members(Write::Account, &account, &account.account)?,
            Holding::Moved { from, left: Some(left), to } => transaction.hold(&after, &to)?.leave(&from, &left)?,
            Holding::Moved { from, left: None, to } => {
                transaction.hold(&after, &to)?.end_account(Write::OldAccount, &from)?
            }
        };
        Ok(if transaction.won().await? { Saved::Done(stored) } else { Saved::Stale })
    }
}

impl Transaction<'_> {
    /// Adds the change of a registration to its next version, with its history line.
    pub(crate) fn change(self, before: &Versioned, after: Versioned, line: &Line) -> Result<Self, Error> {
        let line = history::line(&before.registration, &after.registration, after.version, line)?;
        let item = RegistrationItem::new(after).into_attributes()?;
        self.put(Write::Registration, item, unchanged(before))?.put(Write::HistoryLine, line, Condition::absent())
    }

    /// Adds a registration to its account.
    fn hold(self, registration: &Registration, holder: &Holder) -> Result<Self, Error> {
        match holder {
            Holder::New { credentials, generation } => {
                let account = Account::of_patron(registration.person.email.clone(), registration.id.clone());
                self.open_account(account, credentials.as_ref(), generation)
            }
            Holder::Existing { before, after } => self.change_members(Write::Account, before, after),
        }
    }

    /// Adds the departure of a registration from an account that goes on. Its links end, because the
    /// person who left may have received them.
    fn leave(self, from: &StoredAccount, left: &Account) -> Result<Self, Error> {
        let registrations = serde_dynamo::to_attribute_value(&left.registrations)?;
        let unchanged = from.unchanged([(":registrations", registrations)]);
        let expression = "SET registrations = :registrations, revision = :next REMOVE linkDigest, resetMail";
        self.update(Write::OldAccount, keys::account(&from.account.email), expression, unchanged)
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
