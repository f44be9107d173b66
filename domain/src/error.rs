//! What a rule says when it says no.
//!
//! Two kinds: a [`Fault`] lies in one field of what was typed, a [`Refusal`] in the state of things. Both carry only
//! what people may read, in French; neither knows of HTTP.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::calendar::french;

/// What is wrong with one value, and what to type instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Fault {
    /// Stable and machine-readable: `required`, `too-long`, `in-the-future`, …
    pub code: &'static str,
    /// French, says what to do.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// A fault of the given code, explained in French.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Why the state of a registration, or of the desk, forbids what was asked.
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
    /// Contract: the last county account stays.
    #[error("the last county account stays")]
    LastCountyAccount,
}

impl Refusal {
    /// The stable code that the contract names.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PastExpiry => "past-expiry",
            Self::CountyTooEarly { .. } => "county-too-early",
            Self::LibraryNotWarned => "library-not-warned",
            Self::RenewalTooEarly { .. } => "renewal-too-early",
            Self::LastCountyAccount => "last-county-account",
        }
    }

    /// Returns the first day on which the refused action is possible, where waiting is enough.
    pub fn possible_from(&self) -> Option<Date> {
        match self {
            Self::CountyTooEarly { possible_from } | Self::RenewalTooEarly { possible_from } => Some(*possible_from),
            Self::PastExpiry | Self::LibraryNotWarned | Self::LastCountyAccount => None,
        }
    }

    /// What to tell people, in French.
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
        for (refusal, code, told) in [
            (Refusal::PastExpiry, "past-expiry", "renouvelez-la"),
            (Refusal::CountyTooEarly { possible_from }, "county-too-early", "à partir du 02/12/2026"),
            (Refusal::LibraryNotWarned, "library-not-warned", "à partir du lendemain de l’avertissement"),
            (Refusal::RenewalTooEarly { possible_from }, "renewal-too-early", "à partir du 02/12/2026"),
            (Refusal::LastCountyAccount, "last-county-account", "créez-en un autre"),
        ] {
            assert_eq!(refusal.code(), code);
            assert!(refusal.detail().contains(told), "{}", refusal.detail());
        }
    }
}
