//! Several writes that are committed together or not at all.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata},
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update},
};

use runtime::{Backoff, Ids};

use crate::{Attributes, Error, Store, keys::Key};

/// Tries of a transaction that conflicts with another one on the same item, is throttled, or is still being executed.
const TRIES: u32 = 5;
/// The pause before another try of a transaction, or before unprocessed keys are read again. Even all pauses of a call
/// take less than 2 s (requirements RE8).
pub(crate) const BACKOFF: Backoff = Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(320) };

/// The name of a write in a transaction: its purpose. [`Error::Lost`] has that of the write whose condition failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// An account, under its new address if that changes.
    Account,
    /// The account under its old address.
    OldAccount,
    /// The password hash of an account.
    Secret,
    /// The second factor of an account.
    SecondFactor,
    /// A session of an account.
    Session,
    /// A reset link.
    Link,
    /// The count of sign-in tries of an address.
    Tries,
    /// The count of reset requests of an address.
    ResetRequests,
    /// A registration.
    Registration,
    /// A line of a registration's history.
    HistoryLine,
    /// The record of an idempotency key.
    IdempotencyKey,
    /// The trace of an export.
    Export,
    /// A library or a resource.
    CatalogEntry,
    /// A member of staff in the directory.
    StaffEntry,
    /// The check that another county account remains.
    OtherCounty,
    /// A message in the outbox.
    Message,
    /// A write without effect that costs as much as a real one (requirements PW7).
    Decoy,
}

/// Writes to commit together, in the order in which they were added. Several may have the same name.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    store: &'a Store,
    names: Vec<Write>,
    writes: Vec<TransactWriteItem>,
}

/// The condition of a write on its item, with the values that its expressions use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    expression: Option<String>,
    /// Attribute names written with a `#` in an expression, because `DynamoDB` reserves the bare word.
    names: Option<HashMap<String, String>>,
    values: Option<Attributes>,
}

impl Condition {
    /// A condition whose expression names its values with a colon, like `:version`.
    pub(crate) fn new(expression: &str, values: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Self {
        let values: Attributes = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self {
            expression: Some(expression.to_owned()),
            names: names(expression),
            values: Some(values).filter(|values| !values.is_empty()),
        }
    }

    /// Holds if the item does not exist.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(pk)", [])
    }

    /// Filters the items of a query by this condition.
    pub(crate) fn filtering(self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let query = query.set_filter_expression(self.expression);
        let query = self
            .names
            .into_iter()
            .flatten()
            .fold(query, |query, (key, name)| query.expression_attribute_names(key, name));
        self.values
            .into_iter()
            .flatten()
            .fold(query, |query, (key, value)| query.expression_attribute_values(key, value))
    }

    /// Holds if the item exists.
    pub(crate) fn present() -> Self {
        Self::new("attribute_exists(pk)", [])
    }
}

impl Store {
    /// Updates one item under a condition, without a transaction. Returns `false` if the condition does not hold. A
    /// retry of a call whose answer was lost applies the expression again. Costs 1 WRU.
    pub(crate) async fn update_if(&self, key: Key, expression: &str, when: Condition) -> Result<bool, Error> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key.into_attributes()));
        let update = update
            .update_expression(expression)
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(merged(when.names, names(expression)))
            .set_expression_attribute_values(when.values);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(Error::from_sdk(error)),
        }
    }

    /// Begins a transaction. Nothing is sent before [`Transaction::commit`].
    pub(crate) fn transaction(&self) -> Transaction<'_> {
        Transaction { store: self, names: Vec::new(), writes: Vec::new() }
    }
}

impl Transaction<'_> {
    pub(crate) fn put(self, write: Write, item: Attributes, when: Condition) -> Result<Self, Error> {
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        Ok(self.with(write, TransactWriteItem::builder().put(put.map_err(incomplete)?).build()))
    }

    pub(crate) fn update(self, write: Write, key: Key, expression: &str, when: Condition) -> Result<Self, Error> {
        let update = Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .update_expression(expression)
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(merged(when.names, names(expression)))
            .set_expression_attribute_values(when.values)
            .build();
        Ok(self.with(write, TransactWriteItem::builder().update(update.map_err(incomplete)?).build()))
    }

    pub(crate) fn delete(self, write: Write, key: Key, when: Condition) -> Result<Self, Error> {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        Ok(self.with(write, TransactWriteItem::builder().delete(delete.map_err(incomplete)?).build()))
    }

    pub(crate) fn check(self, write: Write, key: Key, when: Condition) -> Result<Self, Error> {
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        Ok(self.with(write, TransactWriteItem::builder().condition_check(check.map_err(incomplete)?).build()))
    }

    fn with(mut self, name: Write, write: TransactWriteItem) -> Self {
        self.names.push(name);
        self.writes.push(write);
        self
    }

    /// Commits. Returns `false` if a condition failed, whichever it was.
    pub(crate) async fn won(self) -> Result<bool, Error> {
        match self.commit().await {
            Ok(()) => Ok(true),
            Err(Error::Lost(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Commits all writes or none.
    ///
    /// The SDK retries a call whose answer was lost under the same client request token, so `DynamoDB` applies it once
    /// (requirements RE7). Its retries do not cover a canceled transaction: those are made here, each under a new token,
    /// which is safe because a canceled transaction wrote nothing. One that is still being executed keeps its token,
    /// because its outcome is not known.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        // Tests do not compare tokens, so these are random there as well.
        let (mut tried, mut token) = (1, Ids::System.id());
        loop {
            let call = self.store.client.transact_write_items().set_transact_items(Some(self.writes.clone()));
            let Err(error) = call.client_request_token(&token).send().await else { return Ok(()) };
            let in_progress = error.code() == Some("TransactionInProgressException");
            let error = Error::from_transaction(error, &self.names);
            let is_canceled = matches!(error, Error::Busy);
            if tried == TRIES || !(in_progress || is_canceled) {
                return Err(error);
            }
            if is_canceled {
                token = Ids::System.id();
            }
            tracing::debug!(tried, in_progress, "a transaction is tried again");
            BACKOFF.pause(&Ids::System, tried).await;
            tried += 1;
        }
    }
}

/// Returns the attribute names that an expression writes with a `#`, as `DynamoDB` wants them beside it.
fn names(expression: &str) -> Option<HashMap<String, String>> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    let names: HashMap<_, _> =
        words.filter_map(|word| word.strip_prefix('#').map(|name| (word.to_owned(), name.to_owned()))).collect();
    Some(names).filter(|names| !names.is_empty())
}

fn merged(a: Option<HashMap<String, String>>, b: Option<HashMap<String, String>>) -> Option<HashMap<String, String>> {
    let names: HashMap<_, _> = a.into_iter().chain(b).flatten().collect();
    Some(names).filter(|names| !names.is_empty())
}

/// Converts a builder's error. Builders fail without a table name, a key or an item, all of which are given above.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn incomplete(error: BuildError) -> Error {
    Error::Refused(error.to_string())
}
