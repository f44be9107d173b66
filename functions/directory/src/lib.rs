//! Libraries, resources and staff: what the county keeps, and what forms choose from.
//!
//! Contract: `GET /libraries` (staff: their own; the county: all), `GET /resources` (anyone signed in), `GET /staff` and
//! every `PUT` and `DELETE` (the county). A new member of staff sets their password by the reset link. The last county
//! account stays: 409.

mod libraries;
mod resources;
mod staff;

use desk::{Failure, Service};
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};
use serde::Serialize;

/// The function.
#[derive(Debug)]
pub struct Directory {
    desk: Service,
}

/// A whole list, not paged.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct Items<T> {
    items: Vec<T>,
}

impl Endpoint for Directory {
    type Failure = Failure;

    fn wire(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { desk: Service::wire(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let desk = &self.desk;
        match call.route() {
            "GET /libraries" => libraries::list(desk, &call).await,
            "PUT /libraries/{id}" => libraries::put(desk, &call).await,
            "GET /resources" => resources::list(desk, &call).await,
            "PUT /resources/{id}" => resources::put(desk, &call).await,
            "GET /staff" => staff::list(desk, &call).await,
            "PUT /staff/{email}" => staff::put(desk, &call).await,
            "DELETE /staff/{email}" => staff::remove(desk, &call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

/// 201 for what is new, 200 for what was replaced.
fn status(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}
