//! The JSON of registrations and accounts, the same in every answer (contract, registrations and accounts).

use domain::{
    Account, Actions, Email, LibraryId, Person, Registration, RegistrationId, ResourceId, Role, Status,
    delivery::AddressState,
};
use jiff::civil::Date;
use serde::Serialize;

/// A registration as callers see it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Registration"))]
#[serde(rename_all = "camelCase")]
pub struct Representation {
    id: RegistrationId,
    status: Status,
    library_id: LibraryId,
    #[serde(flatten)]
    person: Person,
    /// The chosen resources, in their order.
    resources: Vec<ResourceId>,
    /// The day of registration; the 365 days count from here.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Day"))]
    registered_on: Date,
    /// The first day without access.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Day"))]
    expires_on: Date,
    /// The day of activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<domain::schema::Day>"))]
    activated_on: Option<Date>,
    /// The account that activated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_by: Option<Email>,
    /// The day of the last renewal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<domain::schema::Day>"))]
    renewed_on: Option<Date>,
    /// The day on which its library was warned that it is overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<domain::schema::Day>"))]
    warned_on: Option<Date>,
    /// The day on which it was escalated to the county.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<domain::schema::Day>"))]
    escalated_on: Option<Date>,
    /// Why the address gets no further messages; absent while it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_state: Option<AddressState>,
    /// The actions that the caller may perform today; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Actions>,
}

impl Representation {
    /// Creates the representation for a member of staff, with the actions that `by` may perform today.
    pub fn for_staff(registration: &Registration, by: &Account, today: Date) -> Self {
        Self { actions: Some(registration.actions(by, today)), ..Self::of(registration, today) }
    }

    /// Creates the representation of a record, with its status today and without actions.
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
            actions: None,
        }
    }
}

/// An account as callers see it (contract, accounts).
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Account"))]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    email: Email,
    role: Role,
    display_name: String,
    library_ids: Vec<LibraryId>,
}

impl AccountView {
    /// Creates the view of an account. A patron's name is the one of their registration.
    pub fn of(account: &Account, registration: Option<&Registration>) -> Self {
        let full_name = |r: &Registration| format!("{} {}", r.person.first_name, r.person.last_name);
        Self {
            email: account.email.clone(),
            role: account.role,
            display_name: registration.map_or_else(|| account.display_name.clone(), full_name),
            library_ids: account.library_ids.clone(),
        }
    }
}
