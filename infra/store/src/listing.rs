//! The list: "Mes abonnés ressources numériques", page by page, in one order over many partitions.
//!
//! A list is read from groups of partitions, one group after the other; the partitions of a group are merged by sort key.
//! Libraries are one group of two partitions each (pending and decided); the county is one group per letter, or one group
//! of all shards when it is read by date. Sort keys end in the registration's id, so one sort key is a place in the whole
//! list, whatever its partitions: that is all a cursor holds.

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

/// Rows read for one page at the most, when a filter lets few of them through: then the page is short, and goes on.
const ROWS_A_PAGE: usize = 5_000;

/// Whose registrations.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Of these libraries.
    Libraries(&'a [LibraryId]),
    /// Of all.
    County,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Last name, then first name, A→Z.
    Name,
    /// Registration date, newest first.
    Newest,
}

/// Which of them.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The date by which statuses are told.
    pub today: Date,
    /// One status only.
    pub status: Option<Status>,
    /// Pending for more than 7 days only.
    pub overdue: bool,
    /// What was typed, within libraries: the start of any word.
    pub query: Option<Query>,
    /// What was typed, in the whole county: the start of the last name, folded.
    pub last_name: Option<String>,
}

impl Filter {
    /// Whether a registration is among them.
    pub fn keeps(&self, registration: &Registration) -> bool {
        self.status.is_none_or(|status| status == registration.status(self.today))
            && (!self.overdue || registration.is_overdue(self.today))
            && self.query.as_ref().is_none_or(|query| query.finds(&registration.person))
            && self
                .last_name
                .as_ref()
                .is_none_or(|start| collation::fold(registration.person.last_name.as_str()).starts_with(start.as_str()))
    }

    /// The halves that can hold what the filter keeps; first the one that holds most of a page.
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

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its rows.
    pub items: Vec<Registration>,
    /// The place to go on after; `None` on the last page.
    pub next: Option<String>,
}

impl Store {
    /// One page of up to `limit` registrations, after a place that an earlier page gave.
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
            while let Some(row) = merge.next(limit + 1 - page.items.len()).await? {
                if rows == ROWS_A_PAGE {
                    page.next = last_seen;
                    return Ok(page);
                }
                rows += 1;
                let kept = filter.keeps(&row.entry.registration);
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

    /// The registrations with a library card number, compared folded.
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
        let items = self.batch_get(found.iter().filter_map(key_of).collect()).await?;
        items
            .into_iter()
            .map(|item| RegistrationItem::from_attributes(item).map(|item| item.entry.registration))
            .collect()
    }
}

/// The partitions to read, group by group. Within a group, those of the half that holds most of a page come first. Groups
/// that end before `after` are left out.
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
