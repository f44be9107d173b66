//! Staff.

use desk::{Caller, Failure, Service};
use domain::{Email, Fault, LibraryId, Refusal, Staff, StaffRole, delivery::AddressState, name};
use edge::{Answer, Call, Code, Form, Problem};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use store::{DirectoryEntry, Invited, Member, Raising, StaffChange, StoredAccount};

use crate::{Directory, Items, Listed, ROUNDS, saved, version};

/// The greatest number of libraries of a librarian. A county has fewer; its own staff need none.
pub const MAX_LIBRARIES: usize = 500;

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
    /// When the member last signed in; absent if they never did. In lists only.
    #[cfg_attr(feature = "schema", schemars(with = "Option<domain::schema::Instant>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<Timestamp>,
}

impl From<Member> for StaffView {
    fn from(Member { email, staff: Staff { role, display_name, library_ids } }: Member) -> Self {
        Self { email, role, display_name, library_ids, mail_state: None, last_sign_in_at: None }
    }
}

/// `GET /staff`: all staff, by e-mail, with the marks of their addresses and their last sign-ins.
pub(crate) async fn list(service: &Service, call: &Call) -> Result<Answer, Failure> {
    service.county(call).await?;
    let staff = service.store.staff().await?;
    let accounts = service.store.accounts(staff.iter().map(|member| &member.content.email)).await?;
    let shown = |DirectoryEntry { content, version }: DirectoryEntry<Member>| {
        let stored = accounts.get(&content.email);
        let mail_state = stored.and_then(|stored| stored.mail_state);
        let last_sign_in_at = stored.and_then(|stored| stored.last_sign_in_at);
        let content = StaffView { mail_state, last_sign_in_at, ..StaffView::from(content) };
        Listed::from(DirectoryEntry { content, version })
    };
    Ok(Answer::json(StatusCode::OK, &Items { items: staff.into_iter().map(shown).collect() })?)
}

