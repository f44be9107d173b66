//! The list "Mes abonnés ressources numériques" (rules, section 5): pages in one order over many partitions.
//!
//! A list is read from groups of partitions, one group after the other. The partitions of a group are merged by sort
//! key:
//!
//! | Scope, order | Groups | Partitions of a group |
//! |---|---|---|
//! | libraries, either | one | two halves of each library |
//! | county, by name | one per letter | two halves of the letter |
//! | county, newest first | one | two halves of each shard |
//!
//! Sort keys end in the registration's id and so are unique in the whole list. A cursor therefore holds one sort key,
//! not a position in each partition.
//!
//! **Changes during a reading** (requirements RE13). A registration that is activated, renewed or moved to another
//! library keeps its sort key, so that it is on one page of a list. If it was there all the time, it is listed once; see
//! `merge` for the two halves. The limits: the list by name may miss or repeat a registration whose name changes
//! between two pages; a page of several libraries may miss one that moves between two of them while it is read.

mod key_range;
mod merge;

use domain::{LibraryId, Registration, Status, collation, search::Query};
use jiff::civil::Date;

use key_range::KeyRange;
use merge::{Merge, Partition};

use crate::{
    Error, Store,
    index::IndexQuery,
    item::{RegistrationItem, key_of},
    keys::{self, Half, Index},
};

/// Highest number of rows read for one page. If a filter keeps few of them, the page is short and has a `next`.
const ROWS_A_PAGE: usize = 5_000;
/// Most rows that are asked for at once while a filter drops rows.
const ROWS_A_PIECE: usize = 500;
/// Rows after a full page in which another row that the filter keeps is looked for. The reading costs as much as that of
/// one row. If there is none among them, the page has a `next`, which may lead to an empty page.
const LOOK_AHEAD: usize = 8;

/// Which libraries' registrations a list contains.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Those of these libraries.
    Libraries(&'a [LibraryId]),
    /// Those of all libraries.
    County,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Last name, then first name, A→Z.
    Name,
    /// Registration date, newest first.
    Newest,
}

/// Which registrations of its scope a list contains.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The date for which statuses are derived.
    pub today: Date,
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those pending for more than 7 days.
    pub overdue: bool,
    /// Only those with words that begin like the query's. For libraries.
    pub query: Option<Query>,
    /// Only those whose last name begins with this folded text. For the county.
    pub last_name: Option<String>,
}

impl Filter {
    /// Returns whether the filter keeps a registration.
    pub fn keeps(&self, registration: &Registration) -> bool {
        self.status.is_none_or(|status| status == registration.status(self.today))
            && (!self.overdue || registration.is_overdue(self.today))
            && self.query.as_ref().is_none_or(|query| query.finds(&registration.person))
            && self
                .last_name
                .as_ref()
                .is_none_or(|start| collation::fold(registration.person.last_name.as_str()).starts_with(start.as_str()))
    }

    /// Returns the halves that can hold rows that the filter keeps.
    fn halves(&self) -> &'static [Half] {
        match self.status {
            _ if self.overdue => &[Half::Pending],
            Some(Status::Pending) => &[Half::Pending],
            Some(Status::Active | Status::Expired) => &[Half::Decided],
            None => &Half::ALL,
        }
    }
}

/// The progress of a page.
#[derive(Debug)]
struct Progress {
    limit: usize,
    /// Rows read, and how many of them the filter keeps.
    rows: usize,
    kept: usize,
    /// Rows read since the page is full.
    beyond: usize,
    /// The sort key of the last row that the next page need not read.
    last_seen: Option<String>,
}

impl Progress {
    fn is_full(&self) -> bool {
        self.kept == self.limit
    }

    fn is_over(&self) -> bool {
        self.rows == ROWS_A_PAGE || self.beyond == LOOK_AHEAD
    }

