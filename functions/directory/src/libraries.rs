//! Libraries.

use desk::{Failure, Service};
use domain::{Library, collation::fold, text};
use edge::{Answer, Call, Problem};
use lambda_http::http::StatusCode;

use crate::{Items, status};

/// `GET /libraries`: the caller's libraries, or all for the county, by town, then name.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.staff(call).await?;
    let mut items = if caller.account.is_county() {
        service.store.libraries().await?
    } else {
        service.store.catalog(&caller.account.library_ids, &[]).await?.libraries.into_values().collect()
    };
    items.sort_by_cached_key(|library| (fold(&library.town), fold(&library.name), library.id.clone()));
    Ok(Answer::json(StatusCode::OK, &Items { items })?)
}

/// `PUT /libraries/{id}`: creates or replaces a library.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let id = call.path_variable("id")?;
    let id = id.parse().map_err(|fault| Problem::field("id", &fault))?;
    let mut form = call.form()?;
    let name = form.required("name", |typed| text::worded_line(typed, 150));
    let town = form.required("town", |typed| text::worded_line(typed, 100));
    let postal_code = form.required("postalCode", str::parse);
    let email = form.optional("email", str::parse);
    let library = || Some(Library { id, name: name?, town: town?, postal_code: postal_code?, email });
    let library = form.finish(library())?;
    let new = service.store.put_library(&library).await?;
    Ok(Answer::json(status(new), &library)?)
}
