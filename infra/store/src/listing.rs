//! The list: "Mes abonnés ressources numériques", page by page, in one order over many partitions.
//!
//! A list is read from *stages*, one after the other; a stage is a set of partitions that are merged by sort key. A
//! library has one stage of two partitions (its pending and its settled tray), the county one stage a letter, or one of
//! all shards when it is read by date. Sort keys end in the registration's id, so one sort key is a place in the whole
//! list, whatever its partitions: that is all a cursor holds.

use std::{cmp::Ordering, collections::VecDeque};

use domain::{LibraryId, Registration, Status, collation, search::Query};
use futures_util::future::try_join_all;
use jiff::civil::Date;

use crate::{
    Attributes, Error, Store,
    item::{RegistrationItem, key_of, read},
    keys::{self, Index, Tray},
    text,
};

/// Rows read for one page at the most, when a filter lets few of them through: then the page is short, and goes on.
const ROWS_A_PAGE: usize = 5_000;
/// Rows read in each partition beyond its even share of a page, so that an uneven one seldom needs a second read.
const READ_AHEAD: usize = 5;

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

    /// The trays that can hold what the filter keeps.
    fn trays(&self) -> &'static [Tray] {
        match self.status {
            _ if self.overdue => &[Tray::Pending],
            Some(Status::Pending) => &[Tray::Pending],
            Some(Status::Active | Status::Expired) => &[Tray::Settled],
            None => &Tray::ALL,
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
        for partitions in stages(scope, order, filter, after) {
            let sources = partitions.into_iter().map(Source::new).collect();
            let bounds = bounds(order, filter, after);
            let mut merge = Merge { store: self, index: index(scope, order), order, bounds, sources };
            while let Some(row) = merge.next(limit + 1 - page.items.len()).await? {
                rows += 1;
                let full = page.items.len() == limit;
                if filter.keeps(&row.registration) {
                    if full {
                        page.next = last_seen;
                        return Ok(page);
                    }
                    page.items.push(row.registration.clone());
                }
                if !full {
                    last_seen = Some(sort_key(&row, order).to_owned());
                }
                if rows == ROWS_A_PAGE {
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
        items.into_iter().map(|item| read::<RegistrationItem>(item).map(|item| item.registration)).collect()
    }
}

/// The partitions to read, in order; those that lie wholly before `after` are left out.
fn stages(scope: Scope<'_>, order: Order, filter: &Filter, after: Option<&str>) -> Vec<Vec<String>> {
    let trays = || filter.trays().iter().copied();
    match (scope, order) {
        (Scope::Libraries(libraries), _) => {
            vec![
                trays()
                    .flat_map(|tray| libraries.iter().map(move |library| keys::library_tray(library, tray)))
                    .collect(),
            ]
        }
        (Scope::County, Order::Newest) => {
            vec![trays().flat_map(|tray| (0..keys::SHARDS).map(move |shard| keys::shard_tray(shard, tray))).collect()]
        }
        (Scope::County, Order::Name) => {
            let from = after.map(collation::letter);
            let only = filter.last_name.as_deref().map(collation::letter);
            let place = |letter: char| collation::LETTERS.find(letter);
            collation::LETTERS
                .chars()
                .filter(|&letter| only.is_none_or(|only| only == letter))
                .filter(|&letter| from.is_none_or(|from| place(from) <= place(letter)))
                .map(|letter| trays().map(|tray| keys::letter_tray(letter, tray)).collect())
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

/// Where in its partitions a list begins, as the condition on the sort key and its values.
fn bounds(order: Order, filter: &Filter, after: Option<&str>) -> (&'static str, Attributes) {
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
struct Source {
    partition: String,
    rows: VecDeque<RegistrationItem>,
    resume: Option<Attributes>,
    exhausted: bool,
}

/// Several partitions as one.
#[derive(Debug)]
struct Merge<'a> {
    store: &'a Store,
    index: Index,
    order: Order,
    bounds: (&'static str, Attributes),
    sources: Vec<Source>,
}

impl Merge<'_> {
    /// The next row of all; `wanted` is how many more the caller expects to take, and sizes what is read ahead.
    async fn next(&mut self, wanted: usize) -> Result<Option<RegistrationItem>, Error> {
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
    fn new(partition: String) -> Self {
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
            self.rows.push_back(read(item)?);
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

fn sort_key(row: &RegistrationItem, order: Order) -> &str {
    match order {
        Order::Name => &row.name_key,
        Order::Newest => &row.date_key,
    }
}
