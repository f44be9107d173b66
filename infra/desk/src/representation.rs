//! The JSON of registrations and accounts, the same in every answer (contract, registrations and accounts).

use domain::{
    Account, Actions, Email, LibraryId, Person, Registration, RegistrationId, ResourceId, Role, Status,
    delivery::AddressState, person::Name,
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
    /// The other registrations of the account, in the caller's own libraries; for staff, and not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    household: Vec<HouseholdMember>,
    /// Whether the provisional password was ignored, because the address has an account; after a registration only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    password_ignored: bool,
    /// The actions that the caller may perform today; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Actions>,
}

/// Another registration of the same account.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct HouseholdMember {
    id: RegistrationId,
    last_name: Name,
    first_name: Name,
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
            household: Vec::new(),
            password_ignored: false,
            actions: None,
        }
    }

    /// Returns the representation for the account's own holder: without what concerns the library's work. In a household,
    /// also without what only the patron should see of it (contract, accounts).
    #[must_use]
    pub fn for_holder(mut self, shared: bool) -> Self {
        (self.activated_by, self.warned_on, self.escalated_on) = (None, None, None);
        if shared {
            let Person { phone, address, postal_code, town, card_number, .. } = &mut self.person;
            (*phone, *address, *postal_code, *town, *card_number) = (None, None, None, None, None);
        }
        self
    }

    /// Adds the members of the household that the caller reaches.
    #[must_use]
    pub fn with_household<'a>(mut self, others: impl Iterator<Item = &'a Registration>, by: &Account) -> Self {
        let reached = others.filter(|other| by.reaches(&other.library_id));
        self.household = reached
            .map(|other| HouseholdMember {
                id: other.id.clone(),
                last_name: other.person.last_name.clone(),
                first_name: other.person.first_name.clone(),
            })
            .collect();
        self
    }

    /// Adds that the provisional password was ignored, if it was.
    #[must_use]
    pub fn with_password_ignored(self, password_ignored: bool) -> Self {
        Self { password_ignored, ..self }
    }
}

/// An account as callers see it (contract, accounts).
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Account"))]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    email: Email,
    roles: Vec<Role>,
    /// The name of a member of staff, or of the only patron; otherwise the address.
    display_name: String,
    library_ids: Vec<LibraryId>,
}

impl AccountView {
    /// Creates the view of an account with its registrations.
    pub fn of(account: &Account, registrations: &[Registration]) -> Self {
        let display_name = match (&account.staff, registrations) {
            (Some(staff), _) => staff.display_name.clone(),
            (None, [only]) => format!("{} {}", only.person.first_name, only.person.last_name),
            (None, _) => account.email.to_string(),
        };
        Self {
            email: account.email.clone(),
            roles: account.roles(),
            display_name,
            library_ids: account.library_ids().to_vec(),
        }
    }
}
