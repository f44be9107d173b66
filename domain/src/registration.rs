//! One patron's record and what may become of it: (record, today, who) → decision or refusal.
//!
//! ```text
//!              activate (rules, 2 and 4)
//!  pending ───────────────────────────────► active ──── today ≥ expiresOn ───► expired
//!     │                                      ▲  ▲                                 │
//!     └────────── renew, past its date ──────┘  └───────────── renew (rules, 3) ──┘
//! ```
//!
//! Expired is derived, never stored: no job can forget it.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Account, Email, Fault, LibraryId, Person, Refusal, ResourceId,
    actions::{Activation, Renewal},
    calendar::{RETENTION_DAYS, VALIDITY_DAYS, overdue_from, plus_days},
    delivery::AddressState,
    person::parsed_text,
    text,
};

parsed_text! {
    /// A registration's id: 24 hexadecimal digits, random.
    RegistrationId, |typed| {
        let id = text::line(typed, 24)?;
        if id.len() == 24 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(id)
        } else {
            Err(Fault::new("invalid-id", "Ce n’est pas un numéro d’inscription."))
        }
    }, { "pattern": "^[0-9a-f]{24}$" }
}

/// What the list shows in colour and in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// "En attente", yellow: registered, not activated yet.
    Pending,
    /// "Validé", green: access is open.
    Active,
    /// "Expiré", grey: the 365 days are over.
    Expired,
}

impl Status {
    /// As the list and the Excel file say it.
    pub fn french(self) -> &'static str {
        match self {
            Self::Pending => "En attente",
            Self::Active => "Validé",
            Self::Expired => "Expiré",
        }
    }
}

impl FromStr for Status {
    type Err = Fault;
    fn from_str(typed: &str) -> Result<Self, Fault> {
        match typed {
            "pending" => Ok(Self::Pending),
            "active" => Ok(Self::Active),
            "expired" => Ok(Self::Expired),
            _ => Err(Fault::new("unknown-status", "Choisissez pending, active ou expired.")),
        }
    }
}

/// One patron's registration. Its dates are civil dates in Europe/Paris.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// Its number.
    pub id: RegistrationId,
    /// The library that looks after it.
    pub library_id: LibraryId,
    /// The patron.
    #[serde(flatten)]
    pub person: Person,
    /// The resources chosen, in the order chosen.
    pub resources: Vec<ResourceId>,
    /// The registration date; the 365 days count from here.
    pub registered_on: Date,
    /// The first day without access.
    pub expires_on: Date,
    /// The day of activation; `None` while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_on: Option<Date>,
    /// Who activated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_by: Option<Email>,
    /// The day of the last renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_on: Option<Date>,
    /// The day its library was warned that it is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_on: Option<Date>,
    /// The day the county was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_on: Option<Date>,
    /// Why the patron's address is written to no more (requirements RE4); `None` while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_state: Option<AddressState>,
    /// When it was made, UTC.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Email,
}

/// What the daily job owes a registration (rules, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Nothing today.
    Nothing,
    /// Tell its library.
    WarnLibrary,
    /// Tell the county.
    EscalateToCounty,
}

impl Registration {
    /// A new registration, pending and valid 365 days from `today` (rules, sections 1 and 2).
    pub fn new(
        id: RegistrationId,
        library_id: LibraryId,
        person: Person,
        resources: Vec<ResourceId>,
        by: Email,
        at: Timestamp,
        today: Date,
    ) -> Self {
        Self {
            id,
            library_id,
            person,
            resources,
            registered_on: today,
            expires_on: plus_days(today, VALIDITY_DAYS),
            activated_on: None,
            activated_by: None,
            renewed_on: None,
            warned_on: None,
            escalated_on: None,
            mail_state: None,
            created_at: at,
            created_by: by,
        }
    }

    /// Whether it still waits for its activation.
    pub fn is_pending(&self) -> bool {
        self.activated_on.is_none()
    }

    /// The status today.
    pub fn status(&self, today: Date) -> Status {
        if self.is_pending() {
            Status::Pending
        } else if today < self.expires_on {
            Status::Active
        } else {
            Status::Expired
        }
    }

