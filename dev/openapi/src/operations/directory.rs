//! Libraries, resources and staff.

use edge::Code;
use serde_json::json;

use crate::{
    examples,
    operation::{
        Operation,
        Who::{County, SignedIn, Staff},
    },
};

const JSON: &[&str] = &["application/json"];
const AWAY: &[Code] = &[Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    vec![libraries(), put_library(), resources(), put_resource(), staff(), put_staff(), remove_staff()]
}

fn libraries() -> Operation {
    Operation::new("GET /libraries", "listLibraries", Staff, "The caller's libraries")
        .says("A librarian's own; all, for the county. By town, then name.")
        .answers(200, "All of them.", "LibraryList", &json!({ "items": [examples::library()] }), &[])
        .refuses(AWAY)
}

fn put_library() -> Operation {
    let (library, mut form) = (examples::library(), examples::library());
    examples::without(&mut form, "id");
    Operation::new("PUT /libraries/{id}", "putLibrary", County, "Enter a library, or change it")
        .says("Without an address it can't be warned: its overdue patrons go straight to the county.")
        .takes(&["libraryId"])
        .reads("LibraryForm", JSON, &form)
        .answers(200, "Changed.", "Library", &library, &[])
        .answers(201, "Entered.", "Library", &library, &[])
        .refuses(AWAY)
}

fn resources() -> Operation {
    Operation::new("GET /resources", "listResources", SignedIn, "The county's digital resources")
        .says("By name, those among them that are offered no more.")
        .answers(200, "All of them.", "ResourceList", &json!({ "items": [examples::resource()] }), &[])
        .refuses(AWAY)
}

fn put_resource() -> Operation {
    let (resource, mut form) = (examples::resource(), examples::resource());
    examples::without(&mut form, "id");
    Operation::new("PUT /resources/{id}", "putResource", County, "Enter a resource, or change it")
        .says("An inactive one stays on old registrations and can't be chosen anew.")
        .takes(&["resourceId"])
        .reads("ResourceForm", JSON, &form)
        .answers(200, "Changed.", "Resource", &resource, &[])
        .answers(201, "Entered.", "Resource", &resource, &[])
        .refuses(AWAY)
}

fn staff() -> Operation {
    Operation::new("GET /staff", "listStaff", County, "Librarians and the county's people")
        .says("By e-mail.")
        .answers(200, "All of them.", "AccountList", &json!({ "items": [examples::account()] }), &[])
        .refuses(AWAY)
}

fn put_staff() -> Operation {
    let (account, mut form) = (examples::account(), examples::account());
    examples::without(&mut form, "email");
    Operation::new("PUT /staff/{email}", "putStaff", County, "Take somebody on, or change their role or libraries")
        .says("They choose their password by \"mot de passe oublié\". A change is felt by their very next request.")
        .takes(&["staffEmail"])
        .reads("StaffForm", JSON, &form)
        .answers(200, "Changed.", "Account", &account, &[])
        .answers(201, "Taken on.", "Account", &account, &[])
        .refuses(&[Code::EmailTaken, Code::LastCountyAccount])
        .refuses(AWAY)
}

fn remove_staff() -> Operation {
    Operation::new("DELETE /staff/{email}", "removeStaff", County, "Remove an account")
        .says("Their sessions and links are over at once.")
        .takes(&["staffEmail"])
        .answers_with(204, "It is removed.", None, &[])
        .refuses(&[Code::NotFound, Code::LastCountyAccount])
        .refuses(AWAY)
}
