//! Merges several partitions of an index by sort key. Each is read in pieces, only as far as the page needs.
//!
//! Registrations move from the pending half to the decided one, under the same sort key. So the pending half is always
//! read first: no stretch of the decided half is read before the same stretch of the pending half. A registration that is
//! activated in between is in both and is returned once; none is in neither (requirements RE13).
//!
//! ```text
//!  pending  b . i . . . |        read first: a small piece, because by name few rows of a page are pending
//!  decided  a c d f g h |        read second: up to the last pending row that is known, as many as the page wants
//!  page     a b c d f            the smallest front row each time
//! ```

use std::{cmp::Ordering, collections::VecDeque};

use futures_util::future::try_join_all;

use super::{Order, sort_key};
use crate::{
    Error, Store,
    index::IndexQuery,
    item::{RegistrationItem, text_of},
    keys::{Half, Index},
    listing::key_range::KeyRange,
};

/// Rows that are read for one minimum charge, ½ RRU for 4 KB: no smaller piece is cheaper.
const LEAST: usize = 8;
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
    store: &'a Store,
    index: Index,
    order: Order,
    partitions: Vec<Partition>,
    /// Rows returned so far, and how many of them were pending.
    returned: usize,
    pending: usize,
}

impl<'a> Merge<'a> {
    pub(super) fn new(store: &'a Store, index: Index, order: Order, partitions: Vec<Partition>) -> Self {
        Self { store, index, order, partitions, returned: 0, pending: 0 }
    }

    /// Returns the next row. `wanted` is the number of rows that the caller still expects to take; reads are sized by
    /// it.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
        // A front row is the next one only if no unread row can sort before it.
        while let Some(half) = self.first_unknown() {
            self.refill(half, wanted).await?;
        }
        let Some(key) = self.front().map(|row| sort_key(row, self.order).to_owned()) else { return Ok(None) };
        // A registration that moved between two reads is at the front of two partitions.
        let (order, mut newest, mut pending) = (self.order, None::<RegistrationItem>, false);
        for partition in &mut self.partitions {
            if partition.rows.front().is_some_and(|row| sort_key(row, order) == key) {
                let row = partition.rows.pop_front();
                pending |= partition.half == Half::Pending;
                newest = newest.into_iter().chain(row).max_by_key(|row| row.entry.version);
            }
        }
        self.returned += 1;
        self.pending += usize::from(pending);
        Ok(newest)
    }

    /// Returns the front row that sorts first.
    fn front(&self) -> Option<&RegistrationItem> {
        let fronts = self.partitions.iter().filter_map(|partition| partition.rows.front());
        fronts.min_by(|a, b| compare(a, b, self.order))
    }

    /// Returns the first half that may have the next row among its unread ones.
    fn first_unknown(&self) -> Option<Half> {
        let next = self.front().map(|row| sort_key(row, self.order));
        let unknown = |half| self.of_half(half).any(|partition| partition.may_come_before(next));
        Half::ALL.into_iter().find(|&half| unknown(half))
    }

    fn of_half(&self, half: Half) -> impl Iterator<Item = &Partition> {
        self.partitions.iter().filter(move |partition| partition.half == half)
    }

    /// Reads concurrently in all partitions of a half whose rows are used up and whose unread rows the page may need.
    async fn refill(&mut self, half: Half, wanted: usize) -> Result<(), Error> {
        let mut upto = self.last_wanted(wanted);
        if half == Half::Decided {
            let pending = self.of_half(Half::Pending).filter_map(|partition| partition.left.as_ref());
            let unknown = pending.map(|left| left.start().to_owned());
            upto = upto.into_iter().chain(unknown).min_by(|a, b| in_order(a, b, self.order));
        }
        let rows = self.piece(half, wanted);
        let (store, index, order) = (self.store, self.index, self.order);
        let of_half = self.partitions.iter_mut().filter(|partition| partition.half == half);
        let dry = of_half.filter(|partition| partition.may_come_before(upto.as_deref()));
        try_join_all(dry.map(|partition| partition.read_on(store, index, order, upto.as_deref(), rows))).await?;
        Ok(())
    }

    /// Returns the number of rows to read in each partition of a half.
    fn piece(&self, half: Half, wanted: usize) -> usize {
        let partitions = self.of_half(half).count();
        let each = |rows: usize| if partitions <= 1 { rows } else { rows / partitions + READ_AHEAD };
        let merged_with_decided = half == Half::Pending && self.of_half(Half::Decided).next().is_some();
        let rows = match self.returned {
            _ if !merged_with_decided => each(wanted),
            0 if self.order == Order::Newest && partitions > 1 => each(wanted),
            0 => LEAST,
            // The share of pending rows so far, and a quarter more.
            returned => each(wanted * (self.pending + 1) * 5 / (returned * 4) + 1),
        };
        rows.min(each(wanted)).max(LEAST)
    }

    /// Returns the sort key of the last row that the page can need, if enough rows are read to know it.
    fn last_wanted(&self, wanted: usize) -> Option<String> {
        let mut known: Vec<&RegistrationItem> = self.partitions.iter().flat_map(|partition| &partition.rows).collect();
        known.sort_by(|a, b| compare(a, b, self.order));
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
        let query = IndexQuery { index, partition: &self.key, between: Some(now.bounds()), filter: None };
        let page = store.index_page(query, order == Order::Newest, rows).await?;
        self.rows.extend(store.readable_registrations(page.rows));
        // Where the limit cut this part off, the rest begins after the last row. Otherwise `later` remains.
        self.left = match page.last {
            Some(last) => text_of(&last, sort).map(|key| left.after(key)),
            None => later,
        };
        Ok(())
    }
}

fn compare(a: &RegistrationItem, b: &RegistrationItem, order: Order) -> Ordering {
    in_order(sort_key(a, order), sort_key(b, order), order)
}

fn in_order(a: &str, b: &str, order: Order) -> Ordering {
    if order == Order::Name { a.cmp(b) } else { b.cmp(a) }
}
