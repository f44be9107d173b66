//! Actions: whether a caller may activate or renew a registration today (contract, registrations).
//!
//! The calls that act ([`Registration::activate`], [`Registration::renew`]) and the representation's `actions` share
//! these decisions. A call that `actions` allows is not refused by a rule on the same day.
//!
//! | Reasons against an activation, in the order in which they are decided | Rules |
//! |---|---|
//! | `past-expiry`, also of a registration that was active | section 2 |
//! | `already-active`: the call changes nothing and answers 200 | section 2 |
//! | `county-too-early`, for the county | section 4 |
//! | `library-not-warned`, for the county | section 4 |
//!
//! A renewal has one: `renewal-too-early` (section 3).

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::{
    Account, Refusal, Registration,
    calendar::{RENEWAL_WINDOW_DAYS, VALIDITY_DAYS, last_day, overdue_from, plus_days},
};

/// The actions of one caller on one registration on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Actions {
    /// Whether the caller may open access.
    pub activation: Activation,
    /// Whether the caller may prolong access.
    pub renewal: Renewal,
    /// The first day on which the registration is overdue and may be reported to the county. Only while pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Day>"))]
    pub county_from: Option<Date>,
}

/// Whether a caller may activate a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activation {
    /// Activating opens access at once.
    Allowed {
        /// The last day with access.
        access_until: Date,
    },
    /// Activating changes nothing: access is open.
    AlreadyActive,
    /// Activating is refused.
    Refused(Refusal),
}

/// Whether a caller may renew a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// Renewing is possible.
    Allowed {
        /// The new first day without access.
        expires_on: Date,
        /// Whether renewing also activates a pending registration.
        activates: bool,
    },
    /// Renewing is refused.
    Refused(Refusal),
}

impl Registration {
    /// Returns the actions that `by`, a member of staff, may perform on the registration today.
    pub fn actions(&self, by: &Account, today: Date) -> Actions {
        Actions {
            activation: self.activation(by, today),
            renewal: self.renewal(today),
            county_from: self.is_pending().then(|| overdue_from(self.registered_on)),
        }
    }

    /// Decides whether `by` may activate the registration today (rules, sections 2 and 4).
    pub fn activation(&self, by: &Account, today: Date) -> Activation {
        if today >= self.expires_on {
            return Activation::Refused(Refusal::PastExpiry);
        }
        if !self.is_pending() {
            return Activation::AlreadyActive;
        }
        if by.is_county()
            && let Err(refusal) = self.county_may_unblock(today)
        {
            return Activation::Refused(refusal);
        }
        Activation::Allowed { access_until: last_day(self.expires_on) }
    }

    /// Checks the county's conditions (rules, section 4): the registration is overdue, and its library was warned on an
    /// earlier day. A library without an address can't be warned; there, the county's own digest counts as the warning.
    fn county_may_unblock(&self, today: Date) -> Result<(), Refusal> {
        let overdue_from = overdue_from(self.registered_on);
        if today < overdue_from {
            return Err(Refusal::CountyTooEarly { possible_from: overdue_from });
        }
        let warned_before = self.warned_on.is_some_and(|warned_on| warned_on < today);
        let unreachable = self.warned_on.is_none() && self.escalated_on.is_some();
        if warned_before || unreachable { Ok(()) } else { Err(Refusal::LibraryNotWarned) }
    }

    /// Decides whether the registration may be renewed today (rules, section 3): from 30 days before `expires_on`, and
    /// at any time after. The new period starts today or at the old end, whichever is later.
    pub fn renewal(&self, today: Date) -> Renewal {
        let possible_from = plus_days(self.expires_on, -RENEWAL_WINDOW_DAYS);
        if today < possible_from {
            return Renewal::Refused(Refusal::RenewalTooEarly { possible_from });
        }
        let expires_on = plus_days(today.max(self.expires_on), VALIDITY_DAYS);
        Renewal::Allowed { expires_on, activates: self.is_pending() }
    }
}

