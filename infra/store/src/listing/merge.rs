//! Several partitions of an index as one, by sort key. Each is read in pieces, only as far as it is wanted.
//!
//! Nearly all of a page of fifty rows is in one half: the decided one by name, the pending one where the newest come first.
//! The partitions of that half are read first. Of the other half, only what sorts before their last row can be on the page,
//! so it is read up to there: a row that is not shown is seldom paid for.

use std::{cmp::Ordering, collections::VecDeque};

use futures_util::future::try_join_all;

use super::{Order, sort_key};
use crate::{
    Attributes, Error, Store,
    item::RegistrationItem,
    keys::{Half, Index},
    listing::key_range::KeyRange,
    text,
};

/// Rows read in each of several partitions beyond its even share of a page, so that an uneven one seldom needs a second
/// read.
const READ_AHEAD: usize = 5;

/// One partition, read in pieces.
#[derive(Debug)]
pub(super) struct Partition {
    half: Half,
    key: String,
    rows: VecDeque<RegistrationItem>,
    /// What has not been read yet.
    left: Option<KeyRange>,
}

impl Partition {
    pub(super) fn new(half: Half, key: String, whole: KeyRange) -> Self {
        Self { half, key, rows: VecDeque::new(), left: Some(whole) }
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
    /// First those of the half that holds most of a page.
    pub(super) partitions: Vec<Partition>,
}

impl Merge<'_> {
    /// The next row of all; `wanted` is how many more the caller expects to take, and sizes what is read ahead.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
        while let Some(half) = self.first_unknown() {
            self.refill(half, wanted).await?;
        }
        let order = self.order;
        let rows = self.partitions.iter_mut().map(|partition| &mut partition.rows).filter(|rows| !rows.is_empty());
        Ok(rows.min_by(|a, b| compare(a.front(), b.front(), order)).and_then(VecDeque::pop_front))
    }

    /// The first half of which a row that is not read yet may be the next of all.
    fn first_unknown(&self) -> Option<Half> {
        let known = self.partitions.iter().filter_map(|partition| partition.rows.front());
        let next = known.min_by(|a, b| compare(Some(a), Some(b), self.order)).map(|row| sort_key(row, self.order));
        self.partitions.iter().find(|partition| partition.may_come_before(next)).map(|partition| partition.half)
    }

    /// Reads on in every partition of a half that has no row left and is wanted, all at the same time.
    async fn refill(&mut self, half: Half, wanted: usize) -> Result<(), Error> {
        let upto = self.last_wanted(wanted);
        let (store, index, order) = (self.store, self.index, self.order);
        let of_half = self.partitions.iter().filter(|partition| partition.half == half).count();
        let rows = if of_half <= 1 { wanted } else { wanted / of_half + READ_AHEAD };
        let of_half = self.partitions.iter_mut().filter(|partition| partition.half == half);
        let dry = of_half.filter(|partition| partition.may_come_before(upto.as_deref()));
        try_join_all(dry.map(|partition| partition.read_on(store, index, order, upto.as_deref(), rows))).await?;
        Ok(())
    }

    /// The place of the last row that can be wanted, if that many are known.
    fn last_wanted(&self, wanted: usize) -> Option<String> {
        let mut known: Vec<&RegistrationItem> = self.partitions.iter().flat_map(|partition| &partition.rows).collect();
        known.sort_by(|a, b| compare(Some(a), Some(b), self.order));
        known.get(wanted.checked_sub(1)?).map(|row| sort_key(row, self.order).to_owned())
    }
}

impl Partition {
    async fn read_on(
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
            .set_expression_attribute_values(Some(values(&self.key, &now)))
            .scan_index_forward(order == Order::Name)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(Error::from_sdk)?;
        for item in answer.items.unwrap_or_default() {
            self.rows.push_back(RegistrationItem::from_attributes(item)?);
        }
        self.left = match (answer.last_evaluated_key, self.rows.back()) {
            (Some(_), Some(last)) => Some(left.after(sort_key(last, order))),
            _ => later,
        };
        Ok(())
    }
}

fn values(partition: &str, range: &KeyRange) -> Attributes {
    let (from, upto) = range.bounds();
    [(":partition", partition), (":from", from), (":upto", upto)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

fn compare(a: Option<&RegistrationItem>, b: Option<&RegistrationItem>, order: Order) -> Ordering {
    let by_key = a.map(|row| sort_key(row, order)).cmp(&b.map(|row| sort_key(row, order)));
    if order == Order::Name { by_key } else { by_key.reverse() }
}
