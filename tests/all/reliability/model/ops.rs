//! What may happen at the desk, drawn at random.

use proptest::prelude::*;

use crate::support::{AUNEUIL, FLEURY, Fault};

pub(crate) const LIBRARIES: [&str; 2] = [FLEURY, AUNEUIL];
/// So few that they meet.
const EMAILS: usize = 6;

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    County,
    /// Of Fleury.
    Marie,
    /// Of Auneuil.
    Paul,
    /// Of both.
    Anne,
}

impl Who {
    pub(crate) const ALL: [Self; 4] = [Self::County, Self::Marie, Self::Paul, Self::Anne];

    pub(crate) fn email(self) -> &'static str {
        match self {
            Self::County => crate::support::COUNTY,
            Self::Marie => "marie@fleury.example",
            Self::Paul => "paul@auneuil.example",
            Self::Anne => "anne@oise.example",
        }
    }

    /// Their own libraries; the county's are all.
    pub(crate) fn reaches(self, library: &str) -> bool {
        match self {
            Self::County | Self::Anne => true,
            Self::Marie => library == FLEURY,
            Self::Paul => library == AUNEUIL,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Town(usize),
    Email(usize),
    Library(&'static str),
}

/// `which` picks one of the records there are, and sometimes one that is gone.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Register {
        by: Who,
        library: &'static str,
        email: usize,
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
    AskLink {
        email: usize,
    },
    Read {
        by: Who,
        which: usize,
    },
    List {
        by: Who,
    },
    /// A library gets an address, or loses it.
    Address {
        library: &'static str,
        there: bool,
    },
    Jobs {
        at_once: usize,
    },
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

/// A step: what happens, and which call of it fails how.
pub(crate) type Step = (Op, Option<(i64, Fault)>);

fn who() -> impl Strategy<Value = Who> {
    prop::sample::select(&Who::ALL[..])
}

fn library() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&LIBRARIES[..])
}

fn op() -> impl Strategy<Value = Op> {
    let which = || 0..5_usize;
    let change = prop_oneof![
        (0..3_usize).prop_map(Change::Town),
        (0..EMAILS).prop_map(Change::Email),
        library().prop_map(Change::Library),
    ];
    prop_oneof![
        6 => (who(), library(), 0..EMAILS, prop::option::of(0..3_usize))
            .prop_map(|(by, library, email, key)| Op::Register { by, library, email, key }),
        6 => (who(), which(), change, prop::bool::weighted(0.2))
            .prop_map(|(by, which, change, stale)| Op::Correct { by, which, change, stale }),
        4 => (who(), which()).prop_map(|(by, which)| Op::Activate { by, which }),
        2 => (who(), which()).prop_map(|(by, which)| Op::Renew { by, which }),
        1 => (who(), which()).prop_map(|(by, which)| Op::Erase { by, which }),
        2 => (0..EMAILS).prop_map(|email| Op::AskLink { email }),
        2 => (who(), which()).prop_map(|(by, which)| Op::Read { by, which }),
        1 => who().prop_map(|by| Op::List { by }),
        1 => (library(), any::<bool>()).prop_map(|(library, there)| Op::Address { library, there }),
        4 => (1..4_usize).prop_map(|at_once| Op::Jobs { at_once }),
        4 => (0..12_usize, 1..12_usize, any::<bool>(), 1..3_usize)
            .prop_map(|(from, count, backwards, times)| Op::Deliver { from, count, backwards, times }),
        3 => prop::sample::select(&[1_i64, 2, 3, 8, 30, 335, 365][..]).prop_map(Op::Days),
        2 => prop::sample::select(&[1_i64, 2, 61, 120][..]).prop_map(Op::Minutes),
        3 => Just(Op::HourBack),
    ]
}

/// A sequence, with a fault at every third step or so.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fault = prop::option::weighted(0.4, (1..7_i64, prop::sample::select(&Fault::ALL[..])));
    prop::collection::vec((op(), fault), 30..60)
}
