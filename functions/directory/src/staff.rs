//! Staff.

use desk::{AccountView, Failure, Service};
use domain::{Account, Email, Fault, LibraryId, Refusal, Role, text};
use edge::{Answer, Call, Form, Problem, Taken};
use lambda_http::http::StatusCode;
use store::{Credentials, StaffChange};

use crate::{Items, status};

/// `GET /staff`: all staff, by e-mail.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let staff = service.store.staff().await?;
    let items = staff.iter().map(|account| AccountView::of(account, None)).collect();
    Ok(Answer::json(StatusCode::OK, &Items { items })?)
}

/// `PUT /staff/{email}`: adds or changes a member of staff.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let email = call.path_variable("email")?.parse().map_err(|fault| Problem::field("email", &fault))?;
    let account = filled_in(service, email, call.form()?).await?;
    if service.store.add_staff(&account, Credentials::default(), &service.ids.id()).await? {
        return Ok(Answer::json(status(true), &AccountView::of(&account, None))?);
    }
    match service.store.change_staff(&account).await? {
        StaffChange::Done => Ok(Answer::json(status(false), &AccountView::of(&account, None))?),
        StaffChange::LastCounty => Err(Refusal::LastCountyAccount.into()),
        StaffChange::Unknown => Err(Problem::email_taken(Taken::Patron).into()),
    }
}

/// `DELETE /staff/{email}`: removes a member of staff. Their sessions and links end at once.
pub(crate) async fn remove(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let email: Email = call.path_variable("email")?.parse().map_err(|_| Problem::not_found())?;
    match service.store.remove_staff(&email).await? {
        StaffChange::Done => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        StaffChange::Unknown => Err(Problem::not_found().into()),
        StaffChange::LastCounty => Err(Refusal::LastCountyAccount.into()),
    }
}

async fn filled_in(service: &Service, email: Email, mut form: Form) -> Result<Account, Failure> {
    let display_name = form.required("displayName", |typed| text::worded_line(typed, 100));
    let role = form.required("role", role);
    let library_ids = form.list_or_empty("libraryIds", |id| id.parse::<LibraryId>().map_err(|_| unknown_library()));
    let known = service.store.catalog(library_ids.as_deref().unwrap_or_default(), &[]).await?.libraries;
    for (at, id) in library_ids.iter().flatten().enumerate() {
        if !known.contains_key(id) {
            form.fault_at("libraryIds", at, &unknown_library());
        }
    }
    if role == Some(Role::Librarian) && library_ids.as_ref().is_some_and(Vec::is_empty) {
        form.fault("libraryIds", &Fault::new("required", "Une bibliothécaire a au moins une bibliothèque."));
    }
    let account = || {
        let (display_name, role, library_ids) = (display_name?, role?, library_ids?);
        Some(Account { email, role, display_name, library_ids, registration_id: None })
    };
    Ok(form.finish(account())?)
}

fn role(typed: &str) -> Result<Role, Fault> {
    match typed {
        "librarian" => Ok(Role::Librarian),
        "county" => Ok(Role::County),
        _ => Err(Fault::new("unknown-role", "Choisissez librarian ou county.")),
    }
}

fn unknown_library() -> Fault {
    Fault::new("unknown-library", "Choisissez une bibliothèque du réseau.")
}
