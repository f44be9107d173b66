//! Libraries.

use desk::{Failure, Service};
use domain::{Library, collation::fold, text};
use edge::{Answer, Call, Problem};
use lambda_http::http::StatusCode;
use store::DirectoryEntry;

use crate::{Items, Listed, ROUNDS, saved, version};

/// `GET /libraries`: the caller's libraries, or all for the county, by town, then name.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.staff(call).await?;
    let mut items = if caller.account.is_county() {
        service.store.libraries().await?
    } else {
        service.store.libraries_of(caller.account.library_ids()).await?
    };
    items.sort_by_cached_key(|DirectoryEntry { content: library, .. }| {
        (fold(&library.town), fold(&library.name), library.id.clone())
    });
    Ok(Answer::json(StatusCode::OK, &Items { items: items.into_iter().map(Listed::from).collect() })?)
}

/// `PUT /libraries/{id}`: creates or replaces a library.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.county(call).await?;
    let id = call.path_variable("id")?;
    let id = id.parse().map_err(|fault| Problem::field("id", &fault))?;
    let mut form = call.form()?;
    let name = form.required("name", |typed| text::worded_line(typed, 150));
    let town = form.required("town", |typed| text::worded_line(typed, 100));
    let postal_code = form.required("postalCode", str::parse);
    let email = form.optional("email", str::parse);
    let library = || Some(Library { id, name: name?, town: town?, postal_code: postal_code?, email });
    let library = form.finish(library())?;
    let preconditions = call.preconditions()?;
    for _ in 0..ROUNDS {
        let before = service.store.library(&library.id).await?;
        preconditions.check(version(before.as_ref()))?;
        if before.as_ref().and_then(|before| before.content.email.as_ref()) != library.email.as_ref() {
            caller.check_confirmed(call)?;
        }
        if let Some(version) = service.store.put_library(&library, before.as_ref()).await? {
            return saved(before.as_ref(), version, &library);
        }
    }
    Err(Problem::stale().into())
}
