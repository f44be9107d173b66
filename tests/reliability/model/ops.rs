//! The operations of a sequence.

use super::people::{Address, Reach, Who};
use crate::support::{AUNEUIL, FLEURY, Fault};

pub(crate) const LIBRARIES: [&str; 2] = [FLEURY, AUNEUIL];
/// The resources: id and name.
pub(crate) const RESOURCES: [(&str, &str); 2] = [("musicme", "MusicMe"), ("skilleos", "Skilleos")];
/// The number of patrons' addresses: few, so that registrations share them.
pub(crate) const EMAILS: usize = 4;
/// The number of persons: few, so that the same one is registered again.
pub(crate) const PEOPLE: usize = 4;
/// The passwords; the last one is never set.
pub(crate) const PASSWORDS: [&str; 3] = [crate::support::PASSWORD, "Parapluie-Cactus-17?", "Chaussette-Lune-88!"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Active,
    Expired,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn in_french(self) -> &'static str {
        match self {
            Self::Pending => "En attente",
            Self::Active => "Validé",
            Self::Expired => "Expiré",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Town(usize),
    Name(usize),
    /// Moves the registration, into the household of the address if `household` is set.
    Email {
        of: Address,
        household: bool,
    },
    Library(&'static str),
    Resource(usize),
}

/// The use of a password link.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// The link is opened without a password, as mail scanners do.
    Look,
    Weak,
    Password(usize),
}

/// A delivery event from SES, from mildest to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    BouncedForNow,
    BouncedForGood,
    Complained,
}

impl Event {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BouncedForNow => "bounced-for-now",
            Self::BouncedForGood => "bounced-for-good",
            Self::Complained => "complained",
        }
    }
}

/// One operation. `which` picks a record, sometimes one that is erased; `nth` counts from the newest.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Register {
        by: Who,
        form: Form,
        key: Option<usize>,
    },
    Correct {
        by: Who,
        which: usize,
        change: Change,
        stale: bool,
    },
    Activate {
        by: Who,
        which: usize,
    },
    Renew {
        by: Who,
        which: usize,
    },
    Erase {
        by: Who,
        which: usize,
    },
    Read {
        by: Who,
        which: usize,
    },
    History {
        by: Who,
        which: usize,
    },
    List {
        by: Who,
        status: Option<Status>,
    },
    Export {
        by: Who,
        status: Option<Status>,
    },
    AskLink {
        of: Address,
    },
    FollowLink {
        nth: usize,
        choice: Choice,
    },
    SignIn {
        of: Address,
        password: usize,
    },
    SignOut {
        nth: usize,
    },
    SignOutEverywhere {
        nth: usize,
    },
    Me {
        nth: usize,
    },
    /// Gives the password again, and a code if the account has a second factor.
    Confirm {
        nth: usize,
        password: usize,
    },
    BeginEnrolment {
        nth: usize,
    },
    /// Sends the first code of the enrolment that was begun last.
    Enrol {
        nth: usize,
    },
    TakeFactorOff {
        nth: usize,
    },
    /// Sets, changes or removes a library's address.
    Library {
        by: Who,
        library: &'static str,
        email: Option<usize>,
    },
    Resource {
        by: Who,
        resource: usize,
        active: bool,
    },
    /// Adds, changes or removes a member of staff.
    Staff {
        by: Who,
        who: Who,
        reach: Option<Reach>,
    },
    /// A delivery event of the nth newest message that went out.
    DeliveryEvent {
        nth: usize,
        event: Event,
    },
    Jobs {
        at_once: usize,
    },
    Purge,
    /// Hands stream records over: how many, from which place, in which order, and how often.
    Deliver {
        from: usize,
        count: usize,
        backwards: bool,
        times: usize,
    },
    Days(i64),
    Minutes(i64),
    /// Sets the clock back by an hour.
    HourBack,
}

/// The form that a librarian fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) library: &'static str,
    pub(crate) of: Address,
    pub(crate) name: usize,
    /// Whether the librarian has confirmed that they share the household.
    pub(crate) household: bool,
    pub(crate) resource: usize,
    /// Whether the form has a provisional password.
    pub(crate) provisional: bool,
}

/// A step: an operation, and optionally the number of the call that fails, with its fault.
pub(crate) type Step = (Op, Option<(i64, Fault)>);
