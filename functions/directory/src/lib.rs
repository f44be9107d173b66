//! Libraries, resources and staff: the directory that the county maintains and that forms choose from.
//!
//! Contract: `GET /libraries` (staff: their own; the county: all), `GET /resources` (every signed-in account),
//! `GET /staff`, `GET /directory/history` and every `PUT`, `POST` and `DELETE` (the county). A new member of staff is
//! sent the invitation, again by `POST /staff/{email}/invitation`, and sets their password by the reset link. So does an
//! account that is raised: a patron's that becomes staff's, or a librarian's that becomes the county's. 409 when the last
//! county account would be removed.
//!
//! Each change is traced in its own transaction: a history line, and messages to the county and the person concerned
//! (requirements S2).
//!
//! Every entry has a version: each item of a list has its `etag`, and a `PUT` answers it as `ETag`. `PUT` and `DELETE`
//! honour `If-Match`, and `PUT` honours `If-None-Match: *`, which only creates.

mod history;
mod libraries;
mod resources;
mod staff;

pub use history::HistoryView;
pub use staff::{MAX_LIBRARIES, StaffView};

use desk::{Caller, Failure, Service};
use domain::Email;
use edge::{Answer, Call, Endpoint, Problem, etag};
use lambda_http::http::{StatusCode, header};
use runtime::{Misconfigured, Runtime};
use serde::Serialize;
use store::{DirectoryEntry, Editor};

use staff::Ends;

/// The endpoints `/libraries`, `/resources`, `/staff` and `/directory/history`.
#[derive(Debug)]
pub struct Directory {
    service: Service,
    county_email: Email,
}

/// Decisions on an entry while other requests change it.
const ROUNDS: usize = 5;

/// A complete list, without pages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct Items<T> {
    items: Vec<Listed<T>>,
}

/// An entry in a list.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Listed{T}"))]
struct Listed<T> {
    #[serde(flatten)]
    content: T,
    /// Its version, for `If-Match`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^\".+\"$")))]
    etag: String,
}

impl<T> From<DirectoryEntry<T>> for Listed<T> {
    fn from(DirectoryEntry { content, version }: DirectoryEntry<T>) -> Self {
        Self { content, etag: etag(version) }
    }
}

impl Endpoint for Directory {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let county_email = runtime.env.parsed("COUNTY_EMAIL")?;
        Ok(Self { service: Service::from_runtime(runtime)?, county_email })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let service = &self.service;
        match call.route() {
            "GET /libraries" => libraries::list(service, call).await,
            "PUT /libraries/{id}" => libraries::put(self, call).await,
            "GET /resources" => resources::list(service, call).await,
            "PUT /resources/{id}" => resources::put(self, call).await,
            "GET /staff" => staff::list(service, call).await,
            "PUT /staff/{email}" => staff::put(self, call).await,
            "DELETE /staff/{email}" => staff::remove(self, call).await,
            "DELETE /staff/{email}/sessions" => staff::end(self, call, Ends::Sessions).await,
            "DELETE /staff/{email}/second-factor" => staff::end(self, call, Ends::SecondFactor).await,
            "POST /staff/{email}/invitation" => staff::invite(self, call).await,
            "GET /directory/history" => history::page(service, call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl Directory {
    /// Returns the author of a change, for its trace.
    fn editor<'a>(&'a self, caller: &'a Caller, call: &Call) -> Editor<'a> {
        Editor { by: &caller.account.email, at: call.now(), county: &self.county_email, ids: &self.service.ids }
    }
}

/// Returns the answer of a `PUT`: 201 for a new entry, 200 for a replaced one.
fn saved<T>(before: Option<&DirectoryEntry<T>>, version: u64, content: &impl Serialize) -> Result<Answer, Failure> {
    let status = if before.is_none() { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Answer::json(status, content)?.header(header::ETAG, etag(version)))
}

fn version<T>(entry: Option<&DirectoryEntry<T>>) -> Option<u64> {
    entry.map(|entry| entry.version)
}
