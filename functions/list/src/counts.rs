//! The number of registrations of each status, for the menu "Sélectionner un statut", and of the overdue ones.

use desk::{Caller, Failure, ListQuery, Service};
use domain::Status;
use edge::{Answer, Call};
use lambda_http::http::StatusCode;
use serde::Serialize;
use store::{Filter, Order};

/// Highest number that is counted; one row more is read. Most libraries have fewer; the county has too many to read for
/// a number.
const MOST: usize = 500;

/// The number of registrations of each status, pending first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    items: Vec<OfStatus>,
    /// Those pending for more than 7 days.
    overdue: Overdue,
}

/// The number of overdue registrations. With `more`, there are at least this many.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OverdueCount"))]
struct Overdue {
    count: usize,
    more: bool,
}

/// The number of registrations of one status. With `more`, there are at least this many.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Count"))]
struct OfStatus {
    status: Status,
    count: usize,
    more: bool,
}

/// `GET /registrations/counts?libraryId`: for one library, the caller's libraries, or the county.
pub(crate) async fn counts(service: &Service, caller: &Caller, call: &Call) -> Result<Answer, Failure> {
    let query = ListQuery::read(service, caller, call).await?;
    let read = |status, overdue| {
        let filter = Filter { status, overdue, ..query.filter.clone() };
        // The overdue ones are the oldest, so they are read by date.
        let order = if overdue { Order::Newest } else { Order::Name };
        let (store, query) = (&service.store, &query);
        async move { store.list(query.scope(), order, &filter, None, MOST).await }
    };
    let all = read(None, false).await?;
    let whole = all.next.is_none();
    // Pending registrations matter most: they are counted on their own if there are too many to count all.
    let pending = if whole { None } else { Some(read(Some(Status::Pending), false).await?) };
    let today = query.today();
    let counted = |status| match &pending {
        Some(page) if status == Status::Pending => (page.items.len(), page.next.is_some()),
        _ => (all.items.iter().filter(|registration| registration.status(today) == status).count(), !whole),
    };
    let items = [Status::Pending, Status::Active, Status::Expired].map(|status| {
        let (count, more) = counted(status);
        OfStatus { status, count, more }
    });
    let overdue = if whole {
        Overdue { count: all.items.iter().filter(|registration| registration.is_overdue(today)).count(), more: false }
    } else {
        let page = read(None, true).await?;
        Overdue { count: page.items.len(), more: page.next.is_some() }
    };
    Ok(Answer::json(StatusCode::OK, &Counts { items: items.into(), overdue })?)
}
