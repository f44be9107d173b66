//! What callers see, the same everywhere (contract, registrations).

use domain::{
    Account, Email, LibraryId, Person, Registration, RegistrationId, ResourceId, Role, Status, feedback::AddressState,
};
use jiff::civil::Date;
use serde::Serialize;

/// A registration as callers see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Representation {
    id: RegistrationId,
    status: Status,
    library_id: LibraryId,
    #[serde(flatten)]
    person: Person,
    resources: Vec<ResourceId>,
    registered_on: Date,
    expires_on: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_by: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warned_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalated_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_state: Option<AddressState>,
}

impl Representation {
    /// Of a record, with its status today.
    pub fn of(registration: &Registration, today: Date) -> Self {
        let Registration { id, library_id, person, resources, .. } = registration.clone();
        Self {
            id,
            status: registration.status(today),
            library_id,
            person,
            resources,
            registered_on: registration.registered_on,
            expires_on: registration.expires_on,
            activated_on: registration.activated_on,
            activated_by: registration.activated_by.clone(),
            renewed_on: registration.renewed_on,
            warned_on: registration.warned_on,
            escalated_on: registration.escalated_on,
            mail_state: registration.mail_state,
        }
    }
}

/// An account as callers see it (contract, accounts).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    email: Email,
    role: Role,
    display_name: String,
    library_ids: Vec<LibraryId>,
}

impl AccountView {
    /// Of an account; a patron is called as their registration calls them.
    pub fn of(account: &Account, registration: Option<&Registration>) -> Self {
        let called = |r: &Registration| format!("{} {}", r.person.first_name, r.person.last_name);
        Self {
            email: account.email.clone(),
            role: account.role,
            display_name: registration.map_or_else(|| account.display_name.clone(), called),
            library_ids: account.library_ids.clone(),
        }
    }
}
