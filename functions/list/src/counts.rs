//! How many of each status: what "Sélectionner un statut" shows.

use desk::{Caller, Failure, ListQuery, Service};
use domain::{Registration, Status};
use edge::{Answer, Call};
use lambda_http::http::StatusCode;
use serde::Serialize;
use store::{Filter, Order};

/// Rows read to count: most libraries have fewer, and a county must not be read whole for a number.
const MOST: usize = 500;

/// How many of each status, pending first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    items: Vec<OfStatus>,
    /// Pending for more than 7 days.
    overdue: usize,
}

/// Of one status; with `more`, there are at least so many.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Count"))]
struct OfStatus {
    status: Status,
    count: usize,
    more: bool,
}

/// `GET /registrations/counts?libraryId`: of one library, of the caller's own, or of the county.
pub(crate) async fn counts(service: &Service, caller: &Caller, call: &Call) -> Result<Answer, Failure> {
    let query = ListQuery::read(service, caller, call).await?;
    let read = |status| {
        let filter = Filter { status, ..query.filter.clone() };
        let (store, query) = (&service.store, &query);
        async move { store.list(query.scope(), Order::Name, &filter, None, MOST).await }
    };
    let all = read(None).await?;
    let whole = all.next.is_none();
    // What waits is what people come for: it is counted apart where there are too many to count them all.
    let pending = if whole { None } else { Some(read(Some(Status::Pending)).await?) };
    let today = query.today();
    let waiting: &[Registration] = pending.as_ref().map_or(&all.items, |page| &page.items);
    let counted = |status| match &pending {
        Some(page) if status == Status::Pending => (page.items.len(), page.next.is_some()),
        _ => (all.items.iter().filter(|registration| registration.status(today) == status).count(), !whole),
    };
    let items = [Status::Pending, Status::Active, Status::Expired].map(|status| {
        let (count, more) = counted(status);
        OfStatus { status, count, more }
    });
    let overdue = waiting.iter().filter(|registration| registration.is_overdue(today)).count();
    Ok(Answer::json(StatusCode::OK, &Counts { items: items.into(), overdue })?)
}
