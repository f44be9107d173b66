//! Several partitions of an index as one, by sort key: each is read in pieces, as far as it is wanted and no further.
//!
//! A page of fifty rows lies in one tray nearly whole: the settled one by name, the pending one where the newest come
//! first. That tray is read first. Of the others only what sorts before its last row can be on the page, so they are read
//! up to there: a row that is not shown is seldom paid for.

use std::{cmp::Ordering, collections::VecDeque};

use futures_util::future::try_join_all;

use super::{Order, sort_key};
use crate::{Attributes, Error, Store, item::RegistrationItem, keys::Index, listing::stretch::Stretch, text};

/// Rows read in each of several partitions beyond its even share of a page, so that an uneven one seldom needs a second
/// read.
const READ_AHEAD: usize = 5;

/// One partition, read in pieces.
#[derive(Debug)]
pub(super) struct Source {
    partition: String,
    rows: VecDeque<RegistrationItem>,
    /// What has not been read yet.
    left: Option<Stretch>,
}

impl Source {
    pub(super) fn new(partition: String, whole: Stretch) -> Self {
        Self { partition, rows: VecDeque::new(), left: Some(whole) }
    }

    /// Whether its next row may come before `key`, and is not known.
    fn may_come_before(&self, key: Option<&str>) -> bool {
        let left = self.left.as_ref().filter(|_| self.rows.is_empty());
        left.is_some_and(|left| key.is_none_or(|key| left.begins_before(key)))
    }
}

/// Several partitions as one.
#[derive(Debug)]
pub(super) struct Merge<'a> {
    pub(super) store: &'a Store,
    pub(super) index: Index,
    pub(super) order: Order,
    /// By tray; the tray that a page lies in first.
    pub(super) trays: Vec<Vec<Source>>,
}

impl Merge<'_> {
    /// The next row of all; `wanted` is how many more the caller expects to take, and sizes what is read ahead.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
        while let Some(tray) = self.first_unknown() {
            self.refill(tray, wanted).await?;
        }
        let order = self.order;
        let rows = self.trays.iter_mut().flatten().map(|source| &mut source.rows).filter(|rows| !rows.is_empty());
        Ok(rows.min_by(|a, b| compare(a.front(), b.front(), order)).and_then(VecDeque::pop_front))
    }

    /// The first tray of which a row that is not read yet may be the next of all.
    fn first_unknown(&self) -> Option<usize> {
        let known = self.trays.iter().flatten().filter_map(|source| source.rows.front());
        let next = known.min_by(|a, b| compare(Some(a), Some(b), self.order)).map(|row| sort_key(row, self.order));
        self.trays.iter().position(|tray| tray.iter().any(|source| source.may_come_before(next)))
    }

    /// Reads on in every partition of a tray that has run dry and is wanted, all at the same time.
    async fn refill(&mut self, tray: usize, wanted: usize) -> Result<(), Error> {
        let upto = self.last_wanted(wanted);
        let (store, index, order) = (self.store, self.index, self.order);
        let Some(sources) = self.trays.get_mut(tray) else { return Ok(()) };
        let rows = if sources.len() == 1 { wanted } else { wanted / sources.len() + READ_AHEAD };
        let dry = sources.iter_mut().filter(|source| source.may_come_before(upto.as_deref()));
        try_join_all(dry.map(|source| source.read(store, index, order, upto.as_deref(), rows))).await?;
        Ok(())
    }

    /// The place of the last row that can be wanted, if that many are known.
    fn last_wanted(&self, wanted: usize) -> Option<String> {
        let mut known: Vec<&RegistrationItem> = self.trays.iter().flatten().flat_map(|source| &source.rows).collect();
        known.sort_by(|a, b| compare(Some(a), Some(b), self.order));
        known.get(wanted.checked_sub(1)?).map(|row| sort_key(row, self.order).to_owned())
    }
}

impl Source {
    async fn read(
        &mut self,
        store: &Store,
        index: Index,
        order: Order,
        upto: Option<&str>,
        rows: usize,
    ) -> Result<(), Error> {
        let (Some(left), Some(sort)) = (self.left.take(), index.sort) else { return Ok(()) };
        let (now, later) = left.split(upto);
        let answer = store
            .client
            .query()
            .table_name(&store.table)
            .index_name(index.name)
            .key_condition_expression(format!("{} = :partition AND {sort} BETWEEN :from AND :upto", index.partition))
            .set_expression_attribute_values(Some(values(&self.partition, &now)))
            .scan_index_forward(order == Order::Name)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(Error::from_sdk)?;
        for item in answer.items.unwrap_or_default() {
            self.rows.push_back(RegistrationItem::read(item)?);
        }
        self.left = match (answer.last_evaluated_key, self.rows.back()) {
            (Some(_), Some(last)) => Some(left.after(sort_key(last, order))),
            _ => later,
        };
        Ok(())
    }
}

fn values(partition: &str, stretch: &Stretch) -> Attributes {
    let (from, upto) = stretch.bounds();
    [(":partition", partition), (":from", from), (":upto", upto)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

fn compare(a: Option<&RegistrationItem>, b: Option<&RegistrationItem>, order: Order) -> Ordering {
    let by_key = a.map(|row| sort_key(row, order)).cmp(&b.map(|row| sort_key(row, order)));
    if order == Order::Name { by_key } else { by_key.reverse() }
}
