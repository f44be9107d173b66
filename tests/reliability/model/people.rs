//! The people of the model and their reach.

use super::ops::{EMAILS, LIBRARIES};
use crate::support::{AUNEUIL, COUNTY, FLEURY};

/// A member of staff; their account may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    County,
    Marie,
    Paul,
    Anne,
}

impl Who {
    pub(crate) const ALL: [Self; 4] = [Self::County, Self::Marie, Self::Paul, Self::Anne];

    pub(crate) fn email(self) -> &'static str {
        match self {
            Self::County => COUNTY,
            Self::Marie => "marie@fleury.example",
            Self::Paul => "paul@auneuil.example",
            Self::Anne => "anne@oise.example",
        }
    }

    /// Returns their reach when the sequence begins.
    pub(crate) fn first_reach(self) -> Reach {
        match self {
            Self::County => Reach::County,
            Self::Marie => Reach::Libraries(&[FLEURY]),
            Self::Paul => Reach::Libraries(&[AUNEUIL]),
            Self::Anne => Reach::Libraries(&LIBRARIES),
        }
    }
}

/// The registrations that a member of staff may see and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    County,
    Libraries(&'static [&'static str]),
}

impl Reach {
    pub(crate) const ALL: [Self; 4] =
        [Self::County, Self::Libraries(&[FLEURY]), Self::Libraries(&[AUNEUIL]), Self::Libraries(&LIBRARIES)];

    pub(crate) fn holds(self, library: &str) -> bool {
        self.libraries().is_none_or(|own| own.contains(&library))
    }

    pub(crate) fn role(self) -> &'static str {
        if self == Self::County { "county" } else { "librarian" }
    }

    /// Returns the libraries in reach; `None` is the whole county.
    pub(crate) fn libraries(self) -> Option<&'static [&'static str]> {
        match self {
            Self::County => None,
            Self::Libraries(own) => Some(own),
        }
    }
}

/// An address with or without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Address {
    Staff(Who),
    Patron(usize),
}

impl Address {
    /// Returns the address that is written like this.
    pub(crate) fn of(text: &str) -> Self {
        let patrons = (0..EMAILS).map(Self::Patron);
        let mut known = patrons.chain(Who::ALL.map(Self::Staff));
        known.find(|of| of.email() == text).expect("a known address")
    }

    pub(crate) fn email(self) -> String {
        match self {
            Self::Staff(who) => who.email().to_owned(),
            Self::Patron(n) => format!("usager{n}@orange.example"),
        }
    }
}
