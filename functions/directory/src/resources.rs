//! Resources.

use desk::{Failure, Service};
use domain::{Resource, text};
use edge::{Answer, Call, Problem};
use lambda_http::http::StatusCode;

use crate::{Items, Listed, ROUNDS, saved, version};

/// `GET /resources`: all resources, by name.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.signed_in(call).await?;
    let mut items = service.store.resources().await?;
    items.sort_by_cached_key(|resource| domain::collation::fold(&resource.content.name));
    Ok(Answer::json(StatusCode::OK, &Items { items: items.into_iter().map(Listed::from).collect() })?)
}

/// `PUT /resources/{id}`: creates or replaces a resource. An inactive one stays in registrations that have it, and
/// can't be chosen for others.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.county(call).await?;
    let id = call.path_variable("id")?;
    let id = id.parse().map_err(|fault| Problem::field("id", &fault))?;
    let mut form = call.form()?;
    let name = form.required("name", |typed| text::worded_line(typed, 150));
    let active = form.flag("active");
    let url = form.optional("url", str::parse);
    let resource = || Some(Resource { id, name: name?, active: active?, url });
    let resource = form.finish(resource())?;
    let preconditions = call.preconditions()?;
    for _ in 0..ROUNDS {
        let before = service.store.resource(&resource.id).await?;
        preconditions.check(version(before.as_ref()))?;
        if before.as_ref().and_then(|before| before.content.url.as_ref()) != resource.url.as_ref() {
            caller.check_confirmed(call)?;
        }
        if let Some(version) = service.store.put_resource(&resource, before.as_ref()).await? {
            return saved(before.as_ref(), version, &resource);
        }
    }
    Err(Problem::stale().into())
}
