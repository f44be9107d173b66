//! Reads registrations ("Mes abonnés ressources numériques"): pages, one registration, its history, all data on a
//! person.
//!
//! Contract: staff, own libraries. 404 both for an unknown registration and for one of another library.
//!
//! | Path | Answer |
//! |---|---|
//! | `GET /registrations` | a page, and a `Link` to the next |
//! | `GET /registrations/counts` | the number of registrations of each status |
//! | `GET /registrations/{id}` | a registration, under its `ETag` |
//! | `GET /registrations/{id}/history` | who did what when, oldest first |
//! | `GET /registrations/{id}/mails` | the state of the last messages to the patron, newest first (requirements RE4) |
//! | `GET /registrations/{id}/data` | all data held on the person (requirements GD2) |
//!
//! Each read is traced in the log, by author and registration id (requirements GD1).

mod counts;
mod data;

pub use counts::Counts;
pub use data::Everything;

use desk::{Caller, Failure, ListQuery, Representation, Service};
use domain::history::Line;
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::{StatusCode, header};
use runtime::{Misconfigured, Runtime};
use serde::Serialize;
use store::{MessageSummary, Page};

/// The endpoints that read `/registrations`.
#[derive(Debug)]
pub struct List {
    service: Service,
}

/// A page of the list, and the cursor of the next.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RegistrationPage"))]
pub struct PageView {
    items: Vec<Representation>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Who did what when, oldest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "History"))]
pub struct HistoryView {
    items: Vec<Line>,
}

/// The last messages to a patron, newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Mails"))]
pub struct MailsView {
    items: Vec<MessageSummary>,
}

impl Endpoint for List {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        match call.route() {
            "GET /registrations" => return self.page(&caller, call).await,
            "GET /registrations/counts" => return counts::counts(&self.service, &caller, call).await,
            _ => {}
        }
        let found = self.service.registration(&caller, call).await?;
        match call.route() {
            "GET /registrations/{id}" => self.service.shown(&caller, call, StatusCode::OK, &found).await,
            "GET /registrations/{id}/history" => {
                let items = self.service.store.history(&found.registration).await?;
                Ok(Answer::json(StatusCode::OK, &HistoryView { items })?)
            }
            "GET /registrations/{id}/mails" => {
                let account = self.service.account_seen(&caller, &found.registration).await?;
                let items = self.service.store.messages_of(&found, account.as_ref(), call.now()).await?;
                Ok(Answer::json(StatusCode::OK, &MailsView { items })?)
            }
            "GET /registrations/{id}/data" => {
                Ok(Answer::json(StatusCode::OK, &data::everything(&self.service, &caller, call, &found).await?)?)
            }
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl List {
    async fn page(&self, caller: &Caller, call: &Call) -> Result<Answer, Failure> {
        let query = ListQuery::read(&self.service, caller, call).await?;
        let limit = call.limit()?;
        let binding = query.binding(caller);
        let cursor = call.query("cursor");
        let after = cursor.map(|cursor| edge::open_cursor(&caller.token, &binding, cursor)).transpose()?;
        let page = if let Some(exact) = &query.exact {
            Page { items: query.exact_matches(&self.service, exact).await?, next: None }
        } else {
            self.service.store.list(query.scope(), query.order, &query.filter, after.as_deref(), limit).await?
        };
        let ids: Vec<&str> = page.items.iter().map(|registration| registration.id.as_str()).collect();
        tracing::info!(by = caller.pseudonym(), registrations = ?ids, "read");
        let next = page.next.and_then(|place| edge::seal_cursor(&caller.token, &binding, &place));
        let shown = |registration| Representation::for_staff(registration, &caller.account, query.today());
        let items = page.items.iter().map(shown).collect();
        let answer = Answer::json(StatusCode::OK, &PageView { items, next: next.clone() })?;
        let Some(next) = next else { return Ok(answer) };
        let given: Vec<_> = query.given.into_iter().chain([("limit", limit.to_string())]).collect();
        Ok(answer.header(header::LINK, edge::next_link("/registrations", &given, &next)))
    }
}
