//! Libraries, resources and staff.

use edge::Code;
use serde_json::{Value, json};

use crate::{
    examples,
    operation::{
        Operation,
        Who::{County, SignedIn, Staff},
    },
};

const JSON: &[&str] = &["application/json"];
const AWAY: &[Code] = &[Code::Unavailable];
/// Headers of an answer to a `PUT`.
const SAVED: &[&str] = &["ETag"];

/// Returns a list of one entry, under its version.
fn listed(mut entry: Value) -> Value {
    entry["etag"] = "\"v1\"".into();
    json!({ "items": [entry] })
}

pub(super) fn operations() -> Vec<Operation> {
    let staff = [staff(), put_staff(), remove_staff(), invite_staff(), end_sessions(), take_member_factor_off()];
    [libraries(), put_library(), resources(), put_resource()].into_iter().chain(staff).chain([history()]).collect()
}

fn libraries() -> Operation {
    Operation::new("GET /libraries", "listLibraries", Staff, "The caller's libraries")
        .says("A librarian's own libraries, or all for the county, sorted by town and name.")
        .answers(200, "The libraries.", "LibraryList", &listed(examples::library()), &[])
        .refuses(AWAY)
}

fn put_library() -> Operation {
    let (library, mut form) = (examples::library(), examples::library());
    examples::without(&mut form, "id");
    Operation::new("PUT /libraries/{id}", "putLibrary", County, "Add or change a library")
        .says(
            "A library without an address can't be warned: its overdue patrons are reported to the county at once. A \
             closed one (`active` false) can't be chosen again, and keeps its registrations and staff.",
        )
        .takes(&["libraryId", "ifMatch", "onlyNew"])
        .reads("LibraryForm", JSON, &form)
        .answers(200, "Changed, or saved unchanged.", "Library", &library, SAVED)
        .answers(201, "Added.", "Library", &library, SAVED)
        .refuses(&[Code::ConfirmationNeeded, Code::Stale, Code::AlreadyExists])
        .refuses(AWAY)
}

fn resources() -> Operation {
    Operation::new("GET /resources", "listResources", SignedIn, "The county's digital resources")
        .says("Sorted by name, resources that are no longer offered included.")
        .answers(200, "All resources.", "ResourceList", &listed(examples::resource()), &[])
        .refuses(AWAY)
}

fn put_resource() -> Operation {
    let (resource, mut form) = (examples::resource(), examples::resource());
    examples::without(&mut form, "id");
    Operation::new("PUT /resources/{id}", "putResource", County, "Add or change a resource")
        .says("An inactive resource stays on existing registrations and can't be added to others.")
        .takes(&["resourceId", "ifMatch", "onlyNew"])
        .reads("ResourceForm", JSON, &form)
        .answers(200, "Changed, or saved unchanged.", "Resource", &resource, SAVED)
        .answers(201, "Added.", "Resource", &resource, SAVED)
        .refuses(&[Code::ConfirmationNeeded, Code::Stale, Code::AlreadyExists])
        .refuses(AWAY)
}

fn staff() -> Operation {
    let mut member = examples::member();
    member["lastSignInAt"] = "2026-11-24T08:00:00Z".into();
    Operation::new("GET /staff", "listStaff", County, "Librarians and county staff")
        .says("Sorted by e-mail.")
        .answers(200, "All staff accounts.", "MemberList", &listed(member), &[])
        .refuses(AWAY)
}

fn put_staff() -> Operation {
    let (member, mut form) = (examples::member(), examples::member());
    examples::without(&mut form, "email");
    Operation::new("PUT /staff/{email}", "putStaff", County, "Add a staff account, or change its role or libraries")
        .says(
            "A new member is sent an invitation, and gets a password by \"mot de passe oublié\". A change takes effect at \
             the account's next request. An address that has an account gets the role added to it. A patron who becomes \
             staff, and a librarian who becomes the county's, lose password and sessions and are sent a link.",
        )
        .takes(&["staffEmail", "ifMatch", "onlyNew"])
        .reads("StaffForm", JSON, &form)
        .answers(200, "Changed, or saved unchanged.", "Member", &member, SAVED)
        .answers(201, "Added.", "Member", &member, SAVED)
        .refuses(&[Code::ConfirmationNeeded, Code::Stale, Code::AlreadyExists])
        .refuses(&[Code::LastCountyAccount, Code::OwnAccount])
        .refuses(AWAY)
}

fn remove_staff() -> Operation {
    Operation::new("DELETE /staff/{email}", "removeStaff", County, "Remove a staff account")
        .says("Ends the account's sessions and links at once, unless it has registrations: then it stays a patron's.")
        .takes(&["staffEmail", "ifMatch"])
        .answers_with(204, "Removed.", None, &[])
        .refuses(&[Code::ConfirmationNeeded, Code::NotFound, Code::LastCountyAccount, Code::Stale])
        .refuses(AWAY)
}

fn invite_staff() -> Operation {
    Operation::new("POST /staff/{email}/invitation", "inviteStaff", County, "Send a member the invitation again")
        .says("At most three an hour. It contains no token: its link leads to the page that sends one.")
        .takes(&["staffEmail"])
        .answers_with(202, "It is on its way.", None, &[])
        .refuses(&[Code::ConfirmationNeeded, Code::NotFound, Code::TooManyInvitations, Code::Stale])
        .refuses(AWAY)
}

fn end_sessions() -> Operation {
    of_somebody_else("DELETE /staff/{email}/sessions", "endSessions", "End a member's sessions")
        .says("Not one's own. The password stays.")
        .answers_with(204, "All sessions of the member have ended.", None, &[])
}

fn take_member_factor_off() -> Operation {
    let summary = "Remove the second factor of a member who has lost it";
    of_somebody_else("DELETE /staff/{email}/second-factor", "takeMemberFactorOff", summary)
        .says("Not one's own. Ends the member's sessions.")
        .answers_with(204, "The member has no second factor.", None, &[])
}

/// Describes a sensitive operation on the account of another member of staff.
fn of_somebody_else(route: &'static str, id: &str, summary: &str) -> Operation {
    Operation::new(route, id, County, summary)
        .takes(&["staffEmail"])
        .refuses(&[Code::ConfirmationNeeded, Code::NotFound, Code::OwnAccount, Code::Stale])
        .refuses(AWAY)
}

fn history() -> Operation {
    Operation::new("GET /directory/history", "readDirectoryHistory", County, "Who changed the directory")
        .says("Newest first, for a year. Contains names of changed fields, never their values.")
        .takes(&["limit", "cursor"])
        .answers(200, "A page of lines.", "DirectoryHistory", &examples::directory_history(), &["Link"])
        .refuses(AWAY)
}