/// `PUT /staff/{email}`: adds or changes a member of staff.
pub(crate) async fn put(directory: &Directory, call: &Call) -> Result<Answer, Failure> {
    let service = &directory.service;
    let caller = service.county(call).await?;
    caller.check_confirmed(call)?;
    let email: Email = call.path_variable("email")?.parse().map_err(|fault| Problem::field("email", &fault))?;
    let editor = directory.editor(&caller, call);
    for _ in 0..ROUNDS {
        let (before, member) = filled_in(service, &email, call.form()?).await?;
        call.preconditions()?.check(version(before.as_ref()))?;
        // The last county account stays: that answer comes first.
        let own = email == caller.account.email && !member.is_county();
        if own && service.store.other_county(&email).await?.is_some() {
            return Err(Problem::new(Code::OwnAccount).into());
        }
        let account = service.store.account(&email).await?;
        let generation = service.ids.id();
        let raising = Raising { generation: &generation, credentials: None };
        match service.store.put_staff(before.as_ref(), account.as_ref(), &member, raising, Some(&editor)).await? {
            StaffChange::Done(version) => return saved(before.as_ref(), version, &StaffView::from(member)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

/// `DELETE /staff/{email}`: removes a member of staff. If they are no patron, their sessions and links end at once.
pub(crate) async fn remove(directory: &Directory, call: &Call) -> Result<Answer, Failure> {
    let service = &directory.service;
    let caller = service.county(call).await?;
    caller.check_confirmed(call)?;
    let (email, editor) = (named(call)?, directory.editor(&caller, call));
    for _ in 0..ROUNDS {
        let before = service.store.member(&email).await?.ok_or_else(Problem::not_found)?;
        call.preconditions()?.check(Some(before.version))?;
        let account = service.store.account(&email).await?;
        match service.store.remove_staff(&before, account.as_ref(), Some(&editor)).await? {
            StaffChange::Done(_) => return Ok(Answer::empty(StatusCode::NO_CONTENT)),
            StaffChange::LastCounty => return Err(Refusal::LastCountyAccount.into()),
            StaffChange::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

/// `POST /staff/{email}/invitation`: sends the invitation again, at most three times an hour.
pub(crate) async fn invite(directory: &Directory, call: &Call) -> Result<Answer, Failure> {
    let service = &directory.service;
    let caller = service.county(call).await?;
    caller.check_confirmed(call)?;
    let (email, editor) = (named(call)?, directory.editor(&caller, call));
    for _ in 0..ROUNDS {
        match service.store.invite(&email, &editor).await? {
            Invited::Done => return Ok(Answer::empty(StatusCode::ACCEPTED)),
            Invited::NoMember => return Err(Problem::not_found().into()),
            Invited::TooOften(until) => {
                let wait = until.duration_since(call.now());
                return Err(Problem::later(Code::TooManyInvitations, wait).into());
            }
            Invited::Stale => {}
        }
    }
    Err(Problem::stale().into())
}

/// What the county may end of somebody else's account. Their password stays.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends {
    /// `DELETE /staff/{email}/sessions`: all their sessions.
    Sessions,
    /// `DELETE /staff/{email}/second-factor`: the second factor that they have lost, and their sessions.
    SecondFactor,
}

/// Ends the sessions of another member of staff, or removes their second factor.
pub(crate) async fn end(directory: &Directory, call: &Call, ends: Ends) -> Result<Answer, Failure> {
    let (service, store) = (&directory.service, &directory.service.store);
    let caller = service.county(call).await?;
    let (email, editor) = (somebody_else(&caller, call)?, directory.editor(&caller, call));
    for _ in 0..ROUNDS {
        let member = of_staff(service, &email).await?;
        let ended = match ends {
            Ends::Sessions => store.end_sessions_of(&member, &editor).await?,
            Ends::SecondFactor => store.take_factor_off_member(&member, &editor).await?,
        };
        if ended {
            return Ok(Answer::empty(StatusCode::NO_CONTENT));
        }
    }
    Err(Problem::stale().into())
}

/// Returns the address in the path of a sensitive call about another member of staff.
fn somebody_else(caller: &Caller, call: &Call) -> Result<Email, Problem> {
    let email = named(call)?;
    if email == caller.account.email {
        return Err(Problem::new(Code::OwnAccount));
    }
    caller.check_confirmed(call)?;
    Ok(email)
}

async fn of_staff(service: &Service, email: &Email) -> Result<StoredAccount, Failure> {
    let known = service.store.account(email).await?.filter(|known| known.account.is_staff());
    Ok(known.ok_or_else(Problem::not_found)?)
}

/// Returns the address in a call's path. No account has a malformed one.
fn named(call: &Call) -> Result<Email, Problem> {
    call.path_variable("email")?.parse().map_err(|_| Problem::not_found())
}

/// Reads the form, and the member as they are. A closed library can't be given to a member who did not have it.
async fn filled_in(
    service: &Service,
    email: &Email,
    mut form: Form,
) -> Result<(Option<DirectoryEntry<Member>>, Member), Failure> {
    let display_name = form.required("displayName", |typed| name::line(typed, 100));
    let role = form.required("role", role);
    let library_ids =
        form.list_or_empty("libraryIds", MAX_LIBRARIES, |id| id.parse::<LibraryId>().map_err(|_| unknown_library()));
    // A list that is refused reads nothing.
    let before = if library_ids.is_some() { service.store.member(email).await? } else { None };
    let known = service.store.catalog(library_ids.as_deref().unwrap_or_default(), &[]).await?.libraries;
    for (at, id) in library_ids.iter().flatten().enumerate() {
        let kept = before.as_ref().is_some_and(|before| before.content.staff.library_ids.contains(id));
        let found = known.get(id).ok_or_else(unknown_library);
        if let Err(fault) = found.and_then(|library| library.choose(kept)) {
            form.fault_at("libraryIds", at, &fault);
        }
    }
    if role == Some(StaffRole::Librarian) && library_ids.as_ref().is_some_and(Vec::is_empty) {
        form.fault("libraryIds", &Fault::new("required", "Une bibliothécaire a au moins une bibliothèque."));
    }
    let member = || {
        let staff = Staff { role: role?, display_name: display_name?, library_ids: library_ids? };
        Some(Member { email: email.clone(), staff })
    };
    Ok((before, form.finish(member())?))
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
