//! Merges several partitions of an index by sort key. Each is read in pieces, only as far as the page needs.
//!
//! Nearly all rows of a page are in one half: by name in the decided one, newest first in the pending one. The
//! partitions of that half are read first. Only rows that sort before their last row can be on the page, so the other
//! half is read up to that row: a row that is not shown is seldom paid for.
//!
//! ```text
//!  decided  a c d f g h …    read first: as many rows as the page wants
//!  pending  b | i k …        read second: only up to the last row wanted
//!  page     a b c d f        the smallest front row each time
//! ```

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

/// Rows read in each of several partitions beyond its even share of a page. Rows are spread by chance; with a reserve,
/// a partition that has more than its share seldom needs a second read.
const READ_AHEAD: usize = 5;

/// A partition, read in pieces.
#[derive(Debug)]
pub(super) struct Partition {
    half: Half,
    key: String,
    rows: VecDeque<RegistrationItem>,
    /// The key range that is not read yet.
    left: Option<KeyRange>,
}

impl Partition {
    pub(super) fn new(half: Half, key: String, whole: KeyRange) -> Self {
        Self { half, key, rows: VecDeque::new(), left: Some(whole) }
    }

    /// Returns whether the partition's next row is not read yet and may sort before `key`. `None` sorts last.
    fn may_come_before(&self, key: Option<&str>) -> bool {
        let left = self.left.as_ref().filter(|_| self.rows.is_empty());
        left.is_some_and(|left| key.is_none_or(|key| left.begins_before(key)))
    }
}

/// Several partitions, merged.
#[derive(Debug)]
pub(super) struct Merge<'a> {
    pub(super) store: &'a Store,
    pub(super) index: Index,
    pub(super) order: Order,
    /// Those of the half with most rows of a page come first.
    pub(super) partitions: Vec<Partition>,
}

impl Merge<'_> {
    /// Returns the next row. `wanted` is the number of rows that the caller still expects to take; reads are sized by
    /// it.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
        // A front row is the next one only if no unread row can sort before it.
        while let Some(half) = self.first_unknown() {
            self.refill(half, wanted).await?;
        }
        let order = self.order;
        let rows = self.partitions.iter_mut().map(|partition| &mut partition.rows).filter(|rows| !rows.is_empty());
        Ok(rows.min_by(|a, b| compare(a.front(), b.front(), order)).and_then(VecDeque::pop_front))
    }

    /// Returns the first half that may have the next row among its unread ones.
    fn first_unknown(&self) -> Option<Half> {
        let known = self.partitions.iter().filter_map(|partition| partition.rows.front());
        let next = known.min_by(|a, b| compare(Some(a), Some(b), self.order)).map(|row| sort_key(row, self.order));
        self.partitions.iter().find(|partition| partition.may_come_before(next)).map(|partition| partition.half)
    }

    /// Reads concurrently in all partitions of a half whose rows are used up and whose unread rows the page may need.
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

    /// Returns the sort key of the last row that the page can need, if enough rows are read to know it.
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
        // Where the limit cut this part off, the rest begins after the last row. Otherwise `later` remains.
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
