//! Staff.

use desk::{AccountView, Failure, Service};
use domain::{Account, Email, Fault, LibraryId, Refusal, Role, text};
use edge::{Answer, Call, Form, Problem, Taken};
use lambda_http::http::StatusCode;
use store::{Credentials, DirectoryEntry, StaffChange};

use crate::{Items, Listed, ROUNDS, saved, version};

/// `GET /staff`: all staff, by e-mail.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let staff = service.store.staff().await?.into_iter();
    let shown = |DirectoryEntry { content, version }| {
        Listed::from(DirectoryEntry { content: AccountView::of(&content, None), version })
    };
    Ok(Answer::json(StatusCode::OK, &Items { items: staff.map(shown).collect() })?)
}

/// `PUT /staff/{email}`: adds or changes a member of staff.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let email = call.path_variable("email")?.parse().map_err(|fault| Problem::field("email", &fault))?;
    let account = filled_in(service, email, call.form()?).await?;
    let preconditions = call.preconditions()?;
    for _ in 0..ROUNDS {
        let before = service.store.member(&account.email).await?;
        preconditions.check(version(before.as_ref()))?;
        let change = match &before {
            None => add(service, &account).await?,
            Some(before) => service.store.change_staff(before, &account).await?,
        };
        match change {
            StaffChange::Done(version) => return saved(before.as_ref(), version, &AccountView::of(&account, None)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

/// Adds an account, unless the address is a patron's.
async fn add(service: &Service, account: &Account) -> Result<StaffChange, Failure> {
    let change = service.store.add_staff(account, Credentials::default(), &service.ids.id()).await?;
    let holder = if change == StaffChange::Stale { service.store.account(&account.email).await? } else { None };
    if holder.is_some_and(|stored| !stored.account.is_staff()) {
        return Err(Problem::email_taken(Taken::Patron).into());
    }
    Ok(change)
}

/// `DELETE /staff/{email}`: removes a member of staff. Their sessions and links end at once.
pub(crate) async fn remove(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let email: Email = call.path_variable("email")?.parse().map_err(|_| Problem::not_found())?;
    for _ in 0..ROUNDS {
        let before = service.store.member(&email).await?.ok_or_else(Problem::not_found)?;
        call.preconditions()?.check(Some(before.version))?;
        match service.store.remove_staff(&before).await? {
            StaffChange::Done(_) => return Ok(Answer::empty(StatusCode::NO_CONTENT)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
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