    /// Returns the number of rows that the page still needs. Without a filter, it is one more than the page takes,
    /// because only that row shows whether there is a next page.
    ///
    /// If the filter drops rows, the number follows from the share that it has kept so far: three quarters of the rows
    /// that probably hold the rest, so that few rows are read beyond the last one, and twice the rows read so far at
    /// most.
    fn wanted(&self) -> usize {
        let missing = self.limit - self.kept;
        if missing == 0 {
            LOOK_AHEAD - self.beyond
        } else if self.rows == self.kept {
            missing + 1
        } else {
            let likely = (missing * (self.rows + 1) * 3).div_ceil((self.kept + 1) * 4);
            likely.min(self.rows).min(ROWS_A_PIECE)
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rows.
    pub items: Vec<Registration>,
    /// The sort key after which the next page begins; `None` on the last page.
    pub next: Option<String>,
}

impl Store {
    /// Returns a page of up to `limit` registrations, from after the `next` of an earlier page.
    ///
    /// A page of 50 without a filter costs 3½ to 4 RRU, whatever the size of the county. A filtered page costs ½ RRU for
    /// every nine rows between its first and its last; the limit of 5,000 rows, some 280 RRU. Rows that can't be decoded
    /// are left out. Eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn list(
        &self,
        scope: Scope<'_>,
        order: Order,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page, Error> {
        let mut items = Vec::with_capacity(limit);
        let mut progress = Progress { limit, rows: 0, kept: 0, beyond: 0, last_seen: None };
        for partitions in groups(scope, order, filter, after) {
            let mut merge = Merge::new(self, index(scope, order), order, partitions);
            while let Some(row) = merge.next(progress.wanted()).await? {
                let kept = filter.keeps(&row.entry.registration);
                if kept && progress.is_full() {
                    return Ok(Page { items, next: progress.last_seen });
                }
                progress.rows += 1;
                progress.beyond += usize::from(progress.is_full());
                // It also moves past rows that the filter drops, so the next page does not read them again.
                progress.last_seen = Some(sort_key(&row, order).to_owned());
                if kept {
                    progress.kept += 1;
                    items.push(row.entry.registration);
                }
                if progress.is_over() {
                    return Ok(Page { items, next: progress.last_seen });
                }
            }
        }
        Ok(Page { items, next: None })
    }

    /// Returns the registrations with a library card number, compared folded. Costs ½ RRU, and 1 RRU for each of them.
    /// Eventually consistent: the index may lack a new card number. It may still have an old one, so each record is
    /// compared again.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn by_card_number(&self, typed: &str) -> Result<Vec<Registration>, Error> {
        let Some(partition) = keys::card_key(typed) else { return Ok(Vec::new()) };
        let query = IndexQuery { index: keys::CARD_NUMBER, partition: &partition, between: None, filter: None };
        let found = self.index_rows(query).await?;
        // The index has keys only; the records are read from the table.
        let items = self.batch_get(found.iter().filter_map(key_of).collect()).await?;
        let card = collation::fold(typed);
        let has_it = |registration: &Registration| {
            registration.person.card_number.as_ref().is_some_and(|number| collation::fold(number.as_str()) == card)
        };
        Ok(self.readable_registrations(items).map(|item| item.entry.registration).filter(has_it).collect())
    }
}

/// Returns the partitions to read, group by group. Groups that end before `after` are omitted.
fn groups(scope: Scope<'_>, order: Order, filter: &Filter, after: Option<&str>) -> Vec<Vec<Partition>> {
    let whole = KeyRange::new(order, filter, after);
    let group = |keys: &dyn Fn(Half) -> Vec<String>| -> Vec<Partition> {
        let by_half = filter.halves().iter().flat_map(|&half| keys(half).into_iter().map(move |key| (half, key)));
        by_half.map(|(half, key)| Partition::new(half, key, whole.clone())).collect()
    };
    match (scope, order) {
        (Scope::Libraries(libraries), _) => {
            vec![group(&|half| libraries.iter().map(|library| keys::library_half(library, half)).collect())]
        }
        (Scope::County, Order::Newest) => {
            vec![group(&|half| (0..keys::SHARDS).map(|shard| keys::shard_half(shard, half)).collect())]
        }
        (Scope::County, Order::Name) => {
            let from = after.map(collation::letter);
            let only = filter.last_name.as_deref().map(collation::letter);
            let place = |letter: char| collation::LETTERS.find(letter);
            collation::LETTERS
                .chars()
                .filter(|&letter| only.is_none_or(|only| only == letter))
                .filter(|&letter| from.is_none_or(|from| place(from) <= place(letter)))
                .map(|letter| group(&|half| vec![keys::letter_half(letter, half)]))
                .collect()
        }
    }
}

fn index(scope: Scope<'_>, order: Order) -> Index {
    match (scope, order) {
        (Scope::Libraries(_), Order::Name) => keys::LIBRARY_NAME,
        (Scope::Libraries(_), Order::Newest) => keys::LIBRARY_DATE,
        (Scope::County, Order::Name) => keys::COUNTY_NAME,
        (Scope::County, Order::Newest) => keys::COUNTY_DATE,
    }
}

fn sort_key(row: &RegistrationItem, order: Order) -> &str {
    match order {
        Order::Name => &row.name_key,
        Order::Newest => &row.date_key,
    }
}
