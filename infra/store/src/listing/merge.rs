//! Several partitions of an index as one, by sort key: each is read in pieces, as far as it is wanted.

use std::{cmp::Ordering, collections::VecDeque};

use futures_util::future::try_join_all;

use super::{Filter, Order, sort_key};
use crate::{Attributes, Error, Store, item::RegistrationItem, keys::Index, text};

/// Rows read in each partition beyond its even share of a page, so that an uneven one seldom needs a second read.
const READ_AHEAD: usize = 5;

/// Where in its partitions a list begins, as the condition on the sort key and its values.
pub(super) fn bounds(order: Order, filter: &Filter, after: Option<&str>) -> (&'static str, Attributes) {
    match (order, after) {
        (Order::Name, after) => {
            let prefix = filter.last_name.as_deref().unwrap_or_default();
            // The first text after a text is that text and a NUL; the empty text is no key.
            let from = match after {
                Some(after) => format!("{after}\0"),
                None if prefix.is_empty() => " ".to_owned(),
                None => prefix.to_owned(),
            };
            let values = [(":from".to_owned(), text(from)), (":upto".to_owned(), text(format!("{prefix}\u{10ffff}")))];
            ("BETWEEN :from AND :upto", values.into())
        }
        (Order::Newest, Some(after)) => ("< :after", [(":after".to_owned(), text(after))].into()),
        (Order::Newest, None) => ("", Attributes::new()),
    }
}

/// One partition, read in pieces.
#[derive(Debug)]
pub(super) struct Source {
    partition: String,
    rows: VecDeque<RegistrationItem>,
    resume: Option<Attributes>,
    exhausted: bool,
}

/// Several partitions as one.
#[derive(Debug)]
pub(super) struct Merge<'a> {
    pub(super) store: &'a Store,
    pub(super) index: Index,
    pub(super) order: Order,
    pub(super) bounds: (&'static str, Attributes),
    pub(super) sources: Vec<Source>,
}

impl Merge<'_> {
    /// The next row of all; `wanted` is how many more the caller expects to take, and sizes what is read ahead.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
        let waiting = self.sources.iter().filter(|source| source.rows.is_empty() && !source.exhausted).count();
        if waiting > 0 {
            self.refill(wanted / self.sources.len() + READ_AHEAD).await?;
        }
        let order = self.order;
        let first = self
            .sources
            .iter_mut()
            .filter(|source| !source.rows.is_empty())
            .min_by(|a, b| compare(a.rows.front(), b.rows.front(), order));
        Ok(first.and_then(|source| source.rows.pop_front()))
    }

    /// Reads on in every partition that has run dry, all at the same time.
    async fn refill(&mut self, rows: usize) -> Result<(), Error> {
        let (store, index, order, bounds) = (self.store, self.index, self.order, &self.bounds);
        let dry = self.sources.iter_mut().filter(|source| source.rows.is_empty() && !source.exhausted);
        try_join_all(dry.map(|source| async move {
            while source.rows.is_empty() && !source.exhausted {
                source.read(store, index, order, bounds, rows).await?;
            }
            Ok::<(), Error>(())
        }))
        .await?;
        Ok(())
    }
}

impl Source {
    pub(super) fn new(partition: String) -> Self {
        Self { partition, rows: VecDeque::new(), resume: None, exhausted: false }
    }

    async fn read(
        &mut self,
        store: &Store,
        index: Index,
        order: Order,
        (condition, values): &(&'static str, Attributes),
        rows: usize,
    ) -> Result<(), Error> {
        let mut expression = format!("{} = :partition", index.partition);
        if let (false, Some(sort)) = (condition.is_empty(), index.sort) {
            expression = format!("{expression} AND {sort} {condition}");
        }
        let answer = store
            .client
            .query()
            .table_name(&store.table)
            .index_name(index.name)
            .key_condition_expression(expression)
            .set_expression_attribute_values(Some(values.clone()))
            .expression_attribute_values(":partition", text(&self.partition))
            .scan_index_forward(order == Order::Name)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .set_exclusive_start_key(self.resume.take())
            .send()
            .await
            .map_err(Error::from_sdk)?;
        for item in answer.items.unwrap_or_default() {
            self.rows.push_back(RegistrationItem::read(item)?);
        }
        self.resume = answer.last_evaluated_key;
        self.exhausted = self.resume.is_none();
        Ok(())
    }
}

fn compare(a: Option<&RegistrationItem>, b: Option<&RegistrationItem>, order: Order) -> Ordering {
    let by_key = a.map(|row| sort_key(row, order)).cmp(&b.map(|row| sort_key(row, order)));
    if order == Order::Name { by_key } else { by_key.reverse() }
}
