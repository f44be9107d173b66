//! One patron's registration and its life cycle. A rule is a function: (record, today, caller) → decision or refusal.
//!
//! ```text
//!              activate (rules, 2 and 4)
//!  pending ───────────────────────────────► active ──── today ≥ expiresOn ───► expired
//!     │                                      ▲  ▲                                 │
//!     └────────── renew (rules, 3) ──────────┘  └───────────── renew (rules, 3) ──┘
//! ```
//!
//! `Expired` is derived, never stored, so that no job can forget it.

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

/// The status of a registration, which the list shows in colour and in words.
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
    /// Returns the French name in the list and in the Excel file.
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
    /// Its id.
    pub id: RegistrationId,
    /// The library that manages it.
    pub library_id: LibraryId,
    /// The patron.
    #[serde(flatten)]
    pub person: Person,
    /// The chosen resources, in their order.
    pub resources: Vec<ResourceId>,
    /// The registration date; the 365 days count from here.
    pub registered_on: Date,
    /// The first day without access.
    pub expires_on: Date,
    /// The day of activation; `None` while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_on: Option<Date>,
    /// The account that activated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_by: Option<Email>,
    /// The day of the last renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_on: Option<Date>,
    /// The day on which its library was warned that it is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_on: Option<Date>,
    /// The day on which it was escalated to the county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_on: Option<Date>,
    /// Why the patron's address gets no further messages (requirements RE4); `None` while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_state: Option<AddressState>,
    /// The instant of its creation, in UTC.
    pub created_at: Timestamp,
    /// The account that created it.
    pub created_by: Email,
}

/// The next step of the daily job for a registration (rules, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// No step today.
    Nothing,
    /// Warn its library.
    WarnLibrary,
    /// Report it to the county.
    EscalateToCounty,
}

impl Registration {
    /// Creates a registration, pending and valid for 365 days from `today` (rules, sections 1 and 2).
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

    /// Returns whether it has not been activated yet.
    pub fn is_pending(&self) -> bool {
        self.activated_on.is_none()
    }

    /// Returns the status today.
    pub fn status(&self, today: Date) -> Status {
        if self.is_pending() {
            Status::Pending
        } else if today < self.expires_on {
            Status::Active
        } else {
            Status::Expired
        }
    }

    /// Returns the status on an earlier day, judged by the present record: only the last renewal's end is known.
    pub fn status_on(&self, day: Date) -> Status {
        match self.activated_on {
            Some(activated_on) if activated_on <= day => self.status(day),
            _ => Status::Pending,
        }
    }

    /// Returns whether it has been pending for more than 7 days (rules, section 4).
    pub fn is_overdue(&self, today: Date) -> bool {
        self.is_pending() && today >= overdue_from(self.registered_on)
    }

    /// Returns whether it ended a year ago, so that the personal data is due for erasure (requirements GD3).
    pub fn is_outlived(&self, today: Date) -> bool {
        today >= plus_days(self.expires_on, RETENTION_DAYS)
    }

    /// Returns the resources that the patron may open today: the chosen ones while active, none otherwise. They may
    /// contain resources that the county has made inactive since; the directory knows these.
    pub fn access(&self, today: Date) -> &[ResourceId] {
        if self.status(today) == Status::Active { &self.resources } else { &[] }
    }

    /// Activates the registration (rules, sections 2 and 4). Returns `None` if it is active already, so that nothing
    /// happens twice.
    ///
    /// # Errors
    /// [`Refusal::PastExpiry`]; for the county also [`Refusal::CountyTooEarly`] and [`Refusal::LibraryNotWarned`].
    pub fn activate(&self, by: &Account, today: Date) -> Result<Option<Self>, Refusal> {
        match self.activation(by, today) {
            Activation::Allowed { .. } => {
                Ok(Some(Self { activated_on: Some(today), activated_by: Some(by.email.clone()), ..self.clone() }))
            }
            Activation::AlreadyActive => Ok(None),
            Activation::Refused(refusal) => Err(refusal),
        }
    }

    /// Renews for 365 days from today or from the old end, whichever is later (rules, section 3). A pending
    /// registration becomes active.
    ///
    /// # Errors
    /// [`Refusal::RenewalTooEarly`], until 31 days before `expiresOn`.
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

    /// Replaces person, resources and library. Another library clears the warning and the escalation, because it has
    /// not been warned. Another e-mail address clears `mail_state`, because no message to it has bounced.
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

    /// Returns the next step of the daily job, decided from stored dates only (rules, section 4), so that a late run
    /// warns first and leaves the library all `grace_days`.
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

    /// Returns the record with today as the day of its library's warning.
    #[must_use]
    pub fn warned(&self, today: Date) -> Self {
        Self { warned_on: Some(today), ..self.clone() }
    }

    /// Returns the record with today as the day of its escalation.
    #[must_use]
    pub fn escalated(&self, today: Date) -> Self {
        Self { escalated_on: Some(today), ..self.clone() }
    }
}

#[cfg(test)]
#[path = "registration_rules.rs"]
pub(crate) mod rules;
