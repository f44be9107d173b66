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

mod key_range;
mod merge;

use domain::{LibraryId, Registration, Status, collation, search::Query};
use jiff::civil::Date;

use key_range::KeyRange;
use merge::{Merge, Partition};

use crate::{
    Error, Store,
    item::{RegistrationItem, key_of},
    keys::{self, Half, Index},
    text,
};

/// Highest number of rows read for one page. If a filter keeps few of them, the page is short and has a `next`.
const ROWS_A_PAGE: usize = 5_000;

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

    /// Returns the halves that can hold rows that the filter keeps; first the half with most rows of a usual page.
    fn halves(&self, order: Order) -> &'static [Half] {
        match self.status {
            _ if self.overdue => &[Half::Pending],
            Some(Status::Pending) => &[Half::Pending],
            Some(Status::Active | Status::Expired) => &[Half::Decided],
            None if order == Order::Newest => &[Half::Pending, Half::Decided],
            None => &[Half::Decided, Half::Pending],
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
    /// A page of 50 without a filter costs 3½ RRU, whatever the size of the county; the limit of 5,000 rows, some 280
    /// RRU. Eventually consistent: a registration whose name changes between two pages may be on both or on none.
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
        let mut page = Page { items: Vec::with_capacity(limit), next: None };
        let mut last_seen = None;
        let mut rows = 0;
        for partitions in groups(scope, order, filter, after) {
            let mut merge = Merge { store: self, index: index(scope, order), order, partitions };
            // One row more than the page takes: only it shows whether there is a next page.
            while let Some(row) = merge.next(limit + 1 - page.items.len()).await? {
                if rows == ROWS_A_PAGE {
                    page.next = last_seen;
                    return Ok(page);
                }
                rows += 1;
                let kept = filter.keeps(&row.entry.registration);
                // `last_seen` also moves past rows that the filter drops, so the next page does not read them again.
                if page.items.len() < limit {
                    last_seen = Some(sort_key(&row, order).to_owned());
                    page.items.extend(kept.then_some(row.entry.registration));
                } else if kept {
                    page.next = last_seen;
                    return Ok(page);
                }
            }
        }
        Ok(page)
    }

    /// Returns the registrations with a library card number, compared folded. Costs ½ RRU, and 1 RRU for each of them.
    /// Eventually consistent: the index may lack a new card number.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn by_card_number(&self, typed: &str) -> Result<Vec<Registration>, Error> {
        let card = collation::fold(typed);
        if card.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::CARD_NUMBER.name)
            .key_condition_expression("cardKey = :card")
            .expression_attribute_values(":card", text(card))
            .send()
            .await
            .map_err(Error::from_sdk)?;
        let found = answer.items.unwrap_or_default();
        // The index has keys only; the records are read from the table.
        let items = self.batch_get(found.iter().filter_map(key_of).collect()).await?;
        items
            .into_iter()
            .map(|item| RegistrationItem::from_attributes(item).map(|item| item.entry.registration))
            .collect()
    }
}

/// Returns the partitions to read, group by group. In a group, those of the half with most rows of a page come first.
/// Groups that end before `after` are omitted.
fn groups(scope: Scope<'_>, order: Order, filter: &Filter, after: Option<&str>) -> Vec<Vec<Partition>> {
    let whole = KeyRange::new(order, filter, after);
    let group = |keys: &dyn Fn(Half) -> Vec<String>| -> Vec<Partition> {
        let by_half = filter.halves(order).iter().flat_map(|&half| keys(half).into_iter().map(move |key| (half, key)));
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
