//! Staff.

use desk::{Failure, Service};
use domain::{Email, Fault, LibraryId, Refusal, Staff, StaffRole, name};
use edge::{Answer, Call, Code, Form, Problem};
use lambda_http::http::StatusCode;
use store::{DirectoryEntry, Member, Raising, StaffChange};

use crate::{Items, Listed, ROUNDS, StaffView, saved, version};

/// The greatest number of libraries of a librarian. A county has fewer; its own staff need none.
pub const MAX_LIBRARIES: usize = 500;

/// `GET /staff`: all staff, by e-mail, with the marks of their addresses.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let staff = service.store.staff().await?;
    let marks = service.store.marks(staff.iter().map(|member| &member.content.email)).await?;
    let shown = |DirectoryEntry { content, version }: DirectoryEntry<Member>| {
        let mail_state = marks.get(&content.email).copied();
        Listed::from(DirectoryEntry { content: StaffView { mail_state, ..StaffView::from(content) }, version })
    };
    Ok(Answer::json(StatusCode::OK, &Items { items: staff.into_iter().map(shown).collect() })?)
}

/// `PUT /staff/{email}`: adds or changes a member of staff.
pub(crate) async fn put(service: &Service, call: &Call) -> Result<Answer, Failure> {
    let caller = service.county(call).await?;
    caller.check_confirmed(call)?;
    let email = call.path_variable("email")?.parse().map_err(|fault| Problem::field("email", &fault))?;
    let member = filled_in(service, email, call.form()?).await?;
    let preconditions = call.preconditions()?;
    for _ in 0..ROUNDS {
        let before = service.store.member(&member.email).await?;
        preconditions.check(version(before.as_ref()))?;
        // The last county account stays: that answer comes first.
        let own = member.email == caller.account.email && !member.is_county();
        if own && service.store.other_county(&member.email).await?.is_some() {
            return Err(Problem::new(Code::OwnAccount).into());
        }
        let account = service.store.account(&member.email).await?;
        let (generation, link) = (service.ids.id(), service.ids.id());
        let raising = Raising { generation: &generation, link: Some((&link, call.now())), credentials: None };
        match service.store.put_staff(before.as_ref(), account.as_ref(), &member, raising).await? {
            StaffChange::Done(version) => return saved(before.as_ref(), version, &StaffView::from(member)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

/// `DELETE /staff/{email}`: removes a member of staff. If they are no patron, their sessions and links end at once.
pub(crate) async fn remove(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?.check_confirmed(call)?;
    let email: Email = call.path_variable("email")?.parse().map_err(|_| Problem::not_found())?;
    for _ in 0..ROUNDS {
        let before = service.store.member(&email).await?.ok_or_else(Problem::not_found)?;
        call.preconditions()?.check(Some(before.version))?;
        let account = service.store.account(&email).await?;
        match service.store.remove_staff(&before, account.as_ref()).await? {
            StaffChange::Done(_) => return Ok(Answer::empty(StatusCode::NO_CONTENT)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

async fn filled_in(service: &Service, email: Email, mut form: Form) -> Result<Member, Failure> {
    let display_name = form.required("displayName", |typed| name::line(typed, 100));
    let role = form.required("role", role);
    let library_ids =
        form.list_or_empty("libraryIds", MAX_LIBRARIES, |id| id.parse::<LibraryId>().map_err(|_| unknown_library()));
    let known = service.store.catalog(library_ids.as_deref().unwrap_or_default(), &[]).await?.libraries;
    for (at, id) in library_ids.iter().flatten().enumerate() {
        if !known.contains_key(id) {
            form.fault_at("libraryIds", at, &unknown_library());
        }
    }
    if role == Some(StaffRole::Librarian) && library_ids.as_ref().is_some_and(Vec::is_empty) {
        form.fault("libraryIds", &Fault::new("required", "Une bibliothécaire a au moins une bibliothèque."));
    }
    let member = || {
        let staff = Staff { role: role?, display_name: display_name?, library_ids: library_ids? };
        Some(Member { email, staff })
    };
    Ok(form.finish(member())?)
}

fn role(typed: &str) -> Result<StaffRole, Fault> {
    match typed {
        "librarian" => Ok(StaffRole::Librarian),
        "county" => Ok(StaffRole::County),
        _ => Err(Fault::new("unknown-role", "Choisissez librarian ou county.")),
    }
}

fn unknown_library() -> Fault {
    Fault::new("unknown-library", "Choisissez une bibliothèque du réseau.")
}
