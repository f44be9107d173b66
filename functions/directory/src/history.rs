//! The history of the directory.

use desk::{Failure, Service};
use domain::directory::Line;
use edge::{Answer, Call};
use lambda_http::http::{StatusCode, header};
use serde::Serialize;
use store::Lines;

/// The list that a cursor is bound to.
const LIST: &str = "/directory/history";

/// A page of the directory's history, newest first, and the cursor of the next.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DirectoryHistory"))]
pub struct HistoryView {
    items: Vec<Line>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// `GET /directory/history`: who changed what when.
pub(crate) async fn page(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.county(call).await?;
    let limit = call.limit()?;
    let after = call.query("cursor").map(|cursor| edge::open_cursor(&caller.token, LIST, cursor)).transpose()?;
    let Lines { items, next } = service.store.directory_history(after.as_deref(), limit).await?;
    let next = next.and_then(|place| edge::seal_cursor(&caller.token, LIST, &place));
    let answer = Answer::json(StatusCode::OK, &HistoryView { items, next: next.clone() })?;
    let Some(next) = next else { return Ok(answer) };
    Ok(answer.header(header::LINK, edge::next_link(LIST, &[("limit", limit.to_string())], &next)))
}
