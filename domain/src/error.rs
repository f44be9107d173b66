//! The two ways in which a rule says no.
//!
//! A [`Fault`] concerns one typed value, a [`Refusal`] the state of a registration or of the desk. Both carry French
//! text for people; neither knows HTTP.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::{RegistrationId, calendar::french};

/// A fault in one typed value, with advice on how to correct it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Fault {
    /// A stable code for programs: `required`, `too-long`, `in-the-future`, …
    pub code: &'static str,
    /// The French text that says what to do.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// Creates a fault with a code and its French text.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A refusal because of the state of a registration or of the desk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Rules, section 2: a registration past its `expiresOn` is renewed, not activated.
    #[error("past its expiry")]
    PastExpiry,
    /// Rules, section 4: the county waits until a registration has been pending for more than 7 days.
    #[error("the county may act from {possible_from}")]
    CountyTooEarly {
        /// The first day on which the county may activate, if the library has been warned by then.
        possible_from: Date,
    },
    /// Rules, section 4: the library must have been warned on an earlier day.
    #[error("the library has not been warned on an earlier day")]
    LibraryNotWarned,
    /// Rules, section 3: renewal opens 30 days before `expiresOn`.
    #[error("renewal opens on {possible_from}")]
    RenewalTooEarly {
        /// The first day on which renewal is possible.
        possible_from: Date,
    },
    /// Rules, section 7: the same person has a registration under this e-mail address.
    #[error("the same person is registered already")]
    AlreadyRegistered {
        /// That registration, if the caller may see it.
        id: Option<RegistrationId>,
    },
    /// Rules, section 7: the e-mail address has an account, and nobody has confirmed that it is the person's household.
    #[error("the address has an account")]
    AddressShared,
    /// Rules, section 7: an account holds at most 60 registrations.
    #[error("the household is full")]
    HouseholdFull,
    /// Contract, directory: the last county account cannot be removed.
    #[error("the last county account cannot be removed")]
    LastCountyAccount,
}

impl Refusal {
    /// Returns the stable code that the contract names.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PastExpiry => "past-expiry",
            Self::CountyTooEarly { .. } => "county-too-early",
            Self::LibraryNotWarned => "library-not-warned",
            Self::RenewalTooEarly { .. } => "renewal-too-early",
            Self::AlreadyRegistered { .. } => "already-registered",
            Self::AddressShared => "address-shared",
            Self::HouseholdFull => "household-full",
            Self::LastCountyAccount => "last-county-account",
        }
    }

    /// Returns the first day on which the refused action is possible, where waiting is enough.
    pub fn possible_from(&self) -> Option<Date> {
        match self {
            Self::CountyTooEarly { possible_from } | Self::RenewalTooEarly { possible_from } => Some(*possible_from),
            _ => None,
        }
    }

    /// Returns the French text that says what to do.
    pub fn detail(&self) -> String {
        match self {
            Self::PastExpiry => "L’inscription a dépassé sa date de fin : renouvelez-la au lieu de l’activer.".into(),
            Self::CountyTooEarly { possible_from } => format!(
                "La MDO ne valide qu’une inscription en attente depuis plus de 7 jours : possible à partir du {}.",
                french(*possible_from)
            ),
            Self::LibraryNotWarned => "La bibliothèque n’a pas encore été avertie, ou l’a été aujourd’hui seulement : \
                 la MDO pourra valider à partir du lendemain de l’avertissement."
                .into(),
            Self::RenewalTooEarly { possible_from } => {
                format!("Il est trop tôt pour renouveler : possible à partir du {}.", french(*possible_from))
            }
            Self::AlreadyRegistered { id: Some(_) } => {
                "Cette personne est déjà inscrite ici, avec cette adresse e-mail : ouvrez sa fiche.".into()
            }
            Self::AlreadyRegistered { id: None } => {
                "Cette personne est déjà inscrite dans une autre bibliothèque. La MDO peut déplacer une inscription :"
                    .into()
            }
            Self::AddressShared => "Cette adresse e-mail a déjà un compte. Si la personne est du même foyer, \
                 confirmez-le : chaque membre du foyer verra les inscriptions des autres."
                .into(),
            Self::HouseholdFull => {
                "Ce compte a déjà 60 inscriptions : la personne a besoin d’une autre adresse e-mail.".into()
            }
            Self::LastCountyAccount => {
                "C’est le dernier compte de la MDO : créez-en un autre avant de retirer celui-ci.".into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_contract_s_code_and_a_french_instruction() {
        let possible_from: Date = "2026-12-02".parse().unwrap();
        for (refusal, code, advice) in [
            (Refusal::PastExpiry, "past-expiry", "renouvelez-la"),
            (Refusal::CountyTooEarly { possible_from }, "county-too-early", "à partir du 02/12/2026"),
            (Refusal::LibraryNotWarned, "library-not-warned", "à partir du lendemain de l’avertissement"),
            (Refusal::RenewalTooEarly { possible_from }, "renewal-too-early", "à partir du 02/12/2026"),
            (Refusal::AlreadyRegistered { id: None }, "already-registered", "La MDO peut déplacer"),
            (Refusal::AddressShared, "address-shared", "confirmez-le"),
            (Refusal::HouseholdFull, "household-full", "une autre adresse"),
            (Refusal::LastCountyAccount, "last-county-account", "créez-en un autre"),
        ] {
            assert_eq!(refusal.code(), code);
            assert!(refusal.detail().contains(advice), "{}", refusal.detail());
        }
    }
}
