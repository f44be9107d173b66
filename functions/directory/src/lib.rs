//! Libraries, resources and staff: the directory that the county maintains and that forms choose from.
//!
//! Contract: `GET /libraries` (staff: their own; the county: all), `GET /resources` (every signed-in account),
//! `GET /staff` and every `PUT` and `DELETE` (the county). A new member of staff sets their password by the reset link.
//! So does an account that is raised: a patron's that becomes staff's, or a librarian's that becomes the county's. 409
//! when the last county account would be removed.
//!
//! Every entry has a version: each item of a list has its `etag`, and a `PUT` answers it as `ETag`. `PUT` and `DELETE`
//! honour `If-Match`, and `PUT` honours `If-None-Match: *`, which only creates.

mod libraries;
mod resources;
mod staff;

pub use staff::MAX_LIBRARIES;

use desk::{Failure, Service};
use domain::{Email, LibraryId, Staff, StaffRole, delivery::AddressState};
use edge::{Answer, Call, Endpoint, Problem, etag};
use lambda_http::http::{StatusCode, header};
use runtime::{Misconfigured, Runtime};
use serde::Serialize;
use store::{DirectoryEntry, Member};

/// The endpoints `/libraries`, `/resources` and `/staff`.
#[derive(Debug)]
pub struct Directory {
    service: Service,
}

/// Decisions on an entry while other requests change it.
const ROUNDS: usize = 5;

/// A complete list, without pages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct Items<T> {
    items: Vec<Listed<T>>,
}

/// A member of staff as the county sees them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Member"))]
#[serde(rename_all = "camelCase")]
pub struct StaffView {
    email: Email,
    role: StaffRole,
    display_name: String,
    /// A librarian's libraries; empty for the county.
    library_ids: Vec<LibraryId>,
    /// Why the address gets no further messages; absent while it does. Saving the member lifts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_state: Option<AddressState>,
}

impl From<Member> for StaffView {
    fn from(Member { email, staff: Staff { role, display_name, library_ids } }: Member) -> Self {
        Self { email, role, display_name, library_ids, mail_state: None }
    }
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
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let service = &self.service;
        match call.route() {
            "GET /libraries" => libraries::list(service, call).await,
            "PUT /libraries/{id}" => libraries::put(service, call).await,
            "GET /resources" => resources::list(service, call).await,
            "PUT /resources/{id}" => resources::put(service, call).await,
            "GET /staff" => staff::list(service, call).await,
            "PUT /staff/{email}" => staff::put(service, call).await,
            "DELETE /staff/{email}" => staff::remove(service, call).await,
            _ => Err(Problem::not_found().into()),
        }
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
