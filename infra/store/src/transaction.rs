//! Several writes that happen together or not at all.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update},
};

use domain::{Registration, history::Line};

use crate::{Attributes, Error, Store, Versioned, history, item::RegistrationItem, keys::Key, number, text};

/// Tries of a transaction that meets another one on the same item.
const TRIES: u32 = 5;

/// Writes to commit together, in the order added; [`Error::Lost`] names one by its position.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    store: &'a Store,
    writes: Vec<TransactWriteItem>,
}

/// What must hold of an item for a write to happen, and the values that the expressions speak of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    expression: Option<String>,
    /// Names written `#like` this in an expression, since `DynamoDB` reserves the bare word.
    names: Option<HashMap<String, String>>,
    values: Option<Attributes>,
}

impl Condition {
    /// A condition over values named `:like` this.
    pub(crate) fn new(expression: &str, values: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Self {
        let values: Attributes = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self {
            expression: Some(expression.to_owned()),
            names: names(expression),
            values: Some(values).filter(|values| !values.is_empty()),
        }
    }

    /// The item is not there yet.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(pk)", [])
    }

    /// The registration is still the version that a decision was made on.
    pub(crate) fn version(version: u64) -> Self {
        Self::new("entry.version = :version", [(":version", number(version))])
    }

    /// The same, and nothing was noted of the patron's address since: that makes no version.
    pub(crate) fn unchanged(before: &Versioned) -> Self {
        let version = (":version", number(before.version));
        match before.registration.mail_state {
            None => Self::new("entry.version = :version AND attribute_not_exists(entry.mailState)", [version]),
            Some(state) => Self::new(
                "entry.version = :version AND entry.mailState = :state",
                [version, (":state", text(state.name()))],
            ),
        }
    }

    /// The item is there.
    pub(crate) fn present() -> Self {
        Self::new("attribute_exists(pk)", [])
    }
}

impl Store {
    /// Begins a transaction.
    pub(crate) fn transaction(&self) -> Transaction<'_> {
        Transaction { store: self, writes: Vec::new() }
    }
}

impl Transaction<'_> {
    pub(crate) fn put(mut self, item: Attributes, when: Condition) -> Result<Self, Error> {
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        self.writes.push(TransactWriteItem::builder().put(put.map_err(incomplete)?).build());
        Ok(self)
    }

    pub(crate) fn update(mut self, key: Key, expression: &str, when: Condition) -> Result<Self, Error> {
        let update = Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .update_expression(expression)
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(merged(when.names, names(expression)))
            .set_expression_attribute_values(when.values)
            .build();
        self.writes.push(TransactWriteItem::builder().update(update.map_err(incomplete)?).build());
        Ok(self)
    }

    pub(crate) fn delete(mut self, key: Key, when: Condition) -> Result<Self, Error> {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        self.writes.push(TransactWriteItem::builder().delete(delete.map_err(incomplete)?).build());
        Ok(self)
    }

    pub(crate) fn check(mut self, key: Key, when: Condition) -> Result<Self, Error> {
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.into_attributes()))
            .set_condition_expression(when.expression)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .build();
        self.writes.push(TransactWriteItem::builder().condition_check(check.map_err(incomplete)?).build());
        Ok(self)
    }

    /// Commits unless a condition is lost; whether it did.
    pub(crate) async fn won(self) -> Result<bool, Error> {
        match self.commit().await {
            Ok(()) => Ok(true),
            Err(Error::Lost(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Adds the change of a registration from one version to the next, with the line of its history.
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
        self.put(item, Condition::unchanged(before))?.put(line, Condition::absent())
    }

    /// Commits. The SDK gives the call a token of its own, so that a repeat of one that got through is not done twice;
    /// a meeting with another transaction is tried again here.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let mut tried = 0;
        loop {
            let call = self.store.client.transact_write_items().set_transact_items(Some(self.writes.clone()));
            match call.send().await.map_err(Error::from_transaction) {
                Ok(_) => return Ok(()),
                Err(Error::Busy) if tried + 1 < TRIES => {
                    tried += 1;
                    tracing::debug!(tried, "met another transaction");
                    pause(tried).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// The names that an expression writes with a `#`.
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

#[expect(clippy::disallowed_methods, reason = "backing off from another transaction is a wait in itself")]
async fn pause(tried: u32) {
    tokio::time::sleep(Duration::from_millis(20 << tried)).await;
}

/// The SDK's builders want a table name and a key or item; all are given above.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn incomplete(error: BuildError) -> Error {
    Error::Refused(error.to_string())
}
