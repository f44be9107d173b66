//! Operations that create, change and erase registrations.

use edge::Code;
use serde_json::{Value, json};

use crate::{
    examples,
    operation::{Operation, Who::Staff},
};

/// Headers of an answer that contains a registration.
const SHOWN: &[&str] = &["ETag"];
const AWAY: &[Code] = &[Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    vec![register(), correct(), erase(), activate(), renew()]
}

fn register() -> Operation {
    let version = json!({ "id": "$response.body#/id", "If-Match": "$response.header.ETag" });
    let id = json!({ "id": "$response.body#/id" });
    Operation::new("POST /registrations", "register", Staff, "Register a patron")
        .says(
            "The new registration is pending and valid for 365 days from today. An address that has an account answers \
             `address-shared`, for every kind of account. With `household` the person joins that account, which keeps its \
             own password.",
        )
        .takes(&["idempotencyKey"])
        .reads("RegistrationForm", &["application/json"], &examples::form())
        .answers(201, "Registered.", "Registration", &examples::pending(), &["ETag", "Location"])
        .leads_to(
            201,
            &[
                ("readRegistration", id.clone()),
                ("correctRegistration", version),
                ("activateRegistration", id.clone()),
                ("eraseRegistration", id),
            ],
        )
        .refuses(&[
            Code::InvalidIdempotencyKey,
            Code::IdempotencyKeyReused,
            Code::AlreadyRegistered,
            Code::AddressShared,
            Code::HouseholdFull,
            Code::NotFound,
            Code::Unreadable,
        ])
        .refuses(AWAY)
}

fn correct() -> Operation {
    let patches = &["application/merge-patch+json", "application/json"];
    Operation::new("PATCH /registrations/{id}", "correctRegistration", Staff, "Correct person, resources or library")
        .says(
            "A changed e-mail moves this registration alone, without password, to an account of its own or, with \
             `household`, into that of the address. The old address is sent a message. A patch without changes writes \
             nothing.",
        )
        .takes(&["registrationId", "ifMatchRequired"])
        .reads("RegistrationPatch", patches, &json!({ "town": "Auneuil", "phone": null }))
        .answers(200, "The changed registration.", "Registration", &examples::pending(), SHOWN)
        .refuses(&[Code::NotFound, Code::Unreadable, Code::Stale, Code::IfMatchRequired])
        .refuses(&[Code::AlreadyRegistered, Code::AddressShared, Code::HouseholdFull])
        .refuses(AWAY)
}

fn erase() -> Operation {
    Operation::new("DELETE /registrations/{id}", "eraseRegistration", Staff, "Erase a person")
        .says("Erases person, account, sessions and links. The history is kept for a year, by registration id.")
        .takes(&["registrationId", "ifMatch"])
        .answers_with(204, "Erased.", None, &[])
        .refuses(&[Code::ConfirmationNeeded, Code::NotFound, Code::Unreadable, Code::Stale])
        .refuses(AWAY)
}

fn activate() -> Operation {
    change("POST /registrations/{id}/activation", "activateRegistration", "Open access", &examples::active())
        .says(
            "Sends the patron a message. An active registration is not changed, and no second message is sent. \
             The county may activate once the registration has been pending for more than 7 days and its library was \
             warned on an earlier day.",
        )
        .refuses(&[Code::PastExpiry, Code::CountyTooEarly, Code::LibraryNotWarned])
}

fn renew() -> Operation {
    change("POST /registrations/{id}/renewal", "renewRegistration", "Prolong access by 365 days", &examples::renewed())
        .says("Allowed from 30 days before `expiresOn` on, without end. The result is active, also if it was pending.")
        .refuses(&[Code::RenewalTooEarly])
}

fn change(route: &'static str, id: &str, summary: &str, after: &Value) -> Operation {
    Operation::new(route, id, Staff, summary)
        .takes(&["registrationId", "ifMatch"])
        .answers(200, "The changed registration.", "Registration", after, SHOWN)
        .refuses(&[Code::NotFound, Code::Unreadable, Code::Stale])
        .refuses(AWAY)
}