/// The JSON members of one action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activates: Option<bool>,
}

impl Members {
    const ALLOWED: Self = Self {
        allowed: true,
        reason: None,
        possible_from: None,
        access_until: None,
        expires_on: None,
        activates: None,
    };

    fn refused(reason: &'static str, possible_from: Option<Date>) -> Self {
        Self { allowed: false, reason: Some(reason), possible_from, ..Self::ALLOWED }
    }
}

impl Serialize for Activation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = match self {
            Self::Allowed { access_until } => Members { access_until: Some(*access_until), ..Members::ALLOWED },
            Self::AlreadyActive => Members::refused("already-active", None),
            Self::Refused(refusal) => Members::refused(refusal.code(), refusal.possible_from()),
        };
        members.serialize(serializer)
    }
}

impl Serialize for Renewal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = match self {
            Self::Allowed { expires_on, activates } => {
                Members { expires_on: Some(*expires_on), activates: Some(*activates), ..Members::ALLOWED }
            }
            Self::Refused(refusal) => Members::refused(refusal.code(), refusal.possible_from()),
        };
        members.serialize(serializer)
    }
}

#[cfg(feature = "schema")]
mod schema {
    //! The JSON Schemas of the two actions. An allowed action has other members than a refused one.

    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Activation, Renewal};

    impl JsonSchema for Activation {
        fn schema_name() -> Cow<'static, str> {
            "Activation".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "Whether the caller may open access today. A refused call answers 409 with `reason` as its \
                                code; where it is `already-active`, it answers 200 and changes nothing.",
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["allowed", "accessUntil"],
                        "additionalProperties": false,
                        "properties": {
                            "allowed": { "const": true },
                            "accessUntil": { "type": "string", "format": "date", "description": "The last day with access." },
                        },
                    },
                    {
                        "type": "object",
                        "required": ["allowed", "reason"],
                        "additionalProperties": false,
                        "properties": {
                            "allowed": { "const": false },
                            "reason": {
                                "type": "string",
                                "enum": ["past-expiry", "already-active", "county-too-early", "library-not-warned"],
                                "description": "The first reason that applies, in this order.",
                            },
                            "possibleFrom": {
                                "type": "string",
                                "format": "date",
                                "description": "With `county-too-early`: the first day on which activation is \
                                                possible, if the library was warned on an earlier day.",
                            },
                        },
                    },
                ],
                "examples": [
                    { "allowed": true, "accessUntil": "2027-11-23" },
                    { "allowed": false, "reason": "county-too-early", "possibleFrom": "2026-12-02" },
                ],
            })
        }
    }

    impl JsonSchema for Renewal {
        fn schema_name() -> Cow<'static, str> {
            "Renewal".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "Whether the caller may prolong access today. A refused call answers 409 with `reason` as \
                                its code.",
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["allowed", "expiresOn", "activates"],
                        "additionalProperties": false,
                        "properties": {
                            "allowed": { "const": true },
                            "expiresOn": {
                                "type": "string",
                                "format": "date",
                                "description": "The new first day without access.",
                            },
                            "activates": {
                                "type": "boolean",
                                "description": "Whether renewing also activates: the registration is pending.",
                            },
                        },
                    },
                    {
                        "type": "object",
                        "required": ["allowed", "reason", "possibleFrom"],
                        "additionalProperties": false,
                        "properties": {
                            "allowed": { "const": false },
                            "reason": { "type": "string", "enum": ["renewal-too-early"] },
                            "possibleFrom": {
                                "type": "string",
                                "format": "date",
                                "description": "The first day on which renewal is possible.",
                            },
                        },
                    },
                ],
                "examples": [
                    { "allowed": true, "expiresOn": "2028-11-23", "activates": false },
                    { "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2027-10-25" },
                ],
            })
        }
    }
}

#[cfg(test)]
#[path = "actions_rules.rs"]
mod rules;
