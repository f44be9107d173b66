//! What may happen at the desk.

use super::people::{Address, Reach, Who};
use crate::support::{AUNEUIL, FLEURY, Fault};

pub(crate) const LIBRARIES: [&str; 2] = [FLEURY, AUNEUIL];
/// Id and name.
pub(crate) const RESOURCES: [(&str, &str); 2] = [("musicme", "MusicMe"), ("skilleos", "Skilleos")];
/// Patrons' addresses: so few that they meet.
pub(crate) const EMAILS: usize = 6;
/// The last one is nobody's.
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
    Email(usize),
    Library(&'static str),
    Resource(usize),
}

/// What is done with a link.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// It is looked at, as mail scanners do.
    Look,
    Weak,
    Password(usize),
}

/// What SES tells of a mail, in the order in which one outdoes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told {
    BouncedForNow,
    BouncedForGood,
    Complained,
}

impl Told {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BouncedForNow => "bounced-for-now",
            Self::BouncedForGood => "bounced-for-good",
            Self::Complained => "complained",
        }
    }
}

/// `which` picks one of the records there are, and sometimes one that is gone; `nth` counts from the newest.
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
    Me {
        nth: usize,
    },
    /// A library gets an address, another one, or loses it.
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
    /// Somebody is taken on, changed, or removed.
    Staff {
        by: Who,
        who: Who,
        reach: Option<Reach>,
    },
    /// Of a mail that went out.
    Told {
        nth: usize,
        told: Told,
    },
    Jobs {
        at_once: usize,
    },
    Purge,
    /// Stream records are handed over: in which order, from the end or the beginning, how many, and how often.
    Deliver {
        from: usize,
        count: usize,
        backwards: bool,
        times: usize,
    },
    Days(i64),
    Minutes(i64),
    /// The clock steps back by an hour.
    HourBack,
}

/// What a librarian fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) library: &'static str,
    pub(crate) email: usize,
    pub(crate) resource: usize,
    /// Whether with a provisional password.
    pub(crate) provisional: bool,
}

/// A step: what happens, and which call of it fails how.
pub(crate) type Step = (Op, Option<(i64, Fault)>);
