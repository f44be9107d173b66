//! Libraries, resources and staff: the directory that the county maintains and that forms choose from.
//!
//! Contract: `GET /libraries` (staff: their own; the county: all), `GET /resources` (every signed-in account),
//! `GET /staff` and every `PUT` and `DELETE` (the county). A new member of staff sets their password by the reset link.
//! 409 when the last county account would be removed.

mod libraries;
mod resources;
mod staff;

use desk::{Failure, Service};
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};
use serde::Serialize;

/// The endpoints `/libraries`, `/resources` and `/staff`.
#[derive(Debug)]
pub struct Directory {
    service: Service,
}

/// A complete list, without pages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct Items<T> {
    items: Vec<T>,
}

impl Endpoint for Directory {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let service = &self.service;
        match call.route() {
            "GET /libraries" => libraries::list(service, &call).await,
            "PUT /libraries/{id}" => libraries::put(service, &call).await,
            "GET /resources" => resources::list(service, &call).await,
            "PUT /resources/{id}" => resources::put(service, &call).await,
            "GET /staff" => staff::list(service, &call).await,
            "PUT /staff/{email}" => staff::put(service, &call).await,
            "DELETE /staff/{email}" => staff::remove(service, &call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

/// Returns 201 for a new entry, 200 for a replaced one.
fn status(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}