    /// The status on an earlier day, as far as the record still tells.
    pub fn status_on(&self, day: Date) -> Status {
        match self.activated_on {
            Some(activated_on) if activated_on <= day => self.status(day),
            _ => Status::Pending,
        }
    }

    /// Pending for more than 7 days (rules, section 4).
    pub fn is_overdue(&self, today: Date) -> bool {
        self.is_pending() && today >= overdue_from(self.registered_on)
    }

    /// Over for a year: what is held on the person has served its purpose (requirements GD3).
    pub fn is_outlived(&self, today: Date) -> bool {
        today >= plus_days(self.expires_on, RETENTION_DAYS)
    }

    /// The resources that may be opened for the patron today: theirs while active, none else. Which of them the county
    /// still offers, its directory says.
    pub fn access(&self, today: Date) -> &[ResourceId] {
        if self.status(today) == Status::Active { &self.resources } else { &[] }
    }

    /// Activates, or answers `None` when it is active already, so that nothing happens twice (rules, 2 and 4).
    ///
    /// Refusals: [`Refusal::PastExpiry`]; for the county [`Refusal::CountyTooEarly`], [`Refusal::LibraryNotWarned`].
    pub fn activate(&self, by: &Account, today: Date) -> Result<Option<Self>, Refusal> {
        match self.activation(by, today) {
            Activation::Allowed { .. } => {
                Ok(Some(Self { activated_on: Some(today), activated_by: Some(by.email.clone()), ..self.clone() }))
            }
            Activation::AlreadyActive => Ok(None),
            Activation::Refused(refusal) => Err(refusal),
        }
    }

    /// Renews for 365 days from today or from the old end, whichever is later (rules, section 3). What was pending
    /// past its date becomes active.
    ///
    /// Refusal: [`Refusal::RenewalTooEarly`], up to 31 days before `expiresOn`.
    pub fn renew(&self, by: &Account, today: Date) -> Result<Self, Refusal> {
        let expires_on = match self.renewal(today) {
            Renewal::Allowed { expires_on, .. } => expires_on,
            Renewal::Refused(refusal) => return Err(refusal),
        };
        let activated_by = if self.is_pending() { Some(by.email.clone()) } else { self.activated_by.clone() };
        Ok(Self {
            expires_on,
            renewed_on: Some(today),
            activated_on: self.activated_on.or(Some(today)),
            activated_by,
            ..self.clone()
        })
    }

    /// Takes corrected data. Moving to another library forgets the old one's warning: the new one has had none. Another
    /// e-mail address is written to again: nothing is known of it yet.
    #[must_use]
    pub fn change(&self, person: Person, resources: Vec<ResourceId>, library_id: LibraryId) -> Self {
        let moved = library_id != self.library_id;
        let same_address = person.email == self.person.email;
        Self {
            person,
            resources,
            library_id,
            warned_on: self.warned_on.filter(|_| !moved),
            escalated_on: self.escalated_on.filter(|_| !moved),
            mail_state: self.mail_state.filter(|_| same_address),
            ..self.clone()
        }
    }

    /// What the daily job owes it, from stored dates only (rules, section 4).
    pub fn duty(&self, today: Date, grace_days: i32, library_has_address: bool) -> Duty {
        if !self.is_overdue(today) || self.escalated_on.is_some() {
            return Duty::Nothing;
        }
        match self.warned_on {
            Some(warned_on) if today >= plus_days(warned_on, grace_days) => Duty::EscalateToCounty,
            Some(_) => Duty::Nothing,
            None if library_has_address => Duty::WarnLibrary,
            None => Duty::EscalateToCounty,
        }
    }

    /// With the day its library was warned.
    #[must_use]
    pub fn warned(&self, today: Date) -> Self {
        Self { warned_on: Some(today), ..self.clone() }
    }

    /// With the day the county was told.
    #[must_use]
    pub fn escalated(&self, today: Date) -> Self {
        Self { escalated_on: Some(today), ..self.clone() }
    }
}

#[cfg(test)]
#[path = "registration_rules.rs"]
pub(crate) mod rules;
